package sandbox

import "math/rand/v2"

// generator makes random valid modules that end by themselves: loops are counted, and a function calls only those before it.
// Floats are looked at by comparison and saturating truncation alone, so that a NaN's bits cannot make a difference.
type generator struct {
	*rand.Rand
	code  asm
	fn    int // index of the function being made, imports left out
	depth int // open blocks
	loops int
	fuel  int // what is left of the module's size
}

// The locals of each function, behind its parameters (i32, i32, i64), by type.
var generatedLocals = map[byte][]uint32{
	typeI32: {0, 1, 3, 4}, typeI64: {2, 5, 6}, typeF64: {7, 8}, typeV128: {9},
}

const (
	loopCounter        = 10 // and the one behind it: one per nested loop
	generatedFunctions = 6  // each (i32 i32 i64) -> i32; the last one is weir_match
	generatedTable     = 12 // elements at first
)

// Types of the generated module: the functions', and those of blocks with several values.
const (
	typeMatch = iota
	typeNone
	typeAlloc
	typeDescribe
	typePair // () -> (i32 i64)
	typeTurn // (i32) -> (i32)
)

func generate(seed uint64) []byte {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1)), fuel: 1500}
	b := []byte("\x00asm\x01\x00\x00\x00")
	types := []funcType{
		signature("iiI", "i"), signature("", ""), signature("i", "i"), signature("", "I"), signature("", "iI"), signature("i", "i"),
	}
	m := &binaryModule{types: types}
	b = section(b, sectionType, originalTypes(m))
	b = section(b, sectionFunction, asm{generatedFunctions + 3}.op(make([]byte, generatedFunctions)...).op(typeNone, typeAlloc, typeDescribe))
	b = section(b, sectionTable, []byte{2, typeFuncref, 0, generatedTable, typeExternref, 1, 4, 40})
	b = section(b, sectionMemory, []byte{1, 1, 2, 4})
	b = section(b, sectionGlobal, asm{3, typeI32, 1}.i32(7).op(opEnd, typeI64, 1).i64(-9).op(opEnd, typeI64, 0).i64(5).op(opEnd))
	b = section(b, sectionExport, generatedExports())
	b = section(b, sectionElement, asm{2, 0}.i32(0).op(opEnd, 3, 0, 1, 0, 1, 0, 3, 1, 0, 2))
	b = section(b, sectionDataCount, []byte{2})
	code := asm{generatedFunctions + 3}
	for g.fn = range generatedFunctions {
		code = sized(code, g.function())
	}
	for _, body := range []asm{{0, opEnd}, asm{0}.i32(1 << 10).op(opEnd), asm{0}.i64(64<<32 | 2).op(opEnd)} {
		code = sized(code, body)
	}
	b = section(b, sectionCode, code)
	return section(b, sectionData, append(asm{2, 0}.i32(64).op(opEnd, 2, '{', '}', 1, 100), make([]byte, 100)...))
}

func sized(b, body []byte) []byte { return append(appendU32(b, uint32(len(body))), body...) }

func originalTypes(m *binaryModule) []byte {
	b := appendU32(nil, uint32(len(m.types)))
	for _, t := range m.types {
		b = append(appendU32(append(b, typeFunc), uint32(len(t.params))), t.params...)
		b = append(appendU32(b, uint32(len(t.results))), t.results...)
	}
	return b
}

func generatedExports() []byte {
	b := []byte{7}
	for _, e := range []export{
		{"memory", externMemory, 0}, {"weir_match", externFunc, generatedFunctions - 1}, {"weir_abi_v1", externFunc, generatedFunctions},
		{"weir_alloc", externFunc, generatedFunctions + 1}, {"weir_describe", externFunc, generatedFunctions + 2},
		{"g0", externGlobal, 0}, {"g1", externGlobal, 1},
	} {
		b = appendU32(append(appendName(b, e.name), e.kind), e.index)
	}
	return b
}

func (g *generator) function() asm {
	// Locals 3 to 11: two i32, two i64, two f64, one v128, two loop counters.
	g.code = asm{5, 2, typeI32, 2, typeI64, 2, typeF64, 1, typeV128, 2, typeI32}
	g.depth, g.loops = 0, 0
	g.statements(3 + g.IntN(8))
	g.value(typeI32, 3)
	return g.code.op(opEnd)
}

