package guest

import "iter"

// outcome is what was read of a transaction's TransactionStatusMeta: where its values are, and where its lists are.
type outcome struct {
	feeAt        uint32 // where the varint is, 0 for none
	computeAt    uint32
	costAt       uint32
	failure      span // of a TransactionError
	returnData   span
	groups       run // InnerInstructions
	logs         run
	preTokens    run
	postTokens   run
	preBalances  run
	postBalances run
}

// A run is the part of a message between the first occurrence of a repeated field and the end of the last.
type run struct{ from, to uint32 }

func (r *run) extend(from, to int) {
	if r.to == 0 {
		r.from = uint32(from)
	}
	r.to = uint32(to)
}

// readOutcome reads the meta once, and the message before it: loaded keys follow the static ones.
func (t *Transaction) readOutcome() {
	if t.read&readMeta != 0 {
		return
	}
	t.readOuter()
	t.read |= readMeta
	if !t.canonicalMeta() {
		t.generalMeta()
	} else if t.spelled {
		t.spellLoaded()
	}
}

// generalMeta reads a TransactionStatusMeta of any layout.
func (t *Transaction) generalMeta() {
	t.spell()
	t.outcome = outcome{}
	t.writable = 0
	readOnly, disordered, joined := false, false, false
	u := t.u
	f := u.walk(t.meta)
	for start := f.i; f.next(); start = f.i {
		switch f.tag {
		case 1<<3 | wireBytes:
			joined = joined || !t.failure.absent()
			t.failure = f.span()
		case 2<<3 | wireVarint:
			t.feeAt = f.at
		case 3<<3 | wireBytes, 3<<3 | wireVarint:
			t.preBalances.extend(start, f.i)
		case 4<<3 | wireBytes, 4<<3 | wireVarint:
			t.postBalances.extend(start, f.i)
		case groupTag:
			t.groups.extend(start, f.i)
		case 6<<3 | wireBytes:
			t.logs.extend(start, f.i)
		case 7<<3 | wireBytes:
			t.preTokens.extend(start, f.i)
		case 8<<3 | wireBytes:
			t.postTokens.extend(start, f.i)
		case 12<<3 | wireBytes:
			t.keys = append(t.keys, f.span())
			t.writable++
			disordered = disordered || readOnly
		case 13<<3 | wireBytes:
			t.keys = append(t.keys, f.span())
			readOnly = true
		case 14<<3 | wireBytes:
			joined = joined || !t.returnData.absent()
			t.returnData = f.span()
		case 16<<3 | wireVarint:
			t.computeAt = f.at
		case 17<<3 | wireVarint:
			t.costAt = f.at
		}
	}
	u.done(&f)
	if disordered {
		t.reorderLoaded()
	}
	t.loaded = len(t.keys) - t.static
	if joined {
		t.failure, t.returnData = u.gather(t.meta, 1<<3|wireBytes), u.gather(t.meta, 14<<3|wireBytes)
	}
}

// reorderLoaded lists the loaded keys again, those of field 12 before those of field 13, whatever their order in the bytes.
func (t *Transaction) reorderLoaded() {
	t.keys = t.keys[:t.static]
	for _, tag := range [...]uint64{12<<3 | wireBytes, 13<<3 | wireBytes} {
		f := t.u.walk(t.meta)
		for f.next() {
			if f.tag == tag {
				t.keys = append(t.keys, f.span())
			}
		}
	}
}

// Failed reports whether the transaction failed.
func (t *Transaction) Failed() bool { return len(t.Err()) > 0 }

// Err returns the error in the validator's bincode, nil where the transaction succeeded.
func (t *Transaction) Err() []byte {
	t.readOutcome()
	if t.failure.absent() {
		return nil
	}
	if err := t.u.bytes(t.u.errorBytes(t.failure)); len(err) > 0 {
		return err
	}
	return nil
}

// Fee returns the fee in lamports.
func (t *Transaction) Fee() uint64 {
	t.readOutcome()
	return t.u.varintAt(t.feeAt)
}

// ComputeUnits returns the compute units that were used; false where the server does not say.
func (t *Transaction) ComputeUnits() (uint64, bool) {
	t.readOutcome()
	return t.u.varintAt(t.computeAt), t.computeAt != 0
}

// CostUnits returns the units by which the block's limit counts the transaction, 0 where the server does not say.
func (t *Transaction) CostUnits() uint64 {
	t.readOutcome()
	return t.u.varintAt(t.costAt)
}

// ReturnData returns the program that last set return data and the data; nil where none did.
func (t *Transaction) ReturnData() (program, data []byte) {
	t.readOutcome()
	f := t.u.walk(t.returnData)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireBytes:
			program = f.b[f.lo:f.hi:f.hi]
		case 2<<3 | wireBytes:
			data = f.b[f.lo:f.hi:f.hi]
		}
	}
	t.u.done(&f)
	return program, data
}

// Logs walks the log lines. The validator cuts long logs: a last line "Log truncated" says so.
func (t *Transaction) Logs() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) { t.eachLog(yield) }
}

func (t *Transaction) eachLog(yield func([]byte) bool) {
	t.readOutcome()
	f := t.over(t.logs)
	for f.next() {
		if f.tag == 6<<3|wireBytes && !yield(f.b[f.lo:f.hi:f.hi]) {
			return
		}
	}
}

// PreBalances walks the lamports of every key before the transaction, in the order of Key.
func (t *Transaction) PreBalances() iter.Seq2[int, uint64] {
	return func(yield func(int, uint64) bool) { t.eachPreBalance(yield) }
}

// PostBalances walks the lamports of every key after the transaction, in the order of Key.
func (t *Transaction) PostBalances() iter.Seq2[int, uint64] {
	return func(yield func(int, uint64) bool) { t.eachPostBalance(yield) }
}

func (t *Transaction) eachPreBalance(yield func(int, uint64) bool) {
	t.readOutcome()
	t.balances(t.preBalances, 3, yield)
}

func (t *Transaction) eachPostBalance(yield func(int, uint64) bool) {
	t.readOutcome()
	t.balances(t.postBalances, 4, yield)
}

// balances walks a repeated uint64, which may be packed, or not, or both.
func (t *Transaction) balances(r run, number uint64, yield func(int, uint64) bool) {
	n := 0
	f := t.over(r)
	for f.next() {
		switch f.tag {
		case number<<3 | wireVarint:
			if !yield(n, f.v) {
				return
			}
			n++
		case number<<3 | wireBytes:
			for i := f.lo; i < f.hi; n++ {
				var v uint64
				if v, i = varint(f.b, i, f.hi); i < 0 {
					t.u.malformed = true
					return
				}
				if !yield(n, v) {
					return
				}
			}
		}
	}
}

// over walks the fields of a run.
func (t *Transaction) over(r run) fields {
	return fields{b: t.u.buf, i: int(r.from), end: int(r.to)}
}
