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

// take subtracts what is on the stack (i64) from the slice; the slice must be below it.
func (a asm) take(p *positions) asm { return a.op(opI64Sub).idx(opGlobalSet, p.slice) }

// test calls for the next slice when local fuel, which holds what is left of this one, is negative.
func (a asm) test(p *positions, fuel uint32) asm {
	return a.idx(opLocalGet, fuel).i64(0).op(opI64LtS, opIf, blockEmpty).idx(opCall, p.refill).op(opEnd)
}

// takeAndTest is take followed by test.
func (a asm) takeAndTest(p *positions, fuel uint32) asm {
	return a.op(opI64Sub).idx(opLocalTee, fuel).idx(opGlobalSet, p.slice).test(p, fuel)
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
	from := 0
	for _, m := range w.marks {
		b = append(b, w.out[from:m.pos]...)
		from = m.pos
		b = w.appendCharge(b, m)
	}
	return append(b, w.out[from:]...)
}

func (w *meter) appendCharge(b []byte, m mark) []byte {
	if m.cost == 0 {
		return b
	}
	a := asm(b).idx(opGlobalGet, w.at.slice).i64(m.cost)
	if m.test {
		return a.takeAndTest(&w.at, w.fuelLocal())
	}
	return a.take(&w.at)
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
func (w *meter) callHelper(f uint32) { w.out = asm(w.out).idx(opCall, f) }

// chargeLength charges for the length on top of the stack (i32), which stays there.
func (w *meter) chargeLength() {
	w.lengths = true
	a := asm(w.out).idx(opLocalTee, w.lengthLocal()).idx(opGlobalGet, w.at.slice).idx(opLocalGet, w.lengthLocal()).op(opI64ExtendI32)
	if w.in.op == opMemoryInit {
		a = a.i64(bytesPerShift).op(opI64ShrU)
	}
	w.out = a.takeAndTest(&w.at, w.fuelLocal())
}

// tableGrow charges for the elements after they are there: a refused growth is no error and must not cost what it asked for.
func (w *meter) tableGrow() {
	w.lengths = true
	w.out = asm(w.out).idx(opLocalTee, w.lengthLocal())
	w.write()
	w.out = asm(w.out).idx(opLocalTee, w.resultLocal()).i32(-1).op(opI32Ne, opIf, blockEmpty).
		idx(opGlobalGet, w.at.slice).idx(opLocalGet, w.lengthLocal()).op(opI64ExtendI32).takeAndTest(&w.at, w.fuelLocal()).
		op(opEnd).idx(opLocalGet, w.resultLocal())
}
