package sim

import (
	"sync"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

	"weir/host/geyser"
)

// levels are the commitment levels in their order; a level is its own index into them.
const levels = 3

// What the real server's block reconstruction keeps and sweeps (block_reconstruction_v2.rs).
const (
	minFinalized = 10  // finalized slots kept before the oldest may go
	staleSlots   = 300 // how far behind the newest slot an unfinished one is given up
	sweepEvery   = 50
)

// chain is the server's memory of slots: it freezes each slot once it is whole, says when its content is due at which
// commitment, and answers replays. The feed's goroutine writes it, streams read it.
type chain struct {
	capacity int  // frozen slots kept; 0 keeps none for replay
	every    bool // each update at each commitment as it comes

	mu        sync.Mutex    // guards everything below
	due       []publication // what add returns, used again
	open      map[bankKey]*openSlot
	frozen    []*frozenSlot                 // by slot; of one slot, in the order of freezing
	floor     map[uint64]pb.CommitmentLevel // what a slot has reached, frozen or not
	banks     map[uint64][]uint64           // the banks of a slot that are not lost
	winner    map[uint64]uint64             // the bank of a slot that was confirmed, or is the only one
	lost      map[bankKey]struct{}          // banks of slots that another bank won, or that died
	newest    uint64
	swept     uint64
	finalized int
	current   uint64 // every: the slot that is open
	started   bool   // every: current is set
}

// publication is a message that is due at a commitment.
type publication struct {
	level   pb.CommitmentLevel
	message *message
}

func newChain(capacity int, every bool) *chain {
	return &chain{capacity: capacity, every: every, open: map[bankKey]*openSlot{}, floor: map[uint64]pb.CommitmentLevel{},
		banks: map[uint64][]uint64{}, winner: map[uint64]uint64{}, lost: map[bankKey]struct{}{}}
}

// add takes one update of the feed. It returns what is due now, in order, valid until the next add.
func (c *chain) add(m *message) []publication {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.due)
	c.due = c.due[:0]
	if c.every {
		c.addEvery(m)
	} else {
		c.addCommitted(m)
	}
	return c.due
}

func (c *chain) publish(level pb.CommitmentLevel, m *message) {
	c.due = append(c.due, publication{level, m})
}

func (c *chain) addCommitted(m *message) {
	c.observe(m.slot)
	switch m.kind {
	case geyser.KindSlot:
		c.addStatus(m)
	case geyser.KindAccount, geyser.KindTransaction, geyser.KindTransactionStatus, geyser.KindEntry, geyser.KindBlockFooter:
		c.publish(pb.CommitmentLevel_PROCESSED, m)
		if m.kind == geyser.KindAccount && m.update.GetAccount().GetIsStartup() {
			return // the start-up snapshot is no part of a slot
		}
		c.gather(m)
	case geyser.KindBlock, geyser.KindBlockMeta:
		c.gather(m)
	}
}

// gather adds m to its bank. A frozen bank takes no more, and one that has lost is not taken up again.
func (c *chain) gather(m *message) {
	key := keyOf(m)
	if _, lost := c.lost[key]; lost || c.find(key) != nil {
		return
	}
	c.slot(key).add(m)
	c.tryFreeze(key)
}

// addEvery serves m at every commitment. A slot is frozen, and replayed as finalized, once the feed has left it.
func (c *chain) addEvery(m *message) {
	for level := range pb.CommitmentLevel(levels) {
		c.publish(level, m)
	}
	if m.kind == geyser.KindUnknown || m.kind == geyser.KindPing || m.kind == geyser.KindPong {
		return
	}
	if c.started && m.slot != c.current {
		c.freeze(bankKey{slot: c.current})
	}
	c.current, c.started = m.slot, true
	if m.kind == geyser.KindSlot && !isCommitment(m.update.GetSlot().GetStatus()) {
		return
	}
	if c.capacity > 0 {
		c.slot(bankKey{slot: m.slot}).add(m)
	}
}

// addStatus serves a slot's life-cycle status at once, at every commitment, and keeps a commitment status back until the
// slot is frozen: no stream sees a slot's status before its content.
func (c *chain) addStatus(m *message) {
	s := m.update.GetSlot()
	if !isCommitment(s.GetStatus()) {
		for level := range pb.CommitmentLevel(levels) {
			c.publish(level, m)
		}
		c.addLifeCycle(m)
		return
	}
	key, named := bankKey{slot: m.slot}, false
	if key.bank, named = geyser.BankID(m.update); !named {
		key = c.sole(m.slot)
	}
	if _, lost := c.lost[key]; lost {
		return
	}
	if s.Parent != nil && (named || len(c.banks[m.slot]) <= 1) && c.find(key) == nil {
		c.slot(key).parent = s.Parent
	}
	level := pb.CommitmentLevel(s.GetStatus())
	if named && level > pb.CommitmentLevel_PROCESSED && !c.settle(key) {
		return
	}
	c.raise(m.slot, level)
}

func (c *chain) addLifeCycle(m *message) {
	s := m.update.GetSlot()
	switch s.GetStatus() {
	case pb.SlotStatus_SLOT_DEAD:
		c.drop(m.slot)
	case pb.SlotStatus_SLOT_CREATED_BANK:
		key := keyOf(m)
		if _, lost := c.lost[key]; !lost && c.find(key) == nil {
			c.slot(key).parent = s.Parent
		}
	}
}

// isCommitment tells a commitment status, whose number is the commitment's, from a life-cycle status.
func isCommitment(s pb.SlotStatus) bool { return s <= pb.SlotStatus_SLOT_FINALIZED }

// raise notes that the slot has reached level, and its ancestors with it: the validator doesn't report every slot.
func (c *chain) raise(slot uint64, level pb.CommitmentLevel) {
	for {
		at, known := c.floor[slot]
		already := known && at >= level
		if !already {
			c.floor[slot] = level
		}
		bank, ok := c.resolve(slot)
		if !ok {
			return
		}
		key := bankKey{slot, bank}
		if f := c.find(key); f != nil {
			c.deliver(f, level)
		}
		parent, ok := c.parent(key)
		if already || !ok || len(c.banks[parent]) == 0 {
			return
		}
		slot = parent
	}
}

func (c *chain) parent(key bankKey) (uint64, bool) {
	if f := c.find(key); f != nil {
		return f.parent, f.parent < key.slot
	}
	if o := c.open[key]; o != nil && o.parent != nil {
		return *o.parent, *o.parent < key.slot
	}
	return 0, false
}

// deliver publishes what is due when a frozen slot reaches level: data (at processed it went out before), then block,
// block meta and the status of each level on the way.
func (c *chain) deliver(f *frozenSlot, level pb.CommitmentLevel) {
	for at := f.reached + 1; at <= int(level); at++ {
		f.reached = at
		lane := pb.CommitmentLevel(at)
		if lane != pb.CommitmentLevel_PROCESSED {
			for _, m := range f.data {
				c.publish(lane, m)
			}
		}
		if f.block != nil {
			c.publish(lane, f.block)
		}
		c.publish(lane, f.meta)
		status := f.status(lane, time.Now())
		f.statuses = append(f.statuses, status)
		for all := range pb.CommitmentLevel(levels) {
			c.publish(all, status)
		}
		if lane == pb.CommitmentLevel_FINALIZED {
			c.finalized++
			c.evict()
		}
	}
}
