package sim

import (
	"context"
	"errors"
	"io"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

	"weir/host/geyser"
)

// paceSlack is how early an item may go out, so that the feed sleeps once for many of them.
const paceSlack = time.Millisecond

// broadcast takes the feed's items and gives them to the chain, and through it to the rings. It returns nil when the feed
// or ctx ends. It is the feed's only caller.
func (s *Server) broadcast(ctx context.Context) error {
	select {
	case <-s.started:
	case <-ctx.Done():
		return nil
	}
	if s.set.Feed == nil {
		return nil
	}
	begin := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for n := uint64(0); ctx.Err() == nil; n++ { // a feed may be too busy to look
		item, err := s.set.Feed.Next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			s.count.feedDone.Store(true)
			return nil
		case err != nil && ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		due := item.At
		if s.set.Rate > 0 {
			due = max(due, time.Duration(float64(n)/s.set.Rate*float64(time.Second)))
		}
		if early := due - time.Since(begin); due > 0 && early > paceSlack {
			timer.Reset(early)
			select {
			case <-timer.C:
			case <-ctx.Done():
				return nil
			}
		}
		if !s.take(ctx, item) {
			return nil
		}
	}
	return nil
}

// take broadcasts one item. It reports false when ctx has ended.
func (s *Server) take(ctx context.Context, item Item) bool {
	m := newMessage(item.Update, item.Payload, time.Now())
	s.count.items.Add(1)
	switch m.kind {
	case geyser.KindPing, geyser.KindPong, geyser.KindUnknown:
		return true
	case geyser.KindSlot, geyser.KindBlockMeta, geyser.KindBlock:
		s.tip.add(m, s.set.EveryCommitment)
	}
	for _, p := range s.chain.add(m) {
		if !s.makeRoom(ctx, p.level) {
			return false
		}
		s.rings[p.level].publish(p.message)
	}
	return true
}

// makeRoom waits, where nothing may be lost, until no stream would be overrun by one more message. It reports false when
// ctx has ended.
func (s *Server) makeRoom(ctx context.Context, level pb.CommitmentLevel) bool {
	r := s.rings[level]
	if !s.set.Lossless || r.head.Load() < s.room[level] {
		return true
	}
	enough := min(r.capacity()/2+1, 1024)
	for {
		s.starved.Store(true)
		if free := r.capacity() - s.slowest(r); free >= enough {
			s.starved.Store(false)
			s.room[level] = r.head.Load() + free
			return true
		}
		select {
		case <-s.space:
		case <-ctx.Done():
			return false
		}
	}
}

// slowest returns how far the last of r's streams is behind.
func (s *Server) slowest(r *ring) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var far uint64
	for sub := range s.live {
		far = max(far, sub.behind(r))
	}
	return far
}

// advanced tells a feed that waits that a stream has moved on.
func (s *Server) advanced() {
	if s.starved.Load() {
		signal(s.space)
	}
}
