package guest

// The readers of this file take a transaction's messages in the layout that servers write: fields in ascending order, none twice,
// keys of 32 bytes. They go straight through, without a loop over fields and without calls, which in a Go guest is several times as
// fast as the general readers. On any other layout they return false, and the general reader sets everything again.
//
// Lengths are not held against the end one by one: whatever runs past it cannot end up exactly at it, which is the last check.

// keyStride is the size of a 32-byte key as a field: tag, length, key.
const keyStride = 34

// far is an offset past the end of any update; a larger one is left to the general readers.
const far = 1 << 30

// peek returns the byte at i, 0 past the end: no tag is 0.
func peek(b []byte, i int) byte {
	if uint(i) < uint(len(b)) { // one comparison: the compiler sees that it covers the index check
		return b[i]
	}
	return 0
}

// payload returns where the payload behind a length of one to three bytes is (up to 2 MB); hi is far where there is none.
func payload(b []byte, i int) (lo, hi int) {
	if i+2 < len(b) {
		n := int(b[i])
		if n < 0x80 {
			return i + 1, i + 1 + n
		}
		n += int(b[i+1])<<7 - 0x80
		if n < 0x4000 {
			return i + 2, i + 2 + n
		}
		if c := int(b[i+2]); c < 0x80 {
			return i + 3, i + 3 + n + c<<14 - 0x4000
		}
	} else if i < len(b) { // the message's last bytes
		return i + 1, i + 1 + int(b[i])
	}
	return 0, far
}

// skip returns the offset behind the bytes field at i, whose length takes one or two bytes (up to 16 kB); an offset past the end where
// it takes more or is cut. Unlike payload it is small enough for the compiler to put in place.
func skip(b []byte, i int) int {
	n := int(peek(b, i+1))
	if n < 0x80 {
		return i + 2 + n
	}
	c := int(peek(b, i+2))
	return i + 3 - 0x80 + n + c<<7 + c>>7*far
}

// skipRun returns the offset behind the bytes fields of one tag that follow each other from i on. It is a function of its own, and
// calls none, because a loop in a Go guest costs with every variable of the function around it.
func skipRun(b []byte, i int, tag byte) int {
	for i+8 <= len(b) {
		head := loadAt(b, i)
		if byte(head) != tag {
			return i
		}
		n := int(head >> 8 & 0xff)
		i += 2 + n
		if n >= 0x80 {
			c := int(head >> 16 & 0xff)
			i += 1 - 0x80 + c<<7 + c>>7*far
		}
	}
	for peek(b, i) == tag {
		i = skip(b, i)
	}
	return i
}

// countKeys returns the number of 32-byte keys that follow each other from i on as fields of one tag.
func countKeys(b []byte, i int, tag byte) (n int) {
	want := uint64(tag) | 32<<8
	for i+keyStride <= len(b) && loadAt(b, i)&0xffff == want {
		n++
		i += keyStride
	}
	return n
}

// skipVarint returns the offset behind the varint at i.
func skipVarint(b []byte, i int) int {
	for i < len(b) && b[i] >= 0x80 {
		i++
	}
	return i + 1
}

func spanOf(lo, hi int) span { return span{uint32(lo), uint32(hi - lo)} }

// canonical reads a SubscribeUpdate without filters: one kind, then maybe the time.
func (u *Update) canonical(raw []byte) bool {
	tag := peek(raw, 0)
	const kinds = 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<7 | 1<<8 | 1<<10 | 1<<12
	if tag&7 != wireBytes || tag >= 0x80 || kinds>>(tag>>3)&1 == 0 {
		return false
	}
	lo, i := payload(raw, 1)
	u.kind, u.body = Kind(tag>>3), spanOf(lo, i)
	if peek(raw, i) == 11<<3|wireBytes {
		lo, i = payload(raw, i+1)
		u.created = spanOf(lo, i)
	}
	return i == len(raw)
}