func (g *generator) statements(n int) {
	for range n {
		if g.fuel -= 10; g.fuel > 0 {
			g.statement()
		}
	}
}

func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

func (g *generator) local(t byte) uint32 { return pick(g, generatedLocals[t]...) }

func (g *generator) statement() {
	switch g.IntN(22) {
	case 0, 1, 2:
		t := pick[byte](g, typeI32, typeI64, typeF64, typeV128)
		g.value(t, 3)
		g.code = g.code.idx(opLocalSet, g.local(t))
	case 3:
		g.value(typeI64, 2)
		g.code = g.code.idx(opGlobalSet, 1)
	case 4:
		g.value(typeI32, 2)
		g.code = g.code.idx(opGlobalSet, 0)
	case 5, 6:
		g.store()
	case 7, 8:
		g.value(typeI32, 2)
		g.body(opIf, blockEmpty, true)
	case 9, 10:
		g.body(opBlock, blockEmpty, false)
	case 11, 12:
		g.loop()
	case 13:
		g.branch()
	case 14:
		g.bulk()
	case 15:
		g.tables()
	case 16:
		g.dead()
	case 17:
		g.pairs()
	case 18:
		g.branchTable()
	case 19:
		g.value(typeI32, 1)
		g.code = g.code.i32(0x7ff).op(0x71).i32(0).op(0x46, opIf, blockEmpty, opUnreachable, opEnd) // now and then
	case 20:
		g.value(typeI32, 2)
		g.code = g.code.op(opDrop, 0x01)
	case 21:
		g.turn()
	}
}

// body makes a block or an if, with an else now and then.
func (g *generator) body(op, typ byte, arms bool) {
	g.code = g.code.op(op, typ)
	g.depth++
	g.statements(1 + g.IntN(4))
	if arms && g.IntN(2) == 0 {
		g.code = g.code.op(opElse)
		g.statements(1 + g.IntN(3))
	}
	g.depth--
	g.code = g.code.op(opEnd)
}

// loop runs up to three times; branches to it from inside are counted as well.
func (g *generator) loop() {
	if g.loops == 2 {
		return
	}
	counter := uint32(loopCounter + g.loops)
	g.code = g.code.i32(0).idx(opLocalSet, counter).op(opLoop, blockEmpty)
	// The counter is stepped first, so that no way back to the header avoids it.
	g.code = g.code.idx(opLocalGet, counter).i32(1).op(opI32Add).idx(opLocalTee, counter).i32(int64(2+g.IntN(3))).op(opI32LeU, opIf, blockEmpty)
	g.loops++
	g.depth += 2
	g.statements(1 + g.IntN(5))
	g.code = g.code.idx(pick[byte](g, opBr, opBr, 0x01), 1)
	if g.code[len(g.code)-2] == 0x01 {
		g.code = g.code[:len(g.code)-2] // a loop without a way back
	}
	g.depth -= 2
	g.loops--
	g.code = g.code.op(opEnd, opEnd)
}

func (g *generator) branch() {
	if g.depth == 0 {
		return
	}
	g.value(typeI32, 2)
	g.code = g.code.idx(opBrIf, uint32(g.IntN(g.depth)))
}

func (g *generator) branchTable() {
	if g.depth == 0 {
		return
	}
	g.code = g.code.op(opBlock, blockEmpty)
	g.value(typeI32, 2)
	g.code = g.code.i32(7).op(0x71, opBrTable, 3)
	for range 4 {
		g.code = appendU32(g.code, uint32(g.IntN(g.depth+1)))
	}
	g.code = g.code.op(opEnd)
}

// dead makes code behind a branch, with blocks in it, and a return now and then.
func (g *generator) dead() {
	g.value(typeI32, 1)
	g.code = g.code.op(opIf, blockEmpty)
	g.depth++
	if g.IntN(3) == 0 {
		g.value(typeI32, 2)
		g.code = g.code.op(opReturn)
	} else {
		g.code = g.code.idx(opBr, 0)
	}
	g.body(opBlock, blockEmpty, false)
	g.code = g.code.op(opI32Add, opDrop, opLoop, blockEmpty).i32(0).idx(opBrIf, 0).op(opEnd)
	g.depth--
	g.code = g.code.op(opEnd)
}

