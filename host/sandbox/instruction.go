package sandbox

// instruction is one decoded instruction. Which immediates are set depends on the opcode's shape.
type instruction struct {
	op   int    // with the prefix in the upper byte
	a, b uint32 // indices, depths, alignment, lane in b
	off  uint32 // offset of a memory argument
	n    int64  // constant, or block type
	raw  []byte // float and vector constants, shuffle lanes
	to   []uint32
}

// next decodes the instruction at r. Everything is decoded and written again, never copied, so that the engine cannot read
// an instruction where the meter saw a constant.
func (in *instruction) next(r *reader, lim *Limits) {
	at := r.base + r.pos
	op := int(r.byte("instruction"))
	s := shapesPlain[op]
	switch op {
	case prefixMisc, prefixVector:
		table := shapesMisc[:]
		if op == prefixVector {
			table = shapesVector[:]
		}
		s = shapeUnknown
		sub := r.u32("opcode")
		if int64(sub) < int64(len(table)) {
			s = table[sub]
		}
		op = op<<8 | int(min(sub, 0xff))
		if sub > 0xff {
			op = (op>>8+1)<<8 | int(sub&0xff)
		}
	}
	in.op = op
	if r.err == nil && s == shapeUnknown {
		r.fail(Unsupported, "byte %d: opcode %#x is %s; monitors are built for WebAssembly 2.0", at, op, foreign(op))
	}
	in.immediates(r, s, lim)
}

func (in *instruction) immediates(r *reader, s shape, lim *Limits) {
	switch s {
	case shapeNone, shapeUnknown:
	case shapeBlock:
		in.blockType(r)
	case shapeLabel, shapeFunc, shapeLocal, shapeGlobal, shapeTableIdx, shapeData, shapeElem:
		in.a = r.u32("index")
	case shapeIndirect, shapeElemTable, shapeTable2:
		in.a, in.b = r.u32("index"), r.u32("index")
	case shapeTable:
		in.branchTable(r, lim)
	case shapeSelect:
		in.selectType(r)
	case shapeMemArg:
		in.a, in.off = r.u32("alignment"), r.u32("offset")
	case shapeMemArgLane:
		in.a, in.off, in.b = r.u32("alignment"), r.u32("offset"), uint32(r.byte("lane"))
	case shapeLane:
		in.b = uint32(r.byte("lane"))
	case shapeI32:
		in.n = r.signed(32, "constant")
	case shapeI64:
		in.n = r.signed(64, "constant")
	case shapeBytes4:
		in.raw = r.bytes(4, "constant")
	case shapeBytes8:
		in.raw = r.bytes(8, "constant")
	case shapeBytes16:
		in.raw = r.bytes(16, "constant")
	case shapeRefType:
		in.a = uint32(refType(r))
	case shapeDataMemory:
		in.a = r.u32("data index")
		memoryZero(r)
	case shapeMemory2:
		memoryZero(r)
		memoryZero(r)
	case shapeMemory:
		memoryZero(r)
	}
}

// blockType reads an s33: negative for a value type or nothing, else a type index.
func (in *instruction) blockType(r *reader) {
	in.n = r.signed(33, "block type")
	if in.n < 0 && r.err == nil {
		if t := byte(in.n & 0x7f); in.n < -64 || (t != blockEmpty && !isValueType(t)) {
			r.fail(Unsupported, "byte %d: block type %d is none of WebAssembly 2.0", r.base+r.pos, in.n)
		}
	}
}

func (in *instruction) branchTable(r *reader, lim *Limits) {
	n := r.limited(lim.BranchTable, "targets of a br_table")
	in.to = in.to[:0]
	for range n {
		in.to = append(in.to, r.u32("branch target"))
	}
	in.a = r.u32("default branch target")
}

func (in *instruction) selectType(r *reader) {
	if n := r.u32("select types"); n != 1 && r.err == nil {
		r.fail(Malformed, "byte %d: select with %d types, want 1", r.base+r.pos, n)
	}
	in.a = uint32(valueType(r))
}

func memoryZero(r *reader) {
	if r.byte("memory index") != 0 {
		r.fail(Unsupported, "byte %d: a memory other than the first (multiple memories)", r.base+r.pos)
	}
}

func isValueType(t byte) bool {
	return t >= typeV128 && t <= typeI32 || t == typeFuncref || t == typeExternref
}

func valueType(r *reader) byte {
	t := r.byte("value type")
	if !isValueType(t) {
		r.fail(Unsupported, "byte %d: value type %#x is none of WebAssembly 2.0", r.base+r.pos, t)
	}
	return t
}

func refType(r *reader) byte {
	t := r.byte("reference type")
	if t != typeFuncref && t != typeExternref {
		r.fail(Unsupported, "byte %d: reference type %#x is none of WebAssembly 2.0", r.base+r.pos, t)
	}
	return t
}

// append writes the instruction in its shortest form.
func (in *instruction) append(b []byte) []byte {
	if in.op > 0xff {
		b = appendU32(append(b, byte(in.op>>8)), uint32(in.op&0xff))
		return in.appendPrefixed(b)
	}
	b = append(b, byte(in.op))
	switch shapesPlain[in.op] {
	case shapeBlock, shapeI32, shapeI64:
		return appendSigned(b, in.n)
	case shapeLabel, shapeFunc, shapeLocal, shapeGlobal, shapeTableIdx:
		return appendU32(b, in.a)
	case shapeIndirect:
		return appendU32(appendU32(b, in.a), in.b)
	case shapeTable:
		b = appendU32(b, uint32(len(in.to)))
		for _, to := range in.to {
			b = appendU32(b, to)
		}
		return appendU32(b, in.a)
	case shapeSelect:
		return append(b, 1, byte(in.a))
	case shapeMemArg:
		return appendU32(appendU32(b, in.a), in.off)
	case shapeMemory:
		return append(b, 0)
	case shapeBytes4, shapeBytes8:
		return append(b, in.raw...)
	case shapeRefType:
		return append(b, byte(in.a))
	}
	return b
}

func (in *instruction) appendPrefixed(b []byte) []byte {
	table := shapesMisc[:]
	if in.op>>8 == prefixVector {
		table = shapesVector[:]
	}
	switch table[in.op&0xff] {
	case shapeDataMemory:
		return append(appendU32(b, in.a), 0)
	case shapeData, shapeElem, shapeTableIdx:
		return appendU32(b, in.a)
	case shapeMemory2:
		return append(b, 0, 0)
	case shapeMemory:
		return append(b, 0)
	case shapeElemTable, shapeTable2:
		return appendU32(appendU32(b, in.a), in.b)
	case shapeMemArg:
		return appendU32(appendU32(b, in.a), in.off)
	case shapeMemArgLane:
		return append(appendU32(appendU32(b, in.a), in.off), byte(in.b))
	case shapeLane:
		return append(b, byte(in.b))
	case shapeBytes16:
		return append(b, in.raw...)
	}
	return b
}
