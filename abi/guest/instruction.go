package guest

// instructions is the flat list of a transaction's instructions. Its slices are kept from one transaction to the next.
type instructions struct {
	all     []Instruction // in execution order: a top-level instruction, what it called, the next top-level instruction
	topAt   []int32       // where in all the top-level instructions are
	nextOf  []int32       // scratch of readDisordered: the next group of the same instruction
	headOf  []int32       // scratch of readDisordered: an instruction's first group
	groupOf []uint32      // scratch: a group's index
}

// Instruction is a top-level instruction or one that a program called.
type Instruction struct {
	t *Transaction

	accounts    span
	data        span
	program     uint32
	top         uint32
	inner       uint32 // 0: top level, else the position within the top-level instruction's list, from 1
	stackHeight uint32
}

// All returns every instruction in the order in which they ran: each top-level instruction, then those called from it. The slice
// is valid until the next update.
func (t *Transaction) All() []Instruction {
	t.readInstructions()
	return t.all
}

// NumInstructions returns the number of top-level instructions.
func (t *Transaction) NumInstructions() int {
	t.readOuter()
	return len(t.top)
}

// Instruction returns the i-th top-level instruction, nil where there is none.
func (t *Transaction) Instruction(i int) *Instruction {
	t.readInstructions()
	if uint(i) >= uint(len(t.topAt)) {
		return nil
	}
	return &t.all[t.topAt[i]]
}

// Inner returns the instructions called from the i-th top-level instruction, in the order in which they ran. The slice is valid
// until the next update.
func (t *Transaction) Inner(i int) []Instruction {
	t.readInstructions()
	if uint(i) >= uint(len(t.topAt)) {
		return nil
	}
	end := len(t.all)
	if i+1 < len(t.topAt) {
		end = int(t.topAt[i+1])
	}
	return t.all[t.topAt[i]+1 : end : end]
}

// readInstructions reads all instructions once.
func (t *Transaction) readInstructions() {
	if t.read&readInstructions != 0 {
		return
	}
	t.readOutcome()
	t.read |= readInstructions
	t.all, t.topAt = t.all[:0], t.topAt[:0]
	if !t.readGroupIndexes() {
		t.linkGroups()
	}
	g := 0
	for top := range t.top {
		t.topAt = append(t.topAt, int32(len(t.all)))
		t.append(t.top[top], uint32(top), 0)
		if t.linked() {
			for k := t.headOf[top]; k >= 0; k = t.nextOf[k] {
				t.appendGroup(t.groups[k], uint32(top))
			}
			continue
		}
		for ; g < len(t.groups) && t.groupOf[g] == uint32(top); g++ {
			t.appendGroup(t.groups[g], uint32(top))
		}
	}
}

func (t *Transaction) linked() bool { return len(t.headOf) > 0 }

// readGroupIndexes reads which top-level instruction each group belongs to, and reports whether they are in order and all exist,
// as validators write them.
func (t *Transaction) readGroupIndexes() (ordered bool) {
	t.groupOf, t.headOf, t.nextOf = t.groupOf[:0], t.headOf[:0], t.nextOf[:0]
	ordered = true
	last := uint32(0)
	for _, g := range t.groups {
		index := t.groupIndex(g)
		ordered = ordered && index >= last && index < uint32(len(t.top))
		last = index
		t.groupOf = append(t.groupOf, index)
	}
	return ordered
}

// groupIndex reads the index of an InnerInstructions message. It is the first field in the layout that servers write; a later one
// would replace it, so the rest is passed over.
func (t *Transaction) groupIndex(group span) (index uint32) {
	b := t.u.buf[:group.off+group.n]
	i := int(group.off)
	if peek(b, i) == 1<<3|tagVarint && peek(b, i+1) < 0x80 && i+2 <= len(b) {
		index = uint32(b[i+1])
		i += 2
	}
	if _, i = many(b, i, 2<<3|tagBytes); i == len(b) {
		return index
	}
	f := t.u.walk(group)
	for f.next() {
		if f.tag == 1<<3|wireVarint {
			index = uint32(f.v)
		}
	}
	t.u.done(&f)
	return index
}

