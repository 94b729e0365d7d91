package sim

import (
	"slices"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

	"weir/host/geyser"
)

// bankKey names one version of a slot: forks of it differ in their bank id. A feed without bank ids has bank 0 only.
type bankKey struct{ slot, bank uint64 }

func keyOf(m *message) bankKey {
	id, _ := geyser.BankID(m.update)
	return bankKey{m.slot, id}
}

// slot returns the open bank, and notes that the slot has it.
func (c *chain) slot(key bankKey) *openSlot {
	o := c.open[key]
	if o == nil {
		o = &openSlot{bankKey: key, versions: map[string]uint64{}}
		c.open[key] = o
		if !slices.Contains(c.banks[key.slot], key.bank) {
			c.banks[key.slot] = append(c.banks[key.slot], key.bank)
		}
	}
	return o
}

// sole returns the bank that an update without a bank id is about.
func (c *chain) sole(slot uint64) bankKey {
	bank, _ := c.resolve(slot)
	return bankKey{slot, bank}
}

// resolve returns the slot's bank: the one that was confirmed, else the first one, if it was alone when it was needed.
// Two banks that are only processed have no precedence.
func (c *chain) resolve(slot uint64) (uint64, bool) {
	if bank, ok := c.winner[slot]; ok {
		return bank, true
	}
	if banks := c.banks[slot]; len(banks) == 1 {
		c.winner[slot] = banks[0]
		return banks[0], true
	}
	return 0, false
}

// settle makes a bank that was confirmed its slot's winner, and forgets the others. It reports false where another one
// was confirmed before.
func (c *chain) settle(key bankKey) bool {
	if bank, ok := c.winner[key.slot]; ok && bank != key.bank {
		if f := c.find(bankKey{key.slot, bank}); f != nil && f.reached >= int(pb.CommitmentLevel_CONFIRMED) {
			return false
		}
	}
	c.winner[key.slot] = key.bank
	for _, bank := range c.banks[key.slot] {
		if bank != key.bank {
			c.lose(bankKey{key.slot, bank})
		}
	}
	c.banks[key.slot] = []uint64{key.bank}
	return true
}

func (c *chain) lose(key bankKey) {
	c.lost[key] = struct{}{}
	delete(c.open, key)
	if i, ok := c.search(key); ok {
		c.remove(i)
	}
}

// drop forgets a dead slot.
func (c *chain) drop(slot uint64) {
	for _, bank := range c.banks[slot] {
		c.lose(bankKey{slot, bank})
	}
	delete(c.banks, slot)
	delete(c.winner, slot)
	delete(c.floor, slot)
}