func (g *generator) pairs() {
	g.code = g.code.op(opBlock, typePair)
	g.value(typeI32, 1)
	g.value(typeI64, 1)
	g.value(typeI32, 1)
	g.code = g.code.idx(opBrIf, 0).op(opEnd).idx(opLocalSet, g.local(typeI64)).idx(opLocalSet, g.local(typeI32))
}

// turn makes a loop with a parameter that counts down.
func (g *generator) turn() {
	g.code = g.code.i32(int64(g.IntN(4))).op(opLoop, typeTurn).i32(1).op(opI32Sub).idx(opLocalTee, 3).idx(opLocalGet, 3).i32(0).
		op(0x4a).idx(opBrIf, 0).op(opEnd, opDrop)
}

// address pushes one inside of the memory's first 64 KiB, or now and then any at all.
func (g *generator) address() {
	g.value(typeI32, 1)
	if g.IntN(60) > 0 {
		g.code = g.code.i32(0x7ff0).op(0x71)
	}
}

func (g *generator) store() {
	g.address()
	switch g.IntN(4) {
	case 0:
		g.value(typeI32, 2)
		g.code = g.code.op(0x36, 2, byte(g.IntN(100)))
	case 1:
		g.value(typeI64, 2)
		g.code = g.code.op(0x3d, 1, byte(g.IntN(100)))
	case 2:
		g.value(typeI32, 2)
		g.code = g.code.op(0x3a, 0, byte(g.IntN(100)))
	case 3:
		g.value(typeV128, 1)
		g.code = g.code.op(prefixVector, 11, 3, byte(g.IntN(100)))
	}
}

// bulk lengths reach beyond a chunk, so that the chunks' seams are compared too.
func (g *generator) bulk() {
	for range 2 {
		g.value(typeI32, 1)
		g.code = g.code.i32(0x3fff).op(0x71)
	}
	switch n := g.IntN(4); n {
	case 0, 1:
		g.value(typeI32, 1)
		g.code = g.code.i32(pick[int64](g, 0x1fff, 0x1bfff, 0x1c000)).op(0x71).misc([]int{opMemoryFill, opMemoryCopy}[n], make([]byte, n+1)...)
	case 2:
		g.code = g.code.i32(63).op(0x71).i32(int64(g.IntN(40))).misc(opMemoryInit, 1, 0)
	case 3:
		g.code = g.code.op(opDrop, opDrop)
		if g.IntN(8) == 0 {
			g.code = g.code.misc(opDataDrop, 1)
		}
	}
}

func (g *generator) tables() {
	at := func() { g.code = g.code.i32(int64(g.IntN(6))) }
	switch g.IntN(7) {
	case 0:
		at()
		g.code = g.code.idx(opRefFunc, 0).idx(opTableSet, 0)
	case 1:
		g.code = g.code.op(opRefNull, typeExternref).i32(int64(g.IntN(30))).misc(opTableGrow, 1).idx(opLocalSet, 3)
	case 2:
		at()
		g.code = g.code.op(opRefNull, typeExternref)
		at()
		g.code = g.code.misc(opTableFill, 1)
	case 3:
		at()
		at()
		at()
		g.code = g.code.misc(opTableCopy, 0, 0)
	case 4:
		at()
		g.code = g.code.i32(0).i32(int64(g.IntN(4))).misc(opTableInit, 1, 0)
	case 5:
		g.code = g.code.misc(opTableSize, 1).idx(opLocalSet, 3)
	case 6:
		if g.IntN(6) == 0 {
			g.code = g.code.misc(opElemDrop, 1)
		}
	}
}

func (g *generator) value(t byte, depth int) {
	g.fuel--
	if depth <= 0 || g.fuel < 0 {
		g.leaf(t)
		return
	}
	switch t {
	case typeI32:
		g.i32(depth - 1)
	case typeI64:
		g.i64(depth - 1)
	case typeF64:
		g.f64(depth - 1)
	default:
		g.v128(depth - 1)
	}
}

func (g *generator) leaf(t byte) {
	if g.IntN(2) == 0 || t == typeV128 {
		g.code = g.code.idx(opLocalGet, g.local(t))
		return
	}
	switch t {
	case typeI32:
		g.code = g.code.i32(int64(int32(g.Uint32() >> g.IntN(32))))
	case typeI64:
		g.code = g.code.i64(int64(g.Uint64() >> g.IntN(64)))
	default:
		g.code = g.code.op(opF64Const, 0, 0, 0, 0, 0, byte(g.IntN(256)), 0x40, 0x40)
	}
}

