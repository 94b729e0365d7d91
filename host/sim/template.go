package sim

import (
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"weir/host/geyser"
)

// Field numbers that a fresh key replaces (geyser.proto). A transaction and an account have their content in field 1 and
// their slot in field 2.
const (
	fieldContent      protowire.Number = 1
	fieldSlot         protowire.Number = 2
	fieldIndex        protowire.Number = 5 // SubscribeUpdateTransactionInfo
	fieldWriteVersion protowire.Number = 7 // SubscribeUpdateAccountInfo
)

// template is a recorded update, ready to be served again and again: decoded once, and encoded but for its keys.
type template struct {
	update  *pb.SubscribeUpdate
	payload []byte // the oneof field as recorded

	key     protowire.Number // the content's field that gets a fresh key; 0 where fresh keys need encoding anew
	content []byte           // the content without that field
	rest    []byte           // the oneof field's other fields, without the slot
}

// newTemplate decodes a recorded message.
func newTemplate(m Message) (*template, error) {
	u, err := m.Update()
	if err != nil {
		return nil, err
	}
	t := &template{update: u, payload: without(m.Raw, fieldFilters, fieldCreatedAt)}
	kind, _ := identify(u)
	switch kind {
	case geyser.KindTransaction:
		t.key = fieldIndex
	case geyser.KindAccount:
		t.key = fieldWriteVersion
	default:
		return t, nil
	}
	t.split()
	return t, nil
}

// split takes the payload apart around its keys. One that has more than the oneof field, or has it in several pieces,
// which protobuf would merge, is encoded anew each time instead.
func (t *template) split() {
	_, typ, n := protowire.ConsumeTag(t.payload)
	outer, m := []byte(nil), -1
	if typ == protowire.BytesType && n > 0 {
		outer, m = protowire.ConsumeBytes(t.payload[n:])
	}
	content, pieces := only(outer, fieldContent)
	if n+m != len(t.payload) || pieces != 1 {
		t.key = 0
		return
	}
	t.content = without(content, t.key)
	t.rest = without(outer, fieldContent, fieldSlot)
}

// fresh returns a copy of the template's update with keys of its own, and its payload where that is cheap to make.
func (t *template) fresh(keys *freshKeys) Item {
	u := shallow(t.update)
	switch o := t.update.GetUpdateOneof().(type) {
	case *pb.SubscribeUpdate_Transaction:
		c := shallow(o.Transaction)
		if c.Transaction != nil {
			c.Transaction = shallow(c.Transaction)
		}
		u.UpdateOneof = &pb.SubscribeUpdate_Transaction{Transaction: c}
		keys.apply(u)
		return Item{Update: u, Payload: t.encode(geyser.KindTransaction, c.GetSlot(), c.GetTransaction().GetIndex())}
	case *pb.SubscribeUpdate_Account:
		c := shallow(o.Account)
		if c.Account != nil {
			c.Account = shallow(c.Account)
		}
		u.UpdateOneof = &pb.SubscribeUpdate_Account{Account: c}
		keys.apply(u)
		return Item{Update: u, Payload: t.encode(geyser.KindAccount, c.GetSlot(), c.GetAccount().GetWriteVersion())}
	}
	u = proto.Clone(t.update).(*pb.SubscribeUpdate)
	keys.apply(u)
	return Item{Update: u}
}

// encode puts the payload together with a slot and a key.
func (t *template) encode(kind geyser.Kind, slot, key uint64) []byte {
	if t.key == 0 {
		return nil
	}
	content := len(t.content) + sizeUint(t.key, key)
	outer := protowire.SizeTag(fieldContent) + protowire.SizeBytes(content) + sizeUint(fieldSlot, slot) + len(t.rest)
	b := make([]byte, 0, outer+16+32) // and room for the length of all, and for created_at
	b = protowire.AppendTag(b, protowire.Number(kind), protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(outer))
	b = protowire.AppendTag(b, fieldContent, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(content))
	b = append(b, t.content...)
	b = appendUint(b, t.key, key)
	b = appendUint(b, fieldSlot, slot)
	return append(b, t.rest...)
}

// appendUint appends a number as proto3 does: 0 is left out.
func appendUint(b []byte, field protowire.Number, v uint64) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func sizeUint(field protowire.Number, v uint64) int {
	if v == 0 {
		return 0
	}
	return protowire.SizeTag(field) + protowire.SizeVarint(v)
}

// without returns b without the named fields; b itself where it has none of them. b is well-formed.
func without(b []byte, fields ...protowire.Number) []byte {
	var out []byte
	cut := false
	for at := 0; at < len(b); {
		num, _, n := protowire.ConsumeField(b[at:])
		if n < 0 {
			return b
		}
		drop := false
		for _, f := range fields {
			drop = drop || f == num
		}
		if drop && !cut {
			out, cut = append(make([]byte, 0, len(b)), b[:at]...), true
		}
		if cut && !drop {
			out = append(out, b[at:at+n]...)
		}
		at += n
	}
	if cut {
		return out
	}
	return b
}

// only returns the last value of a length-delimited field, and how often the field is there.
func only(b []byte, field protowire.Number) (value []byte, times int) {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, 0
		}
		m := protowire.ConsumeFieldValue(num, typ, b[n:])
		if m < 0 {
			return nil, 0
		}
		if num == field && typ == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(b[n:])
			times++
		}
		b = b[n+m:]
	}
	return value, times
}

// shallow returns a copy of m that shares what m's fields refer to.
func shallow[M proto.Message](m M) M {
	from := m.ProtoReflect()
	to := from.New()
	from.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		to.Set(f, v)
		return true
	})
	to.SetUnknown(from.GetUnknown())
	return to.Interface().(M)
}
