package chain

import (
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"time"
	"weir/host/geyser"
)

// item is what all updates have, in one piece with it.
type item struct {
	Update
	message pb.SubscribeUpdate
	stamp   timestamppb.Timestamp
}

// start connects the item's parts.
func (i *item) start(b *bank, fate Fate) *Update {
	i.SubscribeUpdate = &i.message
	i.message.CreatedAt = &i.stamp
	i.Slot, i.Bank, i.Fate = b.slot, b.id, fate
	return &i.Update
}

type accountParts struct {
	item
	of     pb.SubscribeUpdate_Account
	update pb.SubscribeUpdateAccount
	info   pb.SubscribeUpdateAccountInfo
}

func newAccountUpdate(b *bank, fate Fate) *accountParts {
	p := &accountParts{}
	p.start(b, fate)
	p.message.UpdateOneof = &p.of
	p.of.Account = &p.update
	p.update.Account, p.update.Slot = &p.info, b.slot
	geyser.SetBankID(&p.message, b.id)
	return p
}

// pushAccount adds an account's update to the slot in hand.
func (c *Chain) pushAccount(a *account, owner Key, data []byte, found finding) {
	c.pushWrite(&write{a, owner, data, found}, nil)
}

func (c *Chain) pushWrite(w *write, signature []byte) {
	if c.cfg.NoAccounts {
		return
	}
	p := newAccountUpdate(&c.bank, Rooted)
	c.version++
	p.info.Pubkey, p.info.Owner = w.a.key[:], c.account(w.owner).key[:]
	p.info.Lamports, p.info.RentEpoch = w.a.lamports, ^uint64(0)
	p.info.Data, p.info.WriteVersion, p.info.TxnSignature = w.data, c.version, signature
	if w.found != nil {
		p.truth = []finding{w.found}
	}
	c.body = append(c.body, &p.Update)
}

// pushTransaction adds a transaction to the slot in hand.
func (c *Chain) pushTransaction(p *txParts) {
	c.body = append(c.body, p.start(&c.bank, Rooted))
	c.number(&p.update, &p.message)
}

func (c *Chain) pushVote(p *voteParts) {
	c.body = append(c.body, p.start(&c.bank, Rooted))
	c.number(&p.update, &p.message)
}

func (c *Chain) number(t *pb.SubscribeUpdateTransaction, u *pb.SubscribeUpdate) {
	t.Slot, t.Transaction.Index = c.slot, c.transactions
	c.transactions++
	c.unentered++
	geyser.SetBankID(u, c.bank.id)
}

type entryParts struct {
	item
	of     pb.SubscribeUpdate_Entry
	update pb.SubscribeUpdateEntry
}

// pushEntry closes an entry over the transactions since the last one.
func (c *Chain) pushEntry() {
	n := c.unentered
	c.unentered = 0
	index := c.entries
	c.entries++
	if c.cfg.NoEntries {
		return
	}
	p := &entryParts{}
	p.message.UpdateOneof = &p.of
	p.of.Entry = &p.update
	p.update.Slot, p.update.Index, p.update.NumHashes = c.slot, index, 1+c.rnd.Uint64N(20_000)
	p.update.Hash = c.mem.take(32)
	c.rnd.fill(p.update.Hash)
	p.update.ExecutedTransactionCount, p.update.StartingTransactionIndex = n, c.transactions-n
	c.body = append(c.body, p.start(&c.bank, Rooted))
	geyser.SetBankID(&p.message, c.bank.id)
}

type statusParts struct {
	item
	of     pb.SubscribeUpdate_Slot
	update pb.SubscribeUpdateSlot
	parent uint64
}

// pushStatus queues a status. As recorded, those of a bank name the parent, but for CONFIRMED.
func (c *Chain) pushStatus(b bank, status pb.SlotStatus, at time.Duration, fate Fate) {
	p := &statusParts{}
	shreds := status == pb.SlotStatus_SLOT_FIRST_SHRED_RECEIVED || status == pb.SlotStatus_SLOT_COMPLETED
	id := b.id
	if shreds {
		b.id = 0
	}
	u := p.start(&b, fate)
	p.message.UpdateOneof = &p.of
	p.of.Slot = &p.update
	p.update.Slot, p.update.Status = b.slot, status
	if !shreds && status != pb.SlotStatus_SLOT_CONFIRMED {
		p.parent = b.parent
		p.update.Parent = &p.parent
	}
	if status == pb.SlotStatus_SLOT_DEAD {
		reason := "failed to process entry: invalid transaction"
		p.update.DeadError = &reason
	}
	if !shreds {
		geyser.SetBankID(&p.message, id)
	}
	u.Offset = at
	c.queue = append(c.queue, u)
}