// canonicalTransaction reads a SubscribeUpdateTransaction and the SubscribeUpdateTransactionInfo in it.
func (t *Transaction) canonicalTransaction(body span) bool {
	b := t.u.buf[:body.off+body.n]
	i := int(body.off)
	if peek(b, i) != 1<<3|wireBytes {
		return false
	}
	lo, end := payload(b, i+1)
	i = end
	t.slotAt, t.bankAt = 0, 0
	if peek(b, i) == 2<<3|wireVarint {
		t.slotAt = uint32(i + 1)
		i = skipVarint(b, i+1)
	}
	if peek(b, i) == 3<<3|wireVarint {
		t.bankAt = uint32(i + 1)
		i = skipVarint(b, i+1)
	}
	return i == len(b) && t.canonicalInfo(b[:end], lo)
}

// canonicalInfo reads a SubscribeUpdateTransactionInfo that is b from i on.
func (t *Transaction) canonicalInfo(b []byte, i int) bool {
	if i+66 > len(b) || b[i] != 1<<3|wireBytes || b[i+1] != 64 {
		return false
	}
	lo := i + 2
	t.signature = span{uint32(lo), 64}
	i += 66
	t.vote = false
	if peek(b, i) == 2<<3|wireVarint {
		if peek(b, i+1) != 1 {
			return false
		}
		t.vote = true
		i += 2
	}
	t.outer = span{}
	if peek(b, i) == 3<<3|wireBytes {
		lo, i = payload(b, i+1)
		t.outer = spanOf(lo, i)
	}
	t.meta = span{}
	if peek(b, i) == 4<<3|wireBytes {
		lo, i = payload(b, i+1)
		t.meta = spanOf(lo, i)
	}
	t.indexAt = 0
	if peek(b, i) == 5<<3|wireVarint {
		t.indexAt = uint32(i + 1)
		i = skipVarint(b, i+1)
	}
	return i == len(b)
}

// canonicalOuter reads a Transaction and the Message in it.
func (t *Transaction) canonicalOuter() bool {
	b := t.u.buf[:t.outer.off+t.outer.n]
	i := int(t.outer.off)
	t.firstSig = uint32(i + 2)
	signatures := 0
	for i+66 <= len(b) && b[i] == 1<<3|wireBytes && b[i+1] == 64 {
		signatures++
		i += 66
	}
	t.signatures = signatures
	if peek(b, i) != 2<<3|wireBytes {
		return false
	}
	lo, i := payload(b, i+1)
	return i == len(b) && t.canonicalMessage(b, lo)
}

// canonicalMessage reads a Message that is b from i on.
func (t *Transaction) canonicalMessage(b []byte, i int) bool {
	lo := 0
	t.header = span{}
	if peek(b, i) == 1<<3|wireBytes {
		lo = i + 2 + int(peek(b, i+1)>>7)
		i = skip(b, i)
		t.header = spanOf(lo, i)
	}
	t.spelled, t.loaded, t.keysAt = false, 0, uint32(i+2)
	t.static = countKeys(b, i, 2<<3|wireBytes)
	i += t.static * keyStride
	t.blockhash = span{}
	if peek(b, i) == 3<<3|wireBytes {
		lo = i + 2 + int(peek(b, i+1)>>7)
		i = skip(b, i)
		t.blockhash = spanOf(lo, i)
	}
	t.top.from = uint32(i)
	i = skipRun(b, i, 4<<3|wireBytes)
	t.top.to = uint32(i)
	t.isVersioned = false
	if peek(b, i) == 5<<3|wireVarint {
		if peek(b, i+1) != 1 {
			return false
		}
		t.isVersioned = true
		i += 2
	}
	i = skipRun(b, i, 6<<3|wireBytes)
	t.hasConfig = false
	if peek(b, i) == 7<<3|wireBytes {
		i = skip(b, i)
		t.hasConfig = true
	}
	return i == len(b)
}

