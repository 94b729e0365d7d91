package chain

import (
	"time"

	"github.com/mr-tron/base58"
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// When within a turn things happen, as recorded: the parent is confirmed in the first half, the bank freezes at the end.
const (
	offBank      = 6 * time.Millisecond
	offBody      = 10 * time.Millisecond
	offConfirmed = 140 * time.Millisecond
	offComplete  = 372 * time.Millisecond
	offMeta      = 380 * time.Millisecond
	offProcessed = 384 * time.Millisecond
	offFinalized = 390 * time.Millisecond
)

// finalLag is how many slots behind the frozen one the finalized one is (recorded: 31).
const finalLag = 31

// turn is what happens in one SlotTime: a slot, nothing, a slot that dies, or one that has two banks, which takes two.
func (c *Chain) turn() {
	c.unix = c.cfg.StartTime.Add(time.Duration(c.turns) * SlotTime).Unix()
	parent, parentHash := c.slot, c.hash
	slot := c.slot + 1
	if c.rnd.chance(c.cfg.SkipEvery) {
		slot++
		c.turns++
		if c.rnd.chance(3) { // the leader's first shreds came, and no more
			c.pushStatus(bank{slot: slot - 1}, pb.SlotStatus_SLOT_FIRST_SHRED_RECEIVED, offBank, Dead)
			c.closeTurn(c.turns - 1)
		}
	}
	dead, fork := c.rnd.chance(c.cfg.DeadEvery), c.rnd.chance(c.cfg.ForkEvery)
	lost := bank{slot: slot, parent: parent, parentHash: parentHash}
	if dead || fork {
		c.lastBank++
		lost.id = c.lastBank
	}
	if dead {
		slot++
	}
	c.lastBank++
	c.bank = bank{slot: slot, parent: parent, id: c.lastBank, parentHash: parentHash}
	versions := c.version
	if dead || fork {
		c.version += 1 << 20 // those before are for the bank that is lost
	}
	c.fill()
	switch {
	case dead:
		c.tellDead(lost, versions)
	case fork:
		c.tellAbandoned(lost, versions)
	}
	c.tell()
}

// fill makes the slot's transactions, accounts and entries.
func (c *Chain) fill() {
	c.body = c.body[:0]
	c.shareVotes()
	c.makeMigrations()
	for _, do := range c.planSlot() {
		do(c)
		if c.unentered > 0 && c.rnd.IntN(4) == 0 {
			c.pushEntry()
		}
	}
	for range 1 + c.rnd.IntN(2) {
		c.pushEntry() // the last transactions, and a tick without any
	}
	c.setHash()
}

// setHash draws the slot's block hash, which the next slot's transactions name.
func (c *Chain) setHash() {
	c.recent = c.mem.take(32)
	c.rnd.fill(c.recent)
	c.hash = base58.Encode(c.recent)
}

// tell queues the slot in hand: its statuses, its body, and what becomes of earlier ones meanwhile.
func (c *Chain) tell() {
	c.height++
	at := c.bank
	if c.rnd.chance(3) {
		c.pushStatus(at, pb.SlotStatus_SLOT_CREATED_BANK, offBank-time.Millisecond, Rooted)
		c.pushStatus(at, pb.SlotStatus_SLOT_FIRST_SHRED_RECEIVED, offBank, Rooted)
	} else {
		c.pushStatus(at, pb.SlotStatus_SLOT_FIRST_SHRED_RECEIVED, offBank-time.Millisecond, Rooted)
		c.pushStatus(at, pb.SlotStatus_SLOT_CREATED_BANK, offBank, Rooted)
	}
	c.spread(c.body, offBody, true)
	c.pushStatus(at, pb.SlotStatus_SLOT_COMPLETED, offComplete, Rooted)
	c.pushMeta(at, offMeta, Rooted)
	c.pushStatus(at, pb.SlotStatus_SLOT_PROCESSED, offProcessed, Rooted)
	c.pending = append(c.pending, at)
	c.rooting = append(c.rooting, at)
	if len(c.rooting) > finalLag {
		c.pushStatus(c.rooting[0], pb.SlotStatus_SLOT_FINALIZED, offFinalized, Rooted)
		c.rooting = append(c.rooting[:0], c.rooting[1:]...)
	}
	c.closeTurn(c.turns)
	c.turns++
}

// spread queues updates evenly over the time to offComplete; on the way the banks that wait for it are confirmed.
func (c *Chain) spread(body []*Update, from time.Duration, confirm bool) {
	step := (offComplete - from) / time.Duration(len(body)+1)
	confirm = confirm && !c.rnd.chance(20) // now and then the votes come a slot late
	for i, u := range body {
		off := from + step*time.Duration(i)
		if confirm && off >= offConfirmed {
			c.confirm(off)
			confirm = false
		}
		u.Offset = off
		c.queue = append(c.queue, u)
	}
	if confirm {
		c.confirm(offConfirmed)
	}
}

func (c *Chain) confirm(at time.Duration) {
	for _, b := range c.pending {
		c.pushStatus(b, pb.SlotStatus_SLOT_CONFIRMED, at, Rooted)
	}
	c.pending = c.pending[:0]
}

// tellDead queues a bank that dies: its transactions are those that the next slot takes up again.
func (c *Chain) tellDead(lost bank, version uint64) {
	c.pushStatus(lost, pb.SlotStatus_SLOT_FIRST_SHRED_RECEIVED, offBank-time.Millisecond, Dead)
	c.pushStatus(lost, pb.SlotStatus_SLOT_CREATED_BANK, offBank, Dead)
	c.spread(c.again(c.body[:len(c.body)/2], lost, Dead, version), offBody, true)
	c.pushStatus(lost, pb.SlotStatus_SLOT_DEAD, offComplete, Dead)
	c.closeTurn(c.turns)
	c.turns++
}

// tellAbandoned queues a bank that freezes, and after which the slot gets the bank that stays.
func (c *Chain) tellAbandoned(lost bank, version uint64) {
	c.pushStatus(lost, pb.SlotStatus_SLOT_FIRST_SHRED_RECEIVED, offBank-time.Millisecond, Abandoned)
	c.pushStatus(lost, pb.SlotStatus_SLOT_CREATED_BANK, offBank, Abandoned)
	body := c.body[:len(c.body)*3/4]
	for _, u := range body {
		if u.GetTransaction() != nil {
			lost.transactions++
		}
		if u.GetEntry() != nil {
			lost.entries++
		}
	}
	lost.hash = c.rnd.key().String()
	c.spread(c.again(body, lost, Abandoned, version), offBody, true)
	c.pushStatus(lost, pb.SlotStatus_SLOT_COMPLETED, offComplete, Abandoned)
	c.pushMeta(lost, offMeta, Abandoned)
	c.pushStatus(lost, pb.SlotStatus_SLOT_PROCESSED, offProcessed, Abandoned)
	c.closeTurn(c.turns)
	c.turns++
}

// closeTurn gives what the turn queued its times.
func (c *Chain) closeTurn(turn uint64) {
	base := time.Duration(turn) * SlotTime
	start := c.cfg.StartTime.Add(base)
	from := c.turnFrom
	for _, u := range c.queue[from:] {
		u.At = base + u.Offset
		t := start.Add(u.Offset)
		u.SubscribeUpdate.CreatedAt.Seconds, u.SubscribeUpdate.CreatedAt.Nanos = t.Unix(), int32(t.Nanosecond())
	}
	if n := len(c.queue); n > from {
		c.queue[n-1].Last = true
	}
	c.turnFrom = len(c.queue)
}
