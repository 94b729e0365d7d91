package sim

import (
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

	"weir/host/geyser"
)

// openSlot gathers a slot until it is whole.
type openSlot struct {
	bankKey
	parent       *uint64
	data         []*message // accounts, transactions, entries, in the feed's order
	statuses     []*message // only where each update is served at every commitment
	versions     map[string]uint64
	meta         *message
	block        *message // where the feed gives blocks itself
	transactions int
	entries      int
}

// frozenSlot is a whole slot. Its messages don't change any more; statuses and reached do, under the chain's mutex.
type frozenSlot struct {
	bankKey
	parent   uint64
	data     []*message // without superseded account writes
	block    *message   // nil only where a recording has none
	meta     *message   // nil only where a recording has none
	reached  int        // the highest commitment delivered, -1 before the first
	statuses []*message // of the commitments delivered
}

func (o *openSlot) add(m *message) {
	switch m.kind {
	case geyser.KindBlockMeta:
		o.meta = m
		return
	case geyser.KindBlock:
		o.block = m
		return
	case geyser.KindSlot:
		o.statuses = append(o.statuses, m)
		return
	case geyser.KindTransaction:
		o.transactions++
	case geyser.KindEntry:
		o.entries++
	case geyser.KindAccount:
		a := m.update.GetAccount().GetAccount()
		key := string(a.GetPubkey())
		o.versions[key] = max(o.versions[key], a.GetWriteVersion())
	}
	o.data = append(o.data, m)
}

// whole tells whether the slot can be frozen: it has its block, or its block meta and as much as that counts.
func (o *openSlot) whole() bool {
	if o.block != nil {
		return true
	}
	if o.meta == nil {
		return false
	}
	meta := o.meta.update.GetBlockMeta()
	return uint64(o.transactions) >= meta.GetExecutedTransactionCount() && uint64(o.entries) >= meta.GetEntriesCount()
}

// freeze ends the gathering. Of an account's writes only those with the slot's highest write_version stay. As recorded
// keeps the slot as it is, without making up a block or a block meta.
func (o *openSlot) freeze(asRecorded bool) *frozenSlot {
	f := &frozenSlot{bankKey: o.bankKey, meta: o.meta, block: o.block, reached: -1}
	for _, m := range o.data {
		if m.kind == geyser.KindAccount {
			a := m.update.GetAccount().GetAccount()
			if a.GetWriteVersion() < o.versions[string(a.GetPubkey())] {
				continue
			}
		}
		f.data = append(f.data, m)
	}
	switch {
	case asRecorded:
		f.reached, f.statuses = int(pb.CommitmentLevel_FINALIZED), o.statuses
		return f
	case f.block == nil:
		f.block = newMessage(buildBlock(o.meta.update.GetBlockMeta(), f.data), nil, o.meta.created)
	case f.meta == nil:
		f.meta = newMessage(metaOf(f.block.update.GetBlock()), nil, f.block.created)
	}
	f.parent = f.meta.update.GetBlockMeta().GetParentSlot()
	return f
}

// status makes the slot update for a commitment, as the real server does instead of passing the validator's on.
func (f *frozenSlot) status(level pb.CommitmentLevel, now time.Time) *message {
	parent := f.parent
	u := &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Slot{Slot: &pb.SubscribeUpdateSlot{
		Slot: f.slot, Parent: &parent, Status: pb.SlotStatus(level),
	}}}
	if f.bank != 0 {
		geyser.SetBankID(u, f.bank)
	}
	return newMessage(u, nil, now)
}

// buildBlock puts a block together from what the slot held.
func buildBlock(meta *pb.SubscribeUpdateBlockMeta, data []*message) *pb.SubscribeUpdate {
	b := &pb.SubscribeUpdateBlock{
		Slot: meta.GetSlot(), Blockhash: meta.GetBlockhash(), Rewards: meta.GetRewards(), BlockTime: meta.GetBlockTime(),
		BlockHeight: meta.GetBlockHeight(), ParentSlot: meta.GetParentSlot(), ParentBlockhash: meta.GetParentBlockhash(),
		ExecutedTransactionCount: meta.GetExecutedTransactionCount(), EntriesCount: meta.GetEntriesCount(),
	}
	for _, m := range data {
		switch o := m.update.GetUpdateOneof().(type) {
		case *pb.SubscribeUpdate_Transaction:
			b.Transactions = append(b.Transactions, o.Transaction.GetTransaction())
		case *pb.SubscribeUpdate_Account:
			b.Accounts = append(b.Accounts, o.Account.GetAccount())
		case *pb.SubscribeUpdate_Entry:
			b.Entries = append(b.Entries, o.Entry)
		}
	}
	b.UpdatedAccountCount = uint64(len(b.Accounts))
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Block{Block: b}}
}

func metaOf(b *pb.SubscribeUpdateBlock) *pb.SubscribeUpdate {
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_BlockMeta{BlockMeta: &pb.SubscribeUpdateBlockMeta{
		Slot: b.GetSlot(), Blockhash: b.GetBlockhash(), Rewards: b.GetRewards(), BlockTime: b.GetBlockTime(),
		BlockHeight: b.GetBlockHeight(), ParentSlot: b.GetParentSlot(), ParentBlockhash: b.GetParentBlockhash(),
		ExecutedTransactionCount: b.GetExecutedTransactionCount(), EntriesCount: b.GetEntriesCount(),
	}}}
}
