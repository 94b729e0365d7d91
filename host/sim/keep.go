package sim

import (
	"cmp"
	"slices"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// tryFreeze freezes the bank once its block meta is there and all that the meta counts.
func (c *chain) tryFreeze(key bankKey) {
	o := c.open[key]
	if o == nil || !o.whole() {
		return
	}
	c.freeze(key)
	level, known := c.floor[key.slot]
	if bank, ok := c.resolve(key.slot); known && ok && bank == key.bank {
		c.deliver(c.find(key), level)
	}
}

func (c *chain) freeze(key bankKey) {
	o := c.open[key]
	if o == nil {
		return
	}
	delete(c.open, key)
	f := o.freeze(c.every)
	i, found := c.search(key)
	if found { // a recording may come back to a slot
		f.append(c.frozen[i])
		c.frozen[i] = f
	} else {
		c.frozen = slices.Insert(c.frozen, i, f)
		if c.every {
			c.finalized++
		}
	}
	c.evict()
}

// append puts what the slot had before in front.
func (f *frozenSlot) append(before *frozenSlot) {
	f.data = append(slices.Clip(before.data), f.data...)
	f.statuses = append(slices.Clip(before.statuses), f.statuses...)
	if f.block == nil {
		f.block = before.block
	}
	if f.meta == nil {
		f.meta = before.meta
	}
}

// isFrozen tells whether a bank of the slot is frozen.
func (c *chain) isFrozen(slot uint64) bool {
	_, ok := slices.BinarySearchFunc(c.frozen, slot, bySlot)
	return ok
}

func bySlot(f *frozenSlot, slot uint64) int { return cmp.Compare(f.slot, slot) }

// search returns where the frozen bank is, or where it belongs.
func (c *chain) search(key bankKey) (int, bool) {
	i, _ := slices.BinarySearchFunc(c.frozen, key.slot, bySlot)
	for ; i < len(c.frozen) && c.frozen[i].slot == key.slot; i++ {
		if c.frozen[i].bank == key.bank {
			return i, true
		}
	}
	return i, false
}

func (c *chain) find(key bankKey) *frozenSlot {
	if i, ok := c.search(key); ok {
		return c.frozen[i]
	}
	return nil
}

// evict forgets the oldest frozen slots. Like the real server it waits for finalized ones, but not for ever: a feed
// without statuses must not fill the memory.
func (c *chain) evict() {
	keep := max(c.capacity, 1)
	for len(c.frozen) > keep && (c.finalized > min(minFinalized, keep) || len(c.frozen) > 2*keep+staleSlots) {
		slot := c.frozen[0].slot
		c.remove(0)
		if len(c.frozen) == 0 || c.frozen[0].slot != slot {
			delete(c.floor, slot)
			delete(c.banks, slot)
			delete(c.winner, slot)
		}
	}
}

func (c *chain) remove(i int) {
	if c.frozen[i].reached == int(pb.CommitmentLevel_FINALIZED) {
		c.finalized--
	}
	c.frozen = slices.Delete(c.frozen, i, i+1)
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
	for key := range c.open {
		if key.slot < old {
			delete(c.open, key)
		}
	}
	for key := range c.lost {
		if key.slot < old {
			delete(c.lost, key)
		}
	}
	sweep(c, c.floor, old)
	sweep(c, c.banks, old)
	sweep(c, c.winner, old)
}

// sweep forgets the old slots of m that were not frozen.
func sweep[V any](c *chain, m map[uint64]V, old uint64) {
	for slot := range m {
		if slot < old && !c.isFrozen(slot) {
			delete(m, slot)
		}
	}
}