// linkGroups lists each top-level instruction's groups in the order of the bytes. Groups of instructions that do not exist are left
// out: nothing can have called them.
func (t *Transaction) linkGroups() {
	for range t.top {
		t.headOf = append(t.headOf, -1)
	}
	for range t.groups {
		t.nextOf = append(t.nextOf, -1)
	}
	for g := len(t.groups) - 1; g >= 0; g-- {
		if top := t.groupOf[g]; top < uint32(len(t.top)) {
			t.nextOf[g], t.headOf[top] = t.headOf[top], int32(g)
		}
	}
}

func (t *Transaction) appendGroup(group span, top uint32) {
	// A group continues the numbering of the one before it of the same instruction.
	inner := uint32(len(t.all)) - uint32(t.topAt[top])
	b := t.u.buf[:group.off+group.n]
	i := int(group.off)
	if i+2 < len(b) && b[i] == 1<<3|tagVarint && b[i+1] < 0x80 {
		i += 2
	}
	for peek(b, i) == 2<<3|tagBytes {
		lo, hi := payload(b, i+1)
		if hi < 0 {
			break
		}
		t.append(spanOf(lo, hi), top, inner)
		inner++
		i = hi
	}
	f := fields{b: b, i: i, end: len(b)} // whatever else there is
	for f.next() {
		if f.tag == 2<<3|wireBytes {
			t.append(f.span(), top, inner)
			inner++
		}
	}
}

// append reads a CompiledInstruction or an InnerInstruction; their fields agree.
func (t *Transaction) append(s span, top, inner uint32) {
	n := len(t.all)
	if n == cap(t.all) {
		t.grow()
	}
	t.all = t.all[:n+1]
	x := &t.all[n]
	x.clear()
	x.top, x.inner = top, inner
	if !x.canonical(t.u.buf[:s.off+s.n], int(s.off)) {
		x.clear()
		x.general(s)
	}
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

func (x *Instruction) clear() {
	x.accounts, x.data, x.program, x.stackHeight = span{}, span{}, 0, 0
}

// general reads an instruction of any layout.
func (x *Instruction) general(s span) {
	f := x.t.u.walk(s)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			x.program = uint32(f.v)
		case 2<<3 | wireBytes:
			x.accounts = f.span()
		case 3<<3 | wireBytes:
			x.data = f.span()
		case 4<<3 | wireVarint:
			if x.inner > 0 {
				x.stackHeight = uint32(f.v)
			}
		}
	}
	x.t.u.done(&f)
}

// Index returns the position of the top-level instruction that this one is or was called from.
func (x *Instruction) Index() int { return int(x.top) }

// InnerIndex returns the position within Inner(Index), -1 for a top-level instruction.
func (x *Instruction) InnerIndex() int { return int(x.inner) - 1 }

// IsInner reports whether a program called the instruction.
func (x *Instruction) IsInner() bool { return x.inner > 0 }

// StackHeight returns the depth of the call: 1 at top level, 2 for what it called, and so on; 0 where the server does not say.
func (x *Instruction) StackHeight() int {
	if x.inner == 0 {
		return 1
	}
	return int(x.stackHeight)
}

// Program returns the index of the program's key. It may be out of range in malformed bytes.
func (x *Instruction) Program() int { return int(x.program) }

// ProgramID returns the program's key, 32 bytes, nil where the transaction has no such key.
func (x *Instruction) ProgramID() []byte { return x.t.Key(int(x.program)) }

// NumAccounts returns the number of accounts that the instruction names.
func (x *Instruction) NumAccounts() int { return int(x.accounts.n) }

// AccountIndex returns the index of the i-th account's key, -1 where there is no such account.
func (x *Instruction) AccountIndex(i int) int {
	if uint(i) >= uint(x.accounts.n) {
		return -1
	}
	return int(x.t.u.buf[int(x.accounts.off)+i])
}

// Account returns the key of the i-th account, 32 bytes, nil where there is no such account or key.
func (x *Instruction) Account(i int) []byte {
	if uint(i) >= uint(x.accounts.n) {
		return nil
	}
	return x.t.Key(int(x.t.u.buf[int(x.accounts.off)+i]))
}

// Data returns the instruction's data.
func (x *Instruction) Data() []byte {
	return x.t.u.buf[x.data.off : x.data.off+x.data.n : x.data.off+x.data.n]
}

// Transaction returns the transaction that the instruction is part of.
func (x *Instruction) Transaction() *Transaction { return x.t }
