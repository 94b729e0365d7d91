package geyser

import pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

// KindOf returns the kind of a decoded update.
func KindOf(u *pb.SubscribeUpdate) Kind {
	switch o := u.GetUpdateOneof().(type) {
	case *pb.SubscribeUpdate_Account:
		return KindAccount
	case *pb.SubscribeUpdate_Slot:
		return KindSlot
	case *pb.SubscribeUpdate_Transaction:
		return KindTransaction
	case *pb.SubscribeUpdate_TransactionStatus:
		return KindTransactionStatus
	case *pb.SubscribeUpdate_Block:
		return KindBlock
	case *pb.SubscribeUpdate_BlockMeta:
		return KindBlockMeta
	case *pb.SubscribeUpdate_Entry:
		return KindEntry
	case *pb.SubscribeUpdate_Ping:
		return KindPing
	case *pb.SubscribeUpdate_Pong:
		return KindPong
	default:
		return newerKind(o)
	}
}

// SlotOf returns the slot of a decoded update, 0 where its kind has none.
func SlotOf(u *pb.SubscribeUpdate) uint64 {
	switch o := u.GetUpdateOneof().(type) {
	case *pb.SubscribeUpdate_Account:
		return o.Account.GetSlot()
	case *pb.SubscribeUpdate_Slot:
		return o.Slot.GetSlot()
	case *pb.SubscribeUpdate_Transaction:
		return o.Transaction.GetSlot()
	case *pb.SubscribeUpdate_TransactionStatus:
		return o.TransactionStatus.GetSlot()
	case *pb.SubscribeUpdate_Block:
		return o.Block.GetSlot()
	case *pb.SubscribeUpdate_BlockMeta:
		return o.BlockMeta.GetSlot()
	case *pb.SubscribeUpdate_Entry:
		return o.Entry.GetSlot()
	default:
		return newerSlot(o)
	}
}
