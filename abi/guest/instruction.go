package guest

import "iter"

// instructions is the flat list of a transaction's instructions. Its slices are kept from one transaction to the next.
type instructions struct {
	all   []Instruction // in execution order: a top-level instruction, what it called, the next top-level instruction
	topAt []int32       // where in all the top-level instructions are
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
	t.readInstructions()
	return len(t.topAt)
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

// Instructions walks the top-level instructions.
func (t *Transaction) Instructions() iter.Seq[*Instruction] {
	return func(yield func(*Instruction) bool) { t.eachTop(yield) }
}

func (t *Transaction) eachTop(yield func(*Instruction) bool) {
	t.readInstructions()
	for _, at := range t.topAt {
		if !yield(&t.all[at]) {
			return
		}
	}
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
