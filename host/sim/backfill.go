package sim

import (
	"fmt"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// The real server's answers to a from_slot that it cannot serve (grpc.rs, client_loop).
var (
	errReplayOff   = status.Error(codes.Internal, "from_slot is not supported")
	errReplayEmpty = status.Error(codes.Internal, "failed to get replay response")
)

func errReplayGone(from, first uint64) error {
	return status.Error(codes.OutOfRange, fmt.Sprintf("broadcast from %d is not available, last available: %d", from, first))
}

// replay returns what a stream at level missed since from: the frozen slots that have reached level, each as data, block,
// block meta and statuses. The slot that is open is not among them.
func (c *chain) replay(from uint64, level pb.CommitmentLevel) ([]*message, error) {
	if c.capacity <= 0 {
		return nil, errReplayOff
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.frozen) > 0 && from < c.frozen[0].slot {
		return nil, errReplayGone(from, c.frozen[0].slot)
	}
	var out []*message
	now := time.Now()
	for _, f := range c.frozen {
		if f.slot >= from && max(f.reached, 0) >= int(level) {
			out = f.replay(out, now)
		}
	}
	if len(out) == 0 {
		return nil, errReplayEmpty
	}
	return out, nil
}

func (f *frozenSlot) replay(out []*message, now time.Time) []*message {
	out = append(out, f.data...)
	if f.block != nil {
		out = append(out, f.block)
	}
	if f.meta != nil {
		out = append(out, f.meta)
	}
	if len(f.statuses) == 0 && f.reached < 0 {
		return append(out, f.status(pb.CommitmentLevel_PROCESSED, now))
	}
	return append(out, f.statuses...)
}

// first returns the first slot that can be replayed, false before there is one.
func (c *chain) first() (uint64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.frozen) == 0 {
		return 0, false
	}
	return c.frozen[0].slot, true
}
