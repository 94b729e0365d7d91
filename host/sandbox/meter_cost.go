package sandbox

// What things cost, in fuel. One fuel is about one simple instruction; on a 3 GHz machine the compiler's code runs five to
// twenty of them per nanosecond, since most only name a local or a constant, and a slice of DefaultSliceFuel ends within 0.1 ms
// unless nearly every load misses the caches. What is far slower than an addition costs more.
const (
	loopCost      = 1
	branchCost    = 1
	callCost      = 4  // with the frame
	indirectCost  = 8  // with the checks of table and type
	divisionCost  = 8  // integer division and remainder; float division and square root
	memoryCost    = 2  // loads and stores
	tableCost     = 4  // table.get, table.set and the like
	refCost       = 64 // ref.func leaves the compiled code
	hostCallCost  = 100
	growCost      = 200 // memory.grow, table.grow: leave the compiled code
	growPageShift = 14  // logarithm of the cost of one page of memory.grow: 64 KiB to be cleared
	bytesPerFuel  = 4   // of memory.fill, memory.copy and memory.init, and of what host functions read and write
	bytesPerShift = 2   // its logarithm
	// bulkChunk is how much of a memory.fill or memory.copy runs between two tests, so that a large one passes through Go too.
	bulkChunk = 64 << 10
)

// DefaultSliceFuel is how much fuel a guest gets between two passes through Go.
const DefaultSliceFuel = 250_000

// entryCost is the cost of entering a function with that many locals: it bounds how fast recursion can use up stack.
func entryCost(locals int) int64 { return 6 + int64(locals)/2 }

func cost(op int) int64 {
	switch {
	case op > 0xff:
		return prefixedCost(op)
	case op >= 0x28 && op <= 0x3e:
		return memoryCost
	case op >= 0x45:
		return numericCost(op)
	}
	switch op {
	case opBlock, opLoop, opElse, opEnd, 0x01:
		return 0
	case opBrTable:
		return 2 * branchCost
	case opCall:
		return callCost
	case opCallIndirect:
		return indirectCost
	case opTableGet, opTableSet:
		return tableCost
	case opMemoryGrow:
		return growCost
	}
	return 1
}

func numericCost(op int) int64 {
	switch op {
	case 0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82, 0x91, 0x95, 0x9f, 0xa3: // div, rem, sqrt
		return divisionCost
	case opRefFunc:
		return refCost
	}
	return 1
}

func prefixedCost(op int) int64 {
	switch op {
	case opMemoryInit, opMemoryCopy, opMemoryFill:
		return callCost + memoryCost
	case opTableInit, opTableCopy, opTableFill, opTableSize:
		return tableCost
	case opTableGrow:
		return growCost
	}
	if op>>8 != prefixVector {
		return 1
	}
	switch sub := op & 0xff; {
	case sub <= 0x0b || sub >= 0x54 && sub <= 0x5d:
		return memoryCost
	case sub == 0xe3 || sub == 0xe7 || sub == 0xef || sub == 0xf3: // f32x4, f64x2: sqrt, div
		return 2 * divisionCost
	}
	return 3 // some vector instructions are several of the machine's
}
