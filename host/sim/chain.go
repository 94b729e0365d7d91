package sim

import (
	"slices"
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
	open      map[uint64]*openSlot
	frozen    []*frozenSlot // by slot
	floor     map[uint64]pb.CommitmentLevel
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
	return &chain{capacity: capacity, every: every, open: map[uint64]*openSlot{}, floor: map[uint64]pb.CommitmentLevel{}}
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
		if c.find(m.slot) == nil {
			c.slot(m.slot).add(m)
			c.tryFreeze(m.slot)
		}
	case geyser.KindBlock, geyser.KindBlockMeta:
		if c.find(m.slot) == nil {
			c.slot(m.slot).add(m)
			c.tryFreeze(m.slot)
		}
	}
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
		c.freeze(c.current)
	}
	c.current, c.started = m.slot, true
	if m.kind == geyser.KindSlot && !isCommitment(m.update.GetSlot().GetStatus()) {
		return
	}
	if c.capacity > 0 {
		c.slot(m.slot).add(m)
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
		if s.GetStatus() == pb.SlotStatus_SLOT_DEAD {
			c.drop(m.slot)
		}
		return
	}
	if s.Parent != nil && c.find(m.slot) == nil {
		c.slot(m.slot).parent = s.Parent
	}
	c.raise(m.slot, pb.CommitmentLevel(s.GetStatus()))
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
		f := c.find(slot)
		if f != nil {
			c.deliver(f, level)
		}
		parent, ok := c.parent(slot, f)
		if already || !ok || (c.open[parent] == nil && c.find(parent) == nil) {
			return
		}
		slot = parent
	}
}

func (c *chain) parent(slot uint64, f *frozenSlot) (uint64, bool) {
	if f != nil {
		return f.parent, f.parent < slot
	}
	if o := c.open[slot]; o != nil && o.parent != nil {
		return *o.parent, *o.parent < slot
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

func (c *chain) slot(slot uint64) *openSlot {
	o := c.open[slot]
	if o == nil {
		o = &openSlot{slot: slot, versions: map[string]uint64{}}
		c.open[slot] = o
	}
	return o
}

// tryFreeze freezes the slot once its block meta is there and all that the meta counts.
func (c *chain) tryFreeze(slot uint64) {
	if o := c.open[slot]; o != nil && o.whole() {
		c.freeze(slot)
		if level, ok := c.floor[slot]; ok {
			c.deliver(c.find(slot), level)
		}
	}
}

func (c *chain) freeze(slot uint64) {
	o := c.open[slot]
	if o == nil {
		return
	}
	delete(c.open, slot)
	f := o.freeze(c.every)
	i, found := slices.BinarySearchFunc(c.frozen, slot, bySlot)
	if found { // a recording may come back to a slot
		f.data = append(slices.Clip(c.frozen[i].data), f.data...)
		f.statuses = append(slices.Clip(c.frozen[i].statuses), f.statuses...)
		if f.block == nil {
			f.block = c.frozen[i].block
		}
		if f.meta == nil {
			f.meta = c.frozen[i].meta
		}
		c.frozen[i] = f
	} else {
		c.frozen = slices.Insert(c.frozen, i, f)
		if c.every {
			c.finalized++
		}
	}
	c.evict()
}

func bySlot(f *frozenSlot, slot uint64) int {
	switch {
	case f.slot < slot:
		return -1
	case f.slot > slot:
		return 1
	}
	return 0
}

func (c *chain) find(slot uint64) *frozenSlot {
	if i, ok := slices.BinarySearchFunc(c.frozen, slot, bySlot); ok {
		return c.frozen[i]
	}
	return nil
}

// evict forgets the oldest frozen slots. Like the real server it waits for finalized ones, but not for ever: a feed
// without statuses must not fill the memory.
func (c *chain) evict() {
	keep := max(c.capacity, 1)
	for len(c.frozen) > keep && (c.finalized > min(minFinalized, keep) || len(c.frozen) > 2*keep+staleSlots) {
		c.forget(0)
	}
}

func (c *chain) forget(i int) {
	f := c.frozen[i]
	if f.reached == int(pb.CommitmentLevel_FINALIZED) {
		c.finalized--
	}
	delete(c.floor, f.slot)
	c.frozen = slices.Delete(c.frozen, i, i+1)
}

// drop forgets a dead slot.
func (c *chain) drop(slot uint64) {
	delete(c.open, slot)
	if i, ok := slices.BinarySearchFunc(c.frozen, slot, bySlot); ok {
		c.forget(i)
	}
	delete(c.floor, slot)
}

// observe gives up what has been unfinished for too long.
func (c *chain) observe(slot uint64) {
	if slot <= c.newest {
		return
	}
	c.newest = slot
	if c.newest-c.swept < sweepEvery || c.newest < staleSlots {
		return
	}
	c.swept = c.newest
	old := c.newest - staleSlots
	for s := range c.open {
		if s < old {
			delete(c.open, s)
		}
	}
	for s := range c.floor {
		if s < old && c.find(s) == nil {
			delete(c.floor, s)
		}
	}
}
