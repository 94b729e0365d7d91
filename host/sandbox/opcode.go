package sandbox

// Opcodes that the meter looks at or writes. Those of the two prefixes have the prefix in the upper byte. Source: the
// binary format of WebAssembly core 2.0, instructions.
const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opDrop         = 0x1a
	opSelect       = 0x1b
	opSelectTyped  = 0x1c
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opTableGet     = 0x25
	opTableSet     = 0x26
	opMemorySize   = 0x3f
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opF32Const     = 0x43
	opF64Const     = 0x44
	opI32Ne        = 0x47
	opI32GtU       = 0x4b
	opI32LeU       = 0x4d
	opI64LtS       = 0x53
	opI64GtU       = 0x56
	opI64GeS       = 0x59
	opI32Add       = 0x6a
	opI32Sub       = 0x6b
	opI64Add       = 0x7c
	opI64Sub       = 0x7d
	opI64Shl       = 0x86
	opI64ShrU      = 0x88
	opI64ExtendI32 = 0xad // i64.extend_i32_u
	opRefNull      = 0xd0
	opRefFunc      = 0xd2

	prefixMisc   = 0xfc
	prefixVector = 0xfd

	opMemoryInit = prefixMisc<<8 | 8
	opDataDrop   = prefixMisc<<8 | 9
	opMemoryCopy = prefixMisc<<8 | 10
	opMemoryFill = prefixMisc<<8 | 11
	opTableInit  = prefixMisc<<8 | 12
	opElemDrop   = prefixMisc<<8 | 13
	opTableCopy  = prefixMisc<<8 | 14
	opTableGrow  = prefixMisc<<8 | 15
	opTableSize  = prefixMisc<<8 | 16
	opTableFill  = prefixMisc<<8 | 17

	opV128Const = prefixVector<<8 | 12

	typeI32       = 0x7f
	typeI64       = 0x7e
	typeF32       = 0x7d
	typeF64       = 0x7c
	typeV128      = 0x7b
	typeFuncref   = 0x70
	typeExternref = 0x6f
	typeFunc      = 0x60
	blockEmpty    = 0x40
)

// shape is what follows an opcode.
type shape uint8

const (
	shapeUnknown shape = iota
	shapeNone
	shapeBlock      // block type
	shapeLabel      // depth
	shapeTable      // vector of depths, default depth
	shapeFunc       // function index
	shapeIndirect   // type index, table index
	shapeSelect     // vector of one value type
	shapeLocal      // local index
	shapeGlobal     // global index
	shapeTableIdx   // table index
	shapeMemArg     // alignment, offset
	shapeMemory     // reserved zero
	shapeI32        // signed
	shapeI64        // signed
	shapeBytes4     // f32
	shapeBytes8     // f64
	shapeBytes16    // v128, shuffle
	shapeRefType    // heap type
	shapeDataMemory // data index, reserved zero
	shapeData       // data index
	shapeMemory2    // two reserved zeros
	shapeElemTable  // element index, table index
	shapeElem       // element index
	shapeTable2     // two table indices
	shapeLane       // lane
	shapeMemArgLane // alignment, offset, lane
)

// Three tables, one per opcode space. What is shapeUnknown is refused.
var (
	shapesPlain  = plainShapes()
	shapesMisc   = miscShapes()
	shapesVector = vectorShapes()
)

func fill(t []shape, s shape, from, to int) {
	for i := from; i <= to; i++ {
		t[i] = s
	}
}

func plainShapes() (t [256]shape) {
	fill(t[:], shapeNone, 0x00, 0x01)  // unreachable, nop
	fill(t[:], shapeBlock, 0x02, 0x04) // block, loop, if
	t[opElse], t[opEnd] = shapeNone, shapeNone
	t[opBr], t[opBrIf], t[opBrTable] = shapeLabel, shapeLabel, shapeTable
	t[opReturn], t[opCall], t[opCallIndirect] = shapeNone, shapeFunc, shapeIndirect
	t[opDrop], t[opSelect], t[opSelectTyped] = shapeNone, shapeNone, shapeSelect
	fill(t[:], shapeLocal, 0x20, 0x22)
	fill(t[:], shapeGlobal, 0x23, 0x24)
	fill(t[:], shapeTableIdx, 0x25, 0x26)
	fill(t[:], shapeMemArg, 0x28, 0x3e) // loads and stores
	fill(t[:], shapeMemory, 0x3f, 0x40) // memory.size, memory.grow
	t[opI32Const], t[opI64Const] = shapeI32, shapeI64
	t[opF32Const], t[opF64Const] = shapeBytes4, shapeBytes8
	fill(t[:], shapeNone, 0x45, 0xc4) // comparisons, arithmetic, conversions, sign extension
	t[opRefNull], t[0xd1], t[opRefFunc] = shapeRefType, shapeNone, shapeFunc
	return t
}

func miscShapes() (t [18]shape) {
	fill(t[:], shapeNone, 0, 7) // saturating float to int
	copy(t[8:], []shape{shapeDataMemory, shapeData, shapeMemory2, shapeMemory, shapeElemTable, shapeElem, shapeTable2,
		shapeTableIdx, shapeTableIdx, shapeTableIdx})
	return t
}

func vectorShapes() (t [256]shape) {
	fill(t[:], shapeMemArg, 0x00, 0x0b)     // loads, store
	fill(t[:], shapeBytes16, 0x0c, 0x0d)    // const, shuffle
	fill(t[:], shapeNone, 0x0e, 0x14)       // swizzle, splats
	fill(t[:], shapeLane, 0x15, 0x22)       // extract and replace lane
	fill(t[:], shapeNone, 0x23, 0x53)       // comparisons, bitwise
	fill(t[:], shapeMemArgLane, 0x54, 0x5b) // load and store lane
	fill(t[:], shapeMemArg, 0x5c, 0x5d)     // load zero
	fill(t[:], shapeNone, 0x5e, 0xff)
	for _, hole := range []int{0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2,
		0xd3, 0xd4, 0xe2, 0xee} {
		t[hole] = shapeUnknown
	}
	return t
}

// foreign names the proposal that an opcode outside core 2.0 belongs to, for the refusal's words.
func foreign(op int) string {
	switch {
	case op == 0x12 || op == 0x13:
		return "a tail call"
	case op >= 0x06 && op <= 0x0a, op == 0x18, op == 0x19, op == 0x1f:
		return "exception handling"
	case op == 0x14, op == 0x15, op == 0xd3, op == 0xd4, op == 0xd5, op == 0xd6:
		return "typed function references"
	case op == 0xfb || op>>8 == 0xfb:
		return "garbage collection"
	case op == 0xfe:
		return "threads"
	case op>>8 >= prefixVector:
		return "relaxed SIMD"
	}
	return "no instruction of WebAssembly 2.0"
}
