package sandbox

// asm builds code out of instructions without immediates and those with one.
type asm []byte

func (a asm) op(ops ...byte) asm            { return append(a, ops...) }
func (a asm) idx(op byte, index uint32) asm { return appendU32(append(a, op), index) }
func (a asm) i32(v int64) asm               { return appendSigned(append(a, opI32Const), v) }
func (a asm) i64(v int64) asm               { return appendSigned(append(a, opI64Const), v) }
func (a asm) misc(op int, immediates ...byte) asm {
	return append(appendU32(append(a, prefixMisc), uint32(op&0xff)), immediates...)
}

// lower subtracts the amount (i64) on the stack from local fuel; what was there must be below it.
func (a asm) lower(fuel uint32) asm { return a.op(opI64Sub).idx(opLocalSet, fuel) }

// lowerAndTest is lower, and gets the next slice when this one is used up.
func (a asm) lowerAndTest(p *positions, fuel uint32) asm {
	return a.op(opI64Sub).idx(opLocalTee, fuel).refillUnlessPositive(p, fuel)
}

// refillUnlessPositive tests the fuel on the stack. The call is in the else arm: wazero's register allocator lays out the
// code behind an if for the first arm's registers, so that the path without the call keeps its own.
func (a asm) refillUnlessPositive(p *positions, fuel uint32) asm {
	return a.i64(0).op(opI64GeS, opIf, blockEmpty, opElse).
		idx(opLocalGet, fuel).idx(opCall, p.refill).idx(opLocalSet, fuel).op(opEnd)
}

// load and store move the fuel between its global and a function's local.
func (a asm) load(p *positions, fuel uint32) asm {
	return a.idx(opGlobalGet, p.slice).idx(opLocalSet, fuel)
}

func (a asm) store(p *positions, fuel uint32) asm {
	return a.idx(opLocalGet, fuel).idx(opGlobalSet, p.slice)
}

// fuelLocal, lengthLocal and resultLocal are the indices of the meter's own locals, behind those of the function: one i64,
// and two i32 where lengths are charged.
func (w *meter) fuelLocal() uint32   { return uint32(w.locals) }
func (w *meter) lengthLocal() uint32 { return uint32(w.locals) + 1 }
func (w *meter) resultLocal() uint32 { return uint32(w.locals) + 2 }

// splice writes locals and body with the charges in their places. Segments that cost nothing and test nothing vanish.
func (w *meter) splice(c *code) []byte {
	b := make([]byte, 0, len(w.out)+24*len(w.marks)+8*len(c.locals)+16)
	b = w.appendLocals(b, c)
	w.hoist()
	from := 0
	for _, m := range w.marks {
		b = append(b, w.out[from:m.pos]...)
		from = m.pos
		b = w.appendCharge(b, m)
	}
	return append(b, w.out[from:]...)
}

// hoist moves the cost of small segments to the one before, which is charged a little ahead: a charge costs more time than the
// few instructions that it is for.
func (w *meter) hoist() {
	for k := len(w.marks) - 1; k > 0; k-- {
		m := &w.marks[k]
		if m.test || m.outer == unreachable || m.cost > hoistUpTo {
			continue
		}
		if outer := &w.marks[m.outer]; outer.cost+m.cost < resumeBelow {
			outer.cost += m.cost
			m.cost = 0
		}
	}
}

func (w *meter) appendCharge(b []byte, m mark) []byte {
	if m.cost == 0 {
		return b
	}
	a := asm(b)
	if m.pos == 0 {
		a = a.idx(opGlobalGet, w.at.slice)
	} else {
		a = a.idx(opLocalGet, w.fuelLocal())
	}
	if a = a.i64(m.cost); m.test {
		return a.lowerAndTest(&w.at, w.fuelLocal())
	}
	return a.lower(w.fuelLocal())
}

func (w *meter) appendLocals(b []byte, c *code) []byte {
	runs := uint32(len(c.locals)) + 1
	if w.lengths {
		runs++
	}
	b = appendU32(b, runs)
	for _, run := range c.locals {
		b = append(appendU32(b, run.n), run.typ)
	}
	b = append(b, 1, typeI64)
	if w.lengths {
		b = append(b, 2, typeI32)
	}
	return b
}

// callHelper puts a call in an instruction's place; the helper has its type.
func (w *meter) callHelper(f uint32) {
	w.out = asm(w.out).store(&w.at, w.fuelLocal()).idx(opCall, f).load(&w.at, w.fuelLocal())
}

// call writes the decoded call. The callee counts in the global.
func (w *meter) call() {
	w.out = asm(w.out).store(&w.at, w.fuelLocal())
	w.write()
	w.out = asm(w.out).load(&w.at, w.fuelLocal())
}

// leave hands the fuel back to the caller.
func (w *meter) leave() { w.out = asm(w.out).store(&w.at, w.fuelLocal()) }

// chargeLength charges for the length on top of the stack (i32), which stays there.
func (w *meter) chargeLength() {
	w.lengths = true
	a := asm(w.out).idx(opLocalTee, w.lengthLocal()).idx(opLocalGet, w.fuelLocal()).idx(opLocalGet, w.lengthLocal()).op(opI64ExtendI32)
	if w.in.op == opMemoryInit {
		a = a.i64(bytesPerShift).op(opI64ShrU)
	}
	w.out = a.lowerAndTest(&w.at, w.fuelLocal())
}

// tableGrow charges for the elements after they are there: a refused growth is no error and must not cost what it asked for.
func (w *meter) tableGrow() {
	w.lengths = true
	w.out = asm(w.out).idx(opLocalTee, w.lengthLocal())
	w.write()
	w.out = asm(w.out).idx(opLocalTee, w.resultLocal()).i32(-1).op(opI32Ne, opIf, blockEmpty).
		idx(opLocalGet, w.fuelLocal()).idx(opLocalGet, w.lengthLocal()).op(opI64ExtendI32).lowerAndTest(&w.at, w.fuelLocal()).
		op(opEnd).idx(opLocalGet, w.resultLocal())
}
