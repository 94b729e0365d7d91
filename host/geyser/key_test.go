package geyser

import (
	"encoding/binary"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/encoding/protowire"
)

// expectedKey builds the key of a decoded update, independently of the scan.
func expectedKey(u *pb.SubscribeUpdate) []byte {
	var order uint64
	var id []byte
	kind := KindOf(u)
	switch kind {
	case KindUnknown, KindPing, KindPong:
		return nil
	case KindAccount:
		order, id = u.GetAccount().GetAccount().GetWriteVersion(), u.GetAccount().GetAccount().GetPubkey()
	case KindTransaction:
		order, id = u.GetTransaction().GetTransaction().GetIndex(), u.GetTransaction().GetTransaction().GetSignature()
	case KindTransactionStatus:
		order, id = u.GetTransactionStatus().GetIndex(), u.GetTransactionStatus().GetSignature()
	case KindEntry:
		order = u.GetEntry().GetIndex()
	case KindSlot:
		order = uint64(int32(u.GetSlot().GetStatus()))
	case KindBlock:
		for _, n := range u.GetFilters() {
			id = protowire.AppendString(id, n)
		}
	}
	key := binary.BigEndian.AppendUint64([]byte{byte(kind)}, SlotOf(u))
	if bank, ok := BankID(u); ok {
		key = binary.BigEndian.AppendUint64(append(key, 1), bank)
	} else {
		key = append(key, 0)
	}
	return append(binary.BigEndian.AppendUint64(key, order), id...)
}