type metaParts struct {
	item
	of      pb.SubscribeUpdate_BlockMeta
	update  pb.SubscribeUpdateBlockMeta
	rewards pb.Rewards
	reward  pb.Reward
	time    pb.UnixTimestamp
	height  pb.BlockHeight
}

// pushMeta queues a frozen bank's block_meta. The leader gets half of the base fees and all of the priority fees.
func (c *Chain) pushMeta(b bank, at time.Duration, fate Fate) {
	p := &metaParts{}
	u := p.start(&b, fate)
	p.message.UpdateOneof = &p.of
	p.of.BlockMeta = &p.update
	leader := &c.validators[b.slot/4%uint64(len(c.validators))]
	lamports := b.fees/2 + 1
	if fate == Rooted {
		leader.lamports += lamports
	}
	p.reward.Pubkey, p.reward.Lamports = leader.identity.String(), int64(lamports)
	p.reward.PostBalance, p.reward.RewardType = leader.lamports, pb.RewardType_Fee
	p.rewards.Rewards = []*pb.Reward{&p.reward}
	p.time.Timestamp, p.height.BlockHeight = c.unix, c.height
	m := &p.update
	m.Slot, m.Blockhash, m.Rewards, m.BlockTime, m.BlockHeight = b.slot, b.hash, &p.rewards, &p.time, &p.height
	m.ParentSlot, m.ParentBlockhash = b.parent, b.parentHash
	m.ExecutedTransactionCount, m.EntriesCount = b.transactions, b.entries
	if c.cfg.NoEntries {
		m.EntriesCount = 0 // a server waits for as many as this says
	}
	geyser.SetBankID(&p.message, b.id)
	u.Offset = at
	c.queue = append(c.queue, u)
}

// again repeats a slot's updates for a bank that is lost: the same transactions, executed in another bank, with write
// versions of their own from version on.
func (c *Chain) again(body []*Update, b bank, fate Fate, version uint64) []*Update {
	out := make([]*Update, 0, len(body))
	for _, u := range body {
		switch of := u.UpdateOneof.(type) {
		case *pb.SubscribeUpdate_Account:
			p := newAccountUpdate(&b, fate)
			from := of.Account.Account
			version++
			p.info.Pubkey, p.info.Owner, p.info.Lamports = from.Pubkey, from.Owner, from.Lamports
			p.info.RentEpoch, p.info.Data = from.RentEpoch, from.Data
			p.info.TxnSignature, p.info.WriteVersion, p.truth = from.TxnSignature, version, u.truth
			out = append(out, &p.Update)
		case *pb.SubscribeUpdate_Transaction:
			p := &txAgain{}
			p.message.UpdateOneof = &p.of
			p.of.Transaction = &p.update
			p.update.Transaction, p.update.Slot = of.Transaction.Transaction, b.slot
			p.truth = u.truth
			out = append(out, p.start(&b, fate))
			geyser.SetBankID(&p.message, b.id)
		case *pb.SubscribeUpdate_Entry:
			p := &entryParts{}
			from := of.Entry
			p.message.UpdateOneof = &p.of
			p.of.Entry = &p.update
			p.update.Slot, p.update.Index, p.update.NumHashes, p.update.Hash = b.slot, from.Index, from.NumHashes, from.Hash
			p.update.ExecutedTransactionCount = from.ExecutedTransactionCount
			p.update.StartingTransactionIndex = from.StartingTransactionIndex
			out = append(out, p.start(&b, fate))
			geyser.SetBankID(&p.message, b.id)
		}
	}
	return out
}

// txAgain is a transaction told a second time.
type txAgain struct {
	item
	of     pb.SubscribeUpdate_Transaction
	update pb.SubscribeUpdateTransaction
}
