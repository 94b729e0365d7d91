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
		index := uint32(0)
		f := t.u.walk(g)
		for f.next() {
			if f.tag == 1<<3|wireVarint {
				index = uint32(f.v)
			}
		}
		t.u.done(&f)
		ordered = ordered && index >= last && index < uint32(len(t.top))
		last = index
		t.groupOf = append(t.groupOf, index)
	}
	return ordered
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
	f := t.u.walk(group)
	for f.next() {
		if f.tag == 2<<3|wireBytes {
			t.append(f.span(), top, inner)
			inner++
		}
	}
}

// append reads a CompiledInstruction or an InnerInstruction; their fields agree.
func (t *Transaction) append(s span, top, inner uint32) {
	ix := Instruction{t: t, top: top, inner: inner}
	f := t.u.walk(s)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			ix.program = uint32(f.v)
		case 2<<3 | wireBytes:
			ix.accounts = f.span()
		case 3<<3 | wireBytes:
			ix.data = f.span()
		case 4<<3 | wireVarint:
			if inner > 0 {
				ix.stackHeight = uint32(f.v)
			}
		}
	}
	t.u.done(&f)
	t.all = append(t.all, ix)
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
