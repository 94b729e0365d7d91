package geyser

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

// identity is what tells two updates of one kind and slot apart.
type identity struct {
	bank    uint64
	hasBank bool
	order   uint64 // write_version, index or status
	key     []byte // pubkey or signature
}

// AppendKey appends the natural key of the update in f, which e was scanned from, to dst: equal for two deliveries of the
// same chain event, whatever their created_at and, except for blocks, their filter names. It holds the kind, the slot,
// the bank id where there is one, and
//
//	account                         pubkey, write_version
//	transaction, transaction_status signature, index
//	slot                            status
//	entry                           index
//	block                           filter names: the server sends a block once per filter
//	block_meta, block_footer        nothing more
//
// It appends nothing for kinds without a key (ping, pong, unknown) and for malformed content.
func (e *Envelope) AppendKey(f *Frame, dst []byte) []byte {
	if e.Kind == KindUnknown || layouts[e.Kind].slot == 0 {
		return dst
	}
	mark := len(e.spill) // behind names that lie across pieces
	defer func() { e.spill = e.spill[:mark] }()
	c := f.cursor()
	var id identity
	if !c.skip(e.body) || !c.identity(e, f.size, &id) {
		return dst
	}
	dst = append(dst, byte(e.Kind))
	dst = binary.BigEndian.AppendUint64(dst, e.Slot)
	if id.hasBank && (id.bank != 0 || layouts[e.Kind].bankOptional) {
		dst = append(dst, 1)
		dst = binary.BigEndian.AppendUint64(dst, id.bank)
	} else {
		dst = append(dst, 0)
	}
	dst = binary.BigEndian.AppendUint64(dst, id.order)
	dst = append(dst, id.key...)
	if e.Kind == KindBlock {
		for _, n := range e.names {
			dst = protowire.AppendBytes(dst, n)
		}
	}
	return dst
}

// identity reads the oneof field's content, at whose start the cursor is.
func (c *cursor) identity(e *Envelope, size int, id *identity) bool {
	l := &layouts[e.Kind]
	end := size - e.bodyEnd
	for c.left > end {
		num, typ, ok := c.tag()
		if !ok {
			return false
		}
		switch {
		case typ == protowire.VarintType && num == protowire.Number(l.bank):
			id.bank, ok = c.varint()
			id.hasBank = true
		case typ == protowire.VarintType && num == protowire.Number(l.index):
			id.order, ok = c.varint()
			if e.Kind == KindSlot {
				id.order = uint64(int32(id.order)) // an enum
			}
		case typ == protowire.BytesType && num == protowire.Number(l.signature):
			ok = c.key(e, id)
		case typ == protowire.BytesType && num == protowire.Number(l.info):
			ok = c.info(e, l.inner, id)
		default:
			ok = c.skipValue(num, typ)
		}
		if !ok {
			return false
		}
	}
	return c.left == end
}

func (c *cursor) info(e *Envelope, l inner, id *identity) bool {
	end, ok := c.enter()
	if !ok {
		return false
	}
	for c.left > end {
		num, typ, ok := c.tag()
		switch {
		case !ok:
		case typ == protowire.VarintType && num == protowire.Number(l.order):
			id.order, ok = c.varint()
		case typ == protowire.BytesType && num == protowire.Number(l.key):
			ok = c.key(e, id)
		default:
			ok = c.skipValue(num, typ)
		}
		if !ok {
			return false
		}
	}
	return c.left == end
}

func (c *cursor) key(e *Envelope, id *identity) bool {
	n, ok := c.length()
	if !ok {
		return false
	}
	id.key, ok = c.take(n, &e.spill)
	return ok
}
