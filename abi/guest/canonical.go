package guest

// The readers of this file take a transaction's messages in the layout that servers write: fields in ascending order, none twice,
// lengths that fit. They go straight through, without a loop over fields, which makes them several times as fast as the general
// readers. On any other layout they return false, having changed nothing that the general reader does not set again.

// Tags of one byte: a field number up to 15 with its wire type.
const (
	tagBytes  = wireBytes
	tagVarint = wireVarint
)

// peek returns the byte at i, 0 past the end: no tag is 0.
func peek(b []byte, i int) byte {
	if i < len(b) {
		return b[i]
	}
	return 0
}

// payload returns where the payload behind the length at b[i] is, hi = -1 where the length is cut or the payload is. Lengths of up
// to two bytes, 16 kB, are read without a loop.
func payload(b []byte, i int) (lo, hi int) {
	if i+1 >= len(b) {
		if i < len(b) && b[i] == 0 {
			return i + 1, i + 1
		}
		return 0, -1
	}
	n := int(b[i])
	lo = i + 1
	if n >= 0x80 {
		if c := int(b[i+1]); c < 0x80 {
			n, lo = n&0x7f|c<<7, i+2
		} else {
			var v uint64
			if v, lo = varint(b, i, len(b)); lo < 0 || v > uint64(len(b)-lo) {
				return 0, -1
			}
			n = int(v)
		}
	}
	if n > len(b)-lo {
		return 0, -1
	}
	return lo, lo + n
}

func spanOf(lo, hi int) span { return span{uint32(lo), uint32(hi - lo)} }

// canonical reads a SubscribeUpdate without filters: one kind, then maybe the time.
func (u *Update) canonical(raw []byte) bool {
	tag := peek(raw, 0)
	if tag&7 != wireBytes || tag >= 0x80 {
		return false
	}
	switch tag >> 3 {
	case 2, 3, 4, 5, 7, 8, 10, 12:
	default:
		return false
	}
	lo, hi := payload(raw, 1)
	if hi < 0 {
		return false
	}
	u.kind, u.body = Kind(tag>>3), spanOf(lo, hi)
	if peek(raw, hi) == 11<<3|tagBytes {
		if lo, hi = payload(raw, hi+1); hi < 0 {
			return false
		}
		u.created = spanOf(lo, hi)
	}
	return hi == len(raw)
}

// canonicalBody reads a SubscribeUpdateTransaction.
func (u *Update) canonicalBody() (info span, slot, bankID uint64, ok bool) {
	b := u.buf[:u.body.off+u.body.n]
	i := int(u.body.off)
	if peek(b, i) != 1<<3|tagBytes {
		return span{}, 0, 0, false
	}
	lo, hi := payload(b, i+1)
	if hi < 0 {
		return span{}, 0, 0, false
	}
	i = hi
	if peek(b, i) == 2<<3|tagVarint {
		if slot, i = varint(b, i+1, len(b)); i < 0 {
			return span{}, 0, 0, false
		}
	}
	if peek(b, i) == 3<<3|tagVarint {
		if bankID, i = varint(b, i+1, len(b)); i < 0 {
			return span{}, 0, 0, false
		}
	}
	return spanOf(lo, hi), slot, bankID, i == len(b)
}

// canonicalInfo reads a SubscribeUpdateTransactionInfo.
func (t *Transaction) canonicalInfo(info span) bool {
	b := t.u.buf[:info.off+info.n]
	i := int(info.off)
	if i+66 > len(b) || b[i] != 1<<3|tagBytes || b[i+1] != 64 {
		return false
	}
	t.signature = span{uint32(i + 2), 64}
	i += 66
	if peek(b, i) == 2<<3|tagVarint {
		if c := peek(b, i+1); c != 1 {
			return false
		}
		t.vote = true
		i += 2
	}
	if peek(b, i) == 3<<3|tagBytes {
		lo, hi := payload(b, i+1)
		if hi < 0 {
			return false
		}
		t.outer, i = spanOf(lo, hi), hi
	}
	if peek(b, i) == 4<<3|tagBytes {
		lo, hi := payload(b, i+1)
		if hi < 0 {
			return false
		}
		t.meta, i = spanOf(lo, hi), hi
	}
	if peek(b, i) == 5<<3|tagVarint {
		if t.index, i = varint(b, i+1, len(b)); i < 0 {
			return false
		}
	}
	return i == len(b)
}

