package guest

const (
	topTag   = 4<<3 | wireBytes // Message.instructions
	groupTag = 5<<3 | wireBytes // TransactionStatusMeta.inner_instructions
	innerTag = 2<<3 | wireBytes // InnerInstructions.instructions
)

// readInstructions reads all instructions once, in execution order.
func (t *Transaction) readInstructions() {
	if t.read&readInstructions != 0 {
		return
	}
	t.readOutcome()
	t.read |= readInstructions
	if !t.readInOrder() {
		t.readDisordered()
	}
}

// readInOrder reads instructions whose groups of inner ones come in the order of the instructions that they belong to, as validators
// write them. It returns false where they do not.
func (t *Transaction) readInOrder() bool {
	t.all, t.topAt = t.all[:0], t.topAt[:0]
	tops := t.over(t.top)
	groups := t.over(t.groups)
	for groups.next() {
		if groups.tag != groupTag {
			continue
		}
		group := fields{b: groups.b, i: groups.lo, end: groups.hi}
		index := 0
		if group.i+2 <= group.end && group.b[group.i] == 1<<3|wireVarint && group.b[group.i+1] < 0x80 {
			index = int(group.b[group.i+1])
			group.i += 2
		}
		last := len(t.topAt) - 1
		if index < last {
			return false
		}
		t.takeTop(&tops, index-last)
		if index >= len(t.topAt) || !t.takeInner(&group, index) {
			return false
		}
	}
	t.takeTop(&tops, maxTop)
	t.u.done(&groups)
	return true
}

// maxTop is more instructions than an update can have.
const maxTop = 1 << 30

// takeTop reads up to limit more top-level instructions.
func (t *Transaction) takeTop(f *fields, limit int) {
	for limit > 0 && f.i < f.end {
		from, top := len(t.all), len(t.topAt)
		n, full := t.takeRun(f, topTag, limit, uint32(top), 0)
		if limit -= n; !full && limit > 0 && f.next() && f.tag == topTag {
			t.append(f.span(), uint32(top+n), 0)
			limit--
		}
		for at := from; at < len(t.all); at++ {
			t.topAt = append(t.topAt, int32(at))
		}
	}
	t.u.done(f)
}

// takeInner reads the inner instructions of a group for the top-level instruction that was read last. It returns false where another
// index follows, which would replace the group's.
func (t *Transaction) takeInner(f *fields, top int) bool {
	for f.i < f.end {
		// A group continues the numbering of the one before it of the same instruction.
		inner := uint32(len(t.all)) - uint32(t.topAt[top])
		n, full := t.takeRun(f, innerTag, maxTop, uint32(top), inner)
		if full || f.i >= f.end || !f.next() {
			continue
		}
		switch f.tag {
		case 1<<3 | wireVarint:
			return false
		case innerTag:
			t.append(f.span(), uint32(top), inner+uint32(n))
		}
	}
	t.u.done(f)
	return true
}

// takeRun reads instructions of the usual layout as far as they go, or to the limit, or as far as there is room. It reports how many,
// and whether it stopped for want of room.
func (t *Transaction) takeRun(f *fields, tag byte, limit int, top, inner uint32) (n int, full bool) {
	used := len(t.all)
	if used == cap(t.all) {
		t.grow()
	}
	room := t.all[used:min(cap(t.all), used+limit)]
	n, f.i = canonicalList(f.b[:f.end], f.i, tag, room, top, inner)
	t.all = t.all[:used+n]
	return n, n == len(room)
}

// grow makes room for instructions. Each of them knows its transaction from then on.
func (t *Transaction) grow() {
	all := make([]Instruction, max(64, 2*cap(t.all)))
	for i := range all {
		all[i].t = t
	}
	copy(all, t.all)
	t.all = all[:len(t.all)]
}

// append reads an instruction of any layout.
func (t *Transaction) append(s span, top, inner uint32) {
	if len(t.all) == cap(t.all) {
		t.grow()
	}
	t.all = t.all[:len(t.all)+1]
	x := &t.all[len(t.all)-1]
	*x = Instruction{t: t, top: top, inner: inner}
	f := t.u.walk(s)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			x.program = uint32(f.v)
		case 2<<3 | wireBytes:
			x.accounts = f.span()
		case 3<<3 | wireBytes:
			x.data = f.span()
		case 4<<3 | wireVarint:
			if inner > 0 {
				x.stackHeight = uint32(f.v)
			}
		}
	}
	t.u.done(&f)
}

// readDisordered reads instructions whose groups of inner ones come in any order. Groups of one instruction join in the order of the
// bytes; groups of instructions that do not exist are left out: nothing can have called them.
func (t *Transaction) readDisordered() {
	t.all, t.topAt = t.all[:0], t.topAt[:0]
	var tops []span
	for f := t.over(t.top); f.next(); {
		if f.tag == topTag {
			tops = append(tops, f.span())
		}
	}
	groups := make([][]span, len(tops))
	for f := t.over(t.groups); f.next(); {
		if f.tag != groupTag {
			continue
		}
		if top := t.groupIndex(f.span()); top < uint64(len(tops)) {
			groups[top] = append(groups[top], f.span())
		}
	}
	for top, s := range tops {
		t.topAt = append(t.topAt, int32(len(t.all)))
		t.append(s, uint32(top), 0)
		inner := uint32(1)
		for _, g := range groups[top] {
			for f := t.u.walk(g); f.next(); {
				if f.tag == innerTag {
					t.append(f.span(), uint32(top), inner)
					inner++
				}
			}
		}
	}
}

// groupIndex reads the index of an InnerInstructions message.
func (t *Transaction) groupIndex(group span) (index uint64) {
	f := t.u.walk(group)
	for f.next() {
		if f.tag == 1<<3|wireVarint {
			index = uint64(uint32(f.v))
		}
	}
	t.u.done(&f)
	return index
}
