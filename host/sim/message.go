package sim

import (
	"sync"
	"sync/atomic"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
)

// Field numbers of SubscribeUpdate and of google.protobuf.Timestamp (geyser.proto).
const (
	fieldFilters   protowire.Number = 1
	fieldCreatedAt protowire.Number = 11
	fieldSeconds   protowire.Number = 1
	fieldNanos     protowire.Number = 2
)

// message is one update on its way to all streams. What costs something (its keys, its encoding) is made by the first
// stream that needs it, once for all of them.
type message struct {
	update  *pb.SubscribeUpdate
	kind    geyser.Kind
	slot    uint64
	payload []byte // the oneof field's encoding, nil until it is needed
	created time.Time

	mu       sync.Mutex // held while one of the two below is made
	prepared atomic.Pointer[geyser.Prepared]
	wire     atomic.Pointer[encoded]
}

// encoded is a message's encoding, or why it has none.
type encoded struct {
	body mem.Buffer
	err  error
}

func newMessage(u *pb.SubscribeUpdate, payload []byte, created time.Time) *message {
	kind, slot := identify(u)
	return &message{update: u, kind: kind, slot: slot, payload: payload, created: created}
}

// keyed returns the update with its keys collected.
func (m *message) keyed() *geyser.Prepared {
	if p := m.prepared.Load(); p != nil {
		return p
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.prepared.Load()
	if p == nil {
		p = geyser.Prepare(m.update)
		m.prepared.Store(p)
	}
	return p
}

// body returns the message as all streams send it, behind the names of each one's own filters.
func (m *message) body() (mem.Buffer, error) {
	if w := m.wire.Load(); w != nil {
		return w.body, w.err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	w := m.wire.Load()
	if w == nil {
		w = m.encode()
		m.wire.Store(w)
	}
	return w.body, w.err
}

func (m *message) encode() *encoded {
	if m.payload == nil {
		body, err := encodeBody(m.update, m.created)
		return &encoded{body, err}
	}
	wire := make([]byte, 0, len(m.payload)+16)
	wire = append(wire, m.payload...)
	return &encoded{body: mem.SliceBuffer(appendCreatedAt(wire, m.created))}
}

// encodePayload returns the encoding of u without its filters and created_at.
func encodePayload(u *pb.SubscribeUpdate) ([]byte, error) {
	alone := &pb.SubscribeUpdate{UpdateOneof: u.GetUpdateOneof()}
	if unknown := u.ProtoReflect().GetUnknown(); len(unknown) > 0 {
		alone.ProtoReflect().SetUnknown(unknown)
	}
	return proto.Marshal(alone)
}

// encodeBody encodes an update without its names.
func encodeBody(u *pb.SubscribeUpdate, created time.Time) (mem.Buffer, error) {
	b, err := encodePayload(u)
	if err != nil {
		return nil, err
	}
	return mem.SliceBuffer(appendCreatedAt(b, created)), nil
}

// appendCreatedAt appends the field that the real server writes last.
func appendCreatedAt(b []byte, t time.Time) []byte {
	seconds, nanos := uint64(t.Unix()), uint64(t.Nanosecond())
	n := protowire.SizeTag(fieldSeconds) + protowire.SizeVarint(seconds) + protowire.SizeTag(fieldNanos) + protowire.SizeVarint(nanos)
	b = protowire.AppendTag(b, fieldCreatedAt, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(n))
	b = protowire.AppendTag(b, fieldSeconds, protowire.VarintType)
	b = protowire.AppendVarint(b, seconds)
	b = protowire.AppendTag(b, fieldNanos, protowire.VarintType)
	return protowire.AppendVarint(b, nanos)
}

// appendFilters appends the field that the real server writes first.
func appendFilters(b []byte, names []string) []byte {
	for _, n := range names {
		b = protowire.AppendTag(b, fieldFilters, protowire.BytesType)
		b = protowire.AppendString(b, n)
	}
	return b
}

// identify returns what kind of update u is, and its slot (0 where it has none).
func identify(u *pb.SubscribeUpdate) (geyser.Kind, uint64) {
	switch o := u.GetUpdateOneof().(type) {
	case *pb.SubscribeUpdate_Account:
		return geyser.KindAccount, o.Account.GetSlot()
	case *pb.SubscribeUpdate_Slot:
		return geyser.KindSlot, o.Slot.GetSlot()
	case *pb.SubscribeUpdate_Transaction:
		return geyser.KindTransaction, o.Transaction.GetSlot()
	case *pb.SubscribeUpdate_TransactionStatus:
		return geyser.KindTransactionStatus, o.TransactionStatus.GetSlot()
	case *pb.SubscribeUpdate_Block:
		return geyser.KindBlock, o.Block.GetSlot()
	case *pb.SubscribeUpdate_BlockMeta:
		return geyser.KindBlockMeta, o.BlockMeta.GetSlot()
	case *pb.SubscribeUpdate_Entry:
		return geyser.KindEntry, o.Entry.GetSlot()
	case *pb.SubscribeUpdate_Ping:
		return geyser.KindPing, 0
	case *pb.SubscribeUpdate_Pong:
		return geyser.KindPong, 0
	}
	return identifyNewer(u)
}

// identifyNewer tells a kind that the protocol package may not have a name for.
func identifyNewer(u *pb.SubscribeUpdate) (geyser.Kind, uint64) {
	m := u.ProtoReflect()
	f := m.WhichOneof(m.Descriptor().Oneofs().ByName("update_oneof"))
	if f == nil || geyser.Kind(f.Number()) != geyser.KindBlockFooter {
		return geyser.KindUnknown, 0
	}
	footer, ok := m.Get(f).Message().Interface().(interface{ GetSlot() uint64 })
	if !ok {
		return geyser.KindUnknown, 0
	}
	return geyser.KindBlockFooter, footer.GetSlot()
}