// canonicalOuter reads a Transaction and returns its message.
func (t *Transaction) canonicalOuter() (inner span, ok bool) {
	b := t.u.buf[:t.outer.off+t.outer.n]
	i := int(t.outer.off)
	for i+66 <= len(b) && b[i] == 1<<3|tagBytes && b[i+1] == 64 {
		if t.signatures++; t.signatures == 1 {
			t.firstSig = span{uint32(i + 2), 64}
		}
		i += 66
	}
	if peek(b, i) != 2<<3|tagBytes {
		return span{}, false
	}
	lo, hi := payload(b, i+1)
	return spanOf(lo, hi), hi == len(b)
}

// canonicalMessage reads a Message.
func (t *Transaction) canonicalMessage(inner span) bool {
	b := t.u.buf[:inner.off+inner.n]
	i := int(inner.off)
	var lo int
	if peek(b, i) == 1<<3|tagBytes {
		if lo, i = payload(b, i+1); i < 0 {
			return false
		}
		t.header = spanOf(lo, i)
	}
	keys := t.keys
	for i+34 <= len(b) && b[i] == 2<<3|tagBytes && b[i+1] == 32 {
		keys = append(keys, span{uint32(i + 2), 32})
		i += 34
	}
	t.keys, t.static = keys, len(keys)
	if peek(b, i) == 3<<3|tagBytes {
		if lo, i = payload(b, i+1); i < 0 {
			return false
		}
		t.blockhash = spanOf(lo, i)
	}
	top := t.top
	for peek(b, i) == 4<<3|tagBytes {
		if lo, i = payload(b, i+1); i < 0 {
			return false
		}
		top = append(top, spanOf(lo, i))
	}
	t.top = top
	if peek(b, i) == 5<<3|tagVarint {
		if peek(b, i+1) != 1 {
			return false
		}
		t.isVersioned = true
		i += 2
	}
	for peek(b, i) == 6<<3|tagBytes {
		if _, i = payload(b, i+1); i < 0 {
			return false
		}
		t.lookups++
	}
	if peek(b, i) == 7<<3|tagBytes {
		if _, i = payload(b, i+1); i < 0 {
			return false
		}
		t.hasConfig = true
	}
	return i == len(b)
}

// canonicalMeta reads a TransactionStatusMeta.
func (t *Transaction) canonicalMeta() bool {
	b := t.u.buf[:t.meta.off+t.meta.n]
	i := int(t.meta.off)
	var lo int
	if peek(b, i) == 1<<3|tagBytes {
		if lo, i = payload(b, i+1); i < 0 {
			return false
		}
		t.failure = spanOf(lo, i)
	}
	if peek(b, i) == 2<<3|tagVarint {
		if t.fee, i = varint(b, i+1, len(b)); i < 0 {
			return false
		}
	}
	if t.preBalances, i = one(b, i, 3<<3|tagBytes); i < 0 {
		return false
	}
	if t.postBalances, i = one(b, i, 4<<3|tagBytes); i < 0 {
		return false
	}
	groups := t.groups
	for peek(b, i) == 5<<3|tagBytes {
		if lo, i = payload(b, i+1); i < 0 {
			return false
		}
		groups = append(groups, spanOf(lo, i))
	}
	t.groups = groups
	if t.logs, i = many(b, i, 6<<3|tagBytes); i < 0 {
		return false
	}
	if t.preTokens, i = many(b, i, 7<<3|tagBytes); i < 0 {
		return false
	}
	if t.postTokens, i = many(b, i, 8<<3|tagBytes); i < 0 {
		return false
	}
	return t.canonicalTail(b, i)
}