func (g *generator) pair(t byte, depth int, ops ...byte) {
	g.value(t, depth)
	g.value(t, depth)
	g.code = g.code.op(pick(g, ops...))
}

func (g *generator) i32(depth int) {
	switch g.IntN(16) {
	case 0, 1, 2:
		g.pair(typeI32, depth, 0x6a, 0x6b, 0x6c, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78)
	case 3:
		g.pair(typeI32, depth, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f)
	case 4:
		g.pair(typeI64, depth, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a)
	case 5:
		g.pair(typeF64, depth, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66)
	case 6:
		g.value(typeI32, depth)
		g.code = g.code.op(pick[byte](g, 0x45, 0x67, 0x68, 0x69, 0xc0, 0xc1))
	case 7:
		g.address()
		g.code = g.code.op(pick[byte](g, 0x28, 0x2c, 0x2d, 0x2e, 0x2f), 0, byte(g.IntN(100)))
	case 8:
		g.value(typeF64, depth)
		g.code = g.code.misc(prefixMisc<<8 | 2 + g.IntN(2))
	case 9:
		g.pair(typeI32, depth, 0x6d, 0x6e, 0x6f, 0x70) // traps now and then
	case 10:
		g.call(depth)
	case 11:
		g.value(typeI32, depth)
		g.code = g.code.op(opIf, typeI32)
		g.value(typeI32, depth)
		g.code = g.code.op(opElse)
		g.value(typeI32, depth)
		g.code = g.code.op(opEnd)
	case 12:
		g.value(typeI32, depth)
		g.value(typeI32, depth)
		g.value(typeI32, depth)
		g.code = g.code.op(pick(g, []byte{opSelect}, []byte{opSelectTyped, 1, typeI32})...)
	case 13:
		g.code = g.code.i32(int64(g.IntN(2))).op(opMemoryGrow, 0)
	case 14:
		g.value(typeV128, depth)
		g.code = g.code.op(prefixVector, 27, byte(g.IntN(4))) // i32x4.extract_lane
	case 15:
		g.value(typeI32, depth)
		g.code = g.code.idx(opLocalTee, g.local(typeI32)).idx(opGlobalGet, 0).op(0x6a, opMemorySize, 0, 0x6a)
	}
}

func (g *generator) i64(depth int) {
	switch g.IntN(6) {
	case 0, 1:
		g.pair(typeI64, depth, 0x7c, 0x7d, 0x7e, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a)
	case 2:
		g.value(typeI32, depth)
		g.code = g.code.op(pick[byte](g, 0xac, 0xad))
	case 3:
		g.address()
		g.code = g.code.op(pick[byte](g, 0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35), 0, byte(g.IntN(100)))
	case 4:
		g.code = g.code.idx(opGlobalGet, uint32(1+g.IntN(2)))
	case 5:
		g.value(typeI64, depth)
		g.code = g.code.op(pick[byte](g, 0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4))
	}
}

func (g *generator) f64(depth int) {
	if g.IntN(3) == 0 {
		g.value(typeI64, depth)
		g.code = g.code.op(pick[byte](g, 0xb9, 0xba))
		return
	}
	g.pair(typeF64, depth, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5)
}

func (g *generator) v128(depth int) {
	if g.IntN(2) == 0 {
		g.value(typeI32, depth)
		g.code = g.code.op(prefixVector, pick[byte](g, 15, 16, 17))
		return
	}
	g.value(typeV128, depth)
	g.value(typeV128, depth)
	g.code = appendU32(g.code.op(prefixVector), pick[uint32](g, 78, 80, 81, 14, 110, 174, 181, 35))
}

// call calls a function before this one, directly or through the table, whose functions are the first three.
func (g *generator) call(depth int) {
	if g.fn == 0 || g.loops == 2 {
		g.leaf(typeI32)
		return
	}
	g.value(typeI32, depth)
	g.value(typeI32, depth)
	g.value(typeI64, depth)
	if g.fn > 3 && g.IntN(3) == 0 {
		g.code = g.code.i32(int64(g.IntN(5))).op(opCallIndirect, typeMatch, 0)
		return
	}
	g.code = g.code.idx(opCall, uint32(g.IntN(g.fn)))
}
