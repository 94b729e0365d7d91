package sim

import (
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// freshKeys numbers updates anew, so that no two share a natural key: (slot, status) of a slot update, (slot) of a block
// or its meta, (slot, index) of a transaction or an entry, (slot, pubkey, write_version) of an account.
type freshKeys struct {
	slot         uint64
	limit        int // updates of one slot
	updates      int // in this slot
	transactions uint64
	entries      uint64
	statuses     uint32 // bit per SlotStatus that this slot has had
	closed       bool   // the slot has its block or block meta
	writeVersion uint64
}

func (k *freshKeys) apply(u *pb.SubscribeUpdate) {
	if k.updates >= k.limit || k.closed {
		k.advance()
	}
	k.updates++
	switch o := u.GetUpdateOneof().(type) {
	case *pb.SubscribeUpdate_Account:
		k.writeVersion++
		o.Account.Slot = k.slot
		if o.Account.Account != nil {
			o.Account.Account.WriteVersion = k.writeVersion
		}
	case *pb.SubscribeUpdate_Slot:
		k.status(o.Slot)
	case *pb.SubscribeUpdate_Transaction:
		o.Transaction.Slot = k.slot
		if o.Transaction.Transaction != nil {
			o.Transaction.Transaction.Index = k.transactions
		}
		k.transactions++
	case *pb.SubscribeUpdate_TransactionStatus:
		o.TransactionStatus.Slot, o.TransactionStatus.Index = k.slot, k.transactions
		k.transactions++
	case *pb.SubscribeUpdate_Entry:
		o.Entry.Slot, o.Entry.Index = k.slot, k.entries
		k.entries++
	case *pb.SubscribeUpdate_Block:
		o.Block.Slot, o.Block.ParentSlot = k.slot, k.slot-1
		k.closed = true
	case *pb.SubscribeUpdate_BlockMeta:
		o.BlockMeta.Slot, o.BlockMeta.ParentSlot = k.slot, k.slot-1
		k.closed = true
	default:
		k.updates-- // pings and what this version does not know have no key
	}
}

func (k *freshKeys) status(s *pb.SubscribeUpdateSlot) {
	bit := uint32(1) << (uint32(s.Status) & 31)
	if k.statuses&bit != 0 {
		k.advance()
		k.updates++
	}
	k.statuses |= bit
	parent := k.slot - 1
	s.Slot, s.Parent = k.slot, &parent
}

func (k *freshKeys) advance() {
	*k = freshKeys{slot: k.slot + 1, limit: k.limit, writeVersion: k.writeVersion}
}
