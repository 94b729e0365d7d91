package sim

import (
	"sync"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Solana's and the real server's numbers (solana-clock MAX_RECENT_BLOCKHASHES; grpc.rs, BlockMetaStorage).
const (
	maxRecentBlockhashes = 300
	blockhashesToAnswer  = maxRecentBlockhashes + 32
	metasKept            = 3 // slots behind the finalized one
)

// The real server's answers before it knows enough.
var (
	errNoBlock = status.Error(codes.Internal, "block is not available yet")
	errStartup = status.Error(codes.Internal, "startup")
	errBuild   = status.Error(codes.Internal, "failed to build response")
)

// tip is what the unary methods answer from: the newest slot of each commitment, and the blocks' metas and hashes. It
// goes by the validator's statuses as they come, frozen or not.
type tip struct {
	mu     sync.RWMutex // guards all below
	at     [levels]uint64
	known  [levels]bool
	metas  map[uint64]*pb.SubscribeUpdateBlockMeta
	hashes map[string]*hashStatus
}

type hashStatus struct {
	slot    uint64
	reached [levels]bool
}

func newTip() *tip {
	return &tip{metas: map[uint64]*pb.SubscribeUpdateBlockMeta{}, hashes: map[string]*hashStatus{}}
}

// add takes a slot, a block or a block meta. With every, a block meta is at all commitments at once.
func (t *tip) add(m *message, every bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch o := m.update.GetUpdateOneof().(type) {
	case *pb.SubscribeUpdate_Slot:
		if s := o.Slot.GetStatus(); isCommitment(s) && !every {
			t.reach(m.slot, pb.CommitmentLevel(s))
		}
		return
	case *pb.SubscribeUpdate_BlockMeta:
		t.metas[m.slot] = o.BlockMeta
	case *pb.SubscribeUpdate_Block:
		t.metas[m.slot] = metaOf(o.Block).GetBlockMeta()
	}
	if every {
		for level := range pb.CommitmentLevel(levels) {
			t.reach(m.slot, level)
		}
	}
}

func (t *tip) reach(slot uint64, level pb.CommitmentLevel) {
	t.at[level], t.known[level] = slot, true
	if meta := t.metas[slot]; meta != nil {
		h := t.hashes[meta.GetBlockhash()]
		if h == nil {
			h = &hashStatus{slot: slot}
			t.hashes[meta.GetBlockhash()] = h
		}
		h.reached[level] = true
	}
	if level != pb.CommitmentLevel_FINALIZED {
		return
	}
	for s := range t.metas {
		if s+metasKept < slot {
			delete(t.metas, s)
		}
	}
	for hash, h := range t.hashes {
		if h.slot+blockhashesToAnswer < slot {
			delete(t.hashes, hash)
		}
	}
}

// level checks a request's commitment, PROCESSED where it has none.
func level(c *pb.CommitmentLevel) (pb.CommitmentLevel, error) {
	if c == nil {
		return pb.CommitmentLevel_PROCESSED, nil
	}
	if *c < 0 || *c >= levels {
		return 0, status.Errorf(codes.Unknown, "failed to create CommitmentLevel from %d", *c)
	}
	return *c, nil
}

// block returns the newest block's meta at a commitment.
func (t *tip) block(c *pb.CommitmentLevel) (*pb.SubscribeUpdateBlockMeta, error) {
	at, err := level(c)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if meta := t.metas[t.at[at]]; t.known[at] && meta != nil {
		return meta, nil
	}
	return nil, errNoBlock
}

// valid tells whether hash is a recent block's at a commitment, and the newest slot at that.
func (t *tip) valid(hash string, c *pb.CommitmentLevel) (bool, uint64, error) {
	at, err := level(c)
	if err != nil {
		return false, 0, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(t.hashes) < blockhashesToAnswer || !t.known[at] {
		return false, 0, errStartup
	}
	h := t.hashes[hash]
	return h != nil && h.reached[at], t.at[at], nil
}