// canonicalTail reads the fields of a TransactionStatusMeta from 9, the rewards, on.
func (t *Transaction) canonicalTail(b []byte, i int) bool {
	if _, i = many(b, i, 9<<3|tagBytes); i < 0 {
		return false
	}
	for peek(b, i) == 10<<3|tagVarint || peek(b, i) == 11<<3|tagVarint { // inner_instructions_none, log_messages_none
		if peek(b, i+1) >= 0x80 || i+2 > len(b) {
			return false
		}
		i += 2
	}
	keys := t.keys
	for i+34 <= len(b) && b[i] == 12<<3|tagBytes && b[i+1] == 32 {
		keys = append(keys, span{uint32(i + 2), 32})
		i += 34
	}
	t.writable = len(keys) - t.static
	for i+34 <= len(b) && b[i] == 13<<3|tagBytes && b[i+1] == 32 {
		keys = append(keys, span{uint32(i + 2), 32})
		i += 34
	}
	t.keys = keys
	if peek(b, i) == 14<<3|tagBytes {
		var lo int
		if lo, i = payload(b, i+1); i < 0 {
			return false
		}
		t.returnData = spanOf(lo, i)
	}
	if peek(b, i) == 15<<3|tagVarint { // return_data_none
		if peek(b, i+1) != 1 {
			return false
		}
		i += 2
	}
	if peek(b, i) == 0x80 && peek(b, i+1) == 1 { // 16, varint
		if t.computeUnits, i = varint(b, i+2, len(b)); i < 0 {
			return false
		}
		t.hasCompute = true
	}
	if peek(b, i) == 0x88 && peek(b, i+1) == 1 { // 17, varint
		if t.costUnits, i = varint(b, i+2, len(b)); i < 0 {
			return false
		}
	}
	return i == len(b)
}

// one passes over a bytes field that may be there once.
func one(b []byte, i int, tag byte) (run, int) {
	if peek(b, i) != tag {
		return run{}, i
	}
	_, end := payload(b, i+1)
	return run{uint32(i), uint32(end)}, end
}

// many passes over the occurrences of a repeated bytes field. Payloads below 128 bytes take no call.
func many(b []byte, i int, tag byte) (run, int) {
	start := i
	for i+1 < len(b) && b[i] == tag {
		if n := int(b[i+1]); n < 0x80 {
			if i += 2 + n; i > len(b) {
				return run{}, -1
			}
			continue
		}
		if _, i = payload(b, i+1); i < 0 {
			return run{}, -1
		}
	}
	if i == start {
		return run{}, i
	}
	return run{uint32(start), uint32(i)}, i
}

// canonical reads a CompiledInstruction or an InnerInstruction that is b to its end.
func (x *Instruction) canonical(b []byte, i int) bool {
	if peek(b, i) == 1<<3|tagVarint {
		c := peek(b, i+1)
		if c >= 0x80 || i+2 > len(b) {
			return false
		}
		x.program = uint32(c)
		i += 2
	}
	if i+1 < len(b) && b[i] == 2<<3|tagBytes {
		n := int(b[i+1])
		if i += 2; n >= 0x80 || n > len(b)-i {
			return false
		}
		x.accounts = span{uint32(i), uint32(n)}
		i += n
	}
	if peek(b, i) == 3<<3|tagBytes {
		lo, hi := payload(b, i+1)
		if hi < 0 {
			return false
		}
		x.data = spanOf(lo, hi)
		i = hi
	}
	if i+2 == len(b) && b[i] == 4<<3|tagVarint && b[i+1] < 0x80 && x.inner > 0 {
		x.stackHeight = uint32(b[i+1])
		i += 2
	}
	return i == len(b)
}