// canonicalMeta reads a TransactionStatusMeta.
func (t *Transaction) canonicalMeta() bool {
	b := t.u.buf[:t.meta.off+t.meta.n]
	i := int(t.meta.off)
	lo := 0
	t.failure = span{}
	if peek(b, i) == 1<<3|wireBytes {
		lo = i + 2 + int(peek(b, i+1)>>7)
		i = skip(b, i)
		t.failure = spanOf(lo, i)
	}
	t.feeAt = 0
	if peek(b, i) == 2<<3|wireVarint {
		t.feeAt = uint32(i + 1)
		i = skipVarint(b, i+1)
	}
	t.preBalances.from = uint32(i)
	if peek(b, i) == 3<<3|wireBytes {
		i = skip(b, i)
	}
	t.preBalances.to, t.postBalances.from = uint32(i), uint32(i)
	if peek(b, i) == 4<<3|wireBytes {
		i = skip(b, i)
	}
	t.postBalances.to, t.groups.from = uint32(i), uint32(i)
	i = skipRun(b, i, 5<<3|wireBytes)
	t.groups.to, t.logs.from = uint32(i), uint32(i)
	i = skipRun(b, i, 6<<3|wireBytes)
	t.logs.to, t.preTokens.from = uint32(i), uint32(i)
	i = skipRun(b, i, 7<<3|wireBytes)
	t.preTokens.to, t.postTokens.from = uint32(i), uint32(i)
	i = skipRun(b, i, 8<<3|wireBytes)
	t.postTokens.to = uint32(i)
	return t.canonicalTail(b, i)
}

// canonicalTail reads the fields of a TransactionStatusMeta from 9, the rewards, on.
func (t *Transaction) canonicalTail(b []byte, i int) bool {
	i = skipRun(b, i, 9<<3|wireBytes)
	for peek(b, i) == 10<<3|wireVarint || peek(b, i) == 11<<3|wireVarint { // inner_instructions_none, log_messages_none
		i = skipVarint(b, i+1)
	}
	t.loadedAt = uint32(i + 2)
	t.writable = countKeys(b, i, 12<<3|wireBytes)
	i += t.writable * keyStride
	readOnly := countKeys(b, i, 13<<3|wireBytes)
	i += readOnly * keyStride
	t.loaded = t.writable + readOnly
	t.returnData = span{}
	if peek(b, i) == 14<<3|wireBytes {
		lo := 0
		lo = i + 2 + int(peek(b, i+1)>>7)
		i = skip(b, i)
		t.returnData = spanOf(lo, i)
	}
	if peek(b, i) == 15<<3|wireVarint { // return_data_none
		i = skipVarint(b, i+1)
	}
	t.computeAt = 0
	if peek(b, i) == 0x80 && peek(b, i+1) == 1 { // 16, varint
		t.computeAt = uint32(i + 2)
		i = skipVarint(b, i+2)
	}
	t.costAt = 0
	if peek(b, i) == 0x88 && peek(b, i+1) == 1 { // 17, varint
		t.costAt = uint32(i + 2)
		i = skipVarint(b, i+2)
	}
	return i == len(b)
}

// canonicalList reads instructions, CompiledInstruction or InnerInstruction, that follow each other in b from i on as a repeated
// field, into list, numbering them from inner on where they are inner ones. It returns how many it read and where it stopped: at
// the end of the field, at one of another layout, or when list is full.
func canonicalList(b []byte, i int, tag byte, list []Instruction, top, inner uint32) (n, next int) {
	for n < len(list) && i+12 <= len(b) && b[i] == tag {
		at, end := i+2, i+2+int(b[i+1])
		if end >= at+0x80 {
			c := int(b[at])
			end += c<<7 - 0x80 + 1
			at++
			if c >= 0x80 {
				break
			}
		}
		head := loadAt(b, at)
		if end > len(b) || head&0x80ff != 0x0008 { // the program's index first
			break
		}
		x := &list[n]
		x.program = uint32(head >> 8 & 0xff)
		j := at + 2
		x.accounts = span{}
		if head&0x80ff0000 == 0x00120000 {
			size := int(head >> 24 & 0xff)
			x.accounts = span{uint32(at + 4), uint32(size)}
			j = at + 4 + size
		}
		x.data = span{}
		if j+2 < end && b[j] == 3<<3|wireBytes {
			size := int(b[j+1])
			if j += 2; size >= 0x80 {
				c := int(b[j])
				size += c<<7 - 0x80
				if j++; c >= 0x80 {
					break
				}
			}
			x.data = span{uint32(j), uint32(size)}
			j += size
		}
		x.stackHeight = 0
		if j+2 == end && inner > 0 && b[j] == 4<<3|wireVarint && b[j+1] < 0x80 {
			x.stackHeight = uint32(b[j+1])
			j = end
		}
		if j != end {
			break
		}
		x.top, x.inner = top, inner
		if inner > 0 {
			inner++
		} else {
			top++
		}
		n++
		i = end
	}
	return n, i
}
