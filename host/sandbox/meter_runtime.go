package sandbox

// The functions that the meter appends. Each returns its body with its locals, ready for the code section.

// refillBody: (slice i64) -> i64. Pays what the slice was overdrawn by, passes through Go, and returns the next slice from
// the reserve; traps when nothing is left. The host tells this trap from others by the sum of both globals being negative.
func refillBody(p *positions, slice int64) []byte {
	const total, next = 0, 1
	return asm{1, 1, typeI64}.
		idx(opLocalGet, total).idx(opGlobalGet, p.reserve).op(opI64Add).idx(opLocalTee, total).
		i64(0).op(opI64LtS, opIf, blockEmpty).
		idx(opLocalGet, total).idx(opGlobalSet, p.reserve).
		i64(0).idx(opGlobalSet, p.slice).
		op(opUnreachable, opEnd).
		idx(opLocalGet, total).i64(slice).idx(opLocalGet, total).i64(slice).op(opI64LtS, opSelect).
		idx(opLocalSet, next).
		idx(opLocalGet, total).idx(opLocalGet, next).op(opI64Sub).idx(opGlobalSet, p.reserve).
		// The pass through Go: growing by nothing is done outside the compiled code.
		i32(0).op(opMemoryGrow, 0, opDrop).
		idx(opLocalGet, next).op(opEnd)
}

// growBody: (pages i32) -> i32. memory.grow, charged for the pages that it got.
func growBody(p *positions) []byte {
	const pages, result, fuel = 0, 1, 2
	return asm{2, 1, typeI32, 1, typeI64}.
		idx(opLocalGet, pages).op(opMemoryGrow, 0).idx(opLocalTee, result).i32(-1).op(opI32Ne, opIf, blockEmpty).
		idx(opGlobalGet, p.slice).idx(opLocalGet, pages).op(opI64ExtendI32).i64(growPageShift).op(opI64Shl).
		lowerAndTest(p, fuel).store(p, fuel).op(opEnd).
		idx(opLocalGet, result).op(opEnd)
}

// bulk is what fillBody and copyBody have in common: parameters to, from (or the value) and n, and the local fuel. A chunk is
// charged after it ran; it cannot be longer than bulkChunk, unless it is out of bounds and traps.
const (
	bulkTo, bulkFrom, bulkN, bulkFuel = 0, 1, 2, 3
	bulkBack                          = 4 // the chunk's offset from the start, of a copy that runs downwards
)

// inBounds leaves the block when address + n is beyond the memory: the plain instruction then traps as it must.
func (a asm) inBounds(address uint32) asm {
	return a.idx(opLocalGet, address).op(opI64ExtendI32).idx(opLocalGet, bulkN).op(opI64ExtendI32, opI64Add).
		op(opMemorySize, 0).op(opI64ExtendI32).i64(16).op(opI64Shl, opI64GtU).idx(opBrIf, 0)
}

func (a asm) chargeChunk(p *positions) asm {
	return a.idx(opGlobalGet, p.slice).i64(bulkChunk/bytesPerFuel).lowerAndTest(p, bulkFuel).store(p, bulkFuel)
}

// advance adds the chunk's size to a parameter.
func (a asm) advance(local uint32) asm {
	return a.idx(opLocalGet, local).i32(bulkChunk).op(opI32Add).idx(opLocalSet, local)
}

// shorten takes the chunk from n and runs the loop again while more than one chunk is left.
func (a asm) shorten() asm {
	return a.idx(opLocalGet, bulkN).i32(bulkChunk).op(opI32Sub).idx(opLocalTee, bulkN).i32(bulkChunk).op(opI32GtU).idx(opBrIf, 0)
}

// chargeRest charges for the n bytes that the last, plain instruction wrote.
func (a asm) chargeRest(p *positions) asm {
	return a.idx(opLocalGet, bulkFuel).idx(opLocalGet, bulkN).op(opI64ExtendI32).i64(bytesPerShift).op(opI64ShrU).
		lowerAndTest(p, bulkFuel).store(p, bulkFuel)
}

// fillBody: (to i32, value i32, n i32) -> (). memory.fill in chunks.
func fillBody(p *positions) []byte {
	return asm{1, 1, typeI64}.load(p, bulkFuel).
		op(opBlock, blockEmpty).
		idx(opLocalGet, bulkN).i32(bulkChunk).op(opI32LeU).idx(opBrIf, 0).
		inBounds(bulkTo).
		op(opLoop, blockEmpty).
		idx(opLocalGet, bulkTo).idx(opLocalGet, bulkFrom).i32(bulkChunk).misc(opMemoryFill, 0).
		chargeChunk(p).advance(bulkTo).shorten().
		op(opEnd, opEnd).
		idx(opLocalGet, bulkTo).idx(opLocalGet, bulkFrom).idx(opLocalGet, bulkN).misc(opMemoryFill, 0).
		chargeRest(p).op(opEnd)
}

// copyBody: (to i32, from i32, n i32) -> (). memory.copy in chunks, upwards when the target is below the source, else from
// the end downwards, so that overlapping ranges come out as in one step.
func copyBody(p *positions) []byte {
	return asm{2, 1, typeI64, 1, typeI32}.load(p, bulkFuel).
		op(opBlock, blockEmpty).
		idx(opLocalGet, bulkN).i32(bulkChunk).op(opI32LeU).idx(opBrIf, 0).
		inBounds(bulkTo).inBounds(bulkFrom).
		idx(opLocalGet, bulkTo).idx(opLocalGet, bulkFrom).op(opI32LeU, opIf, blockEmpty).
		op(opLoop, blockEmpty).
		idx(opLocalGet, bulkTo).idx(opLocalGet, bulkFrom).i32(bulkChunk).misc(opMemoryCopy, 0, 0).
		chargeChunk(p).advance(bulkTo).advance(bulkFrom).shorten().
		op(opEnd, opElse).
		op(opLoop, blockEmpty).
		idx(opLocalGet, bulkN).i32(bulkChunk).op(opI32Sub).idx(opLocalSet, bulkBack).
		idx(opLocalGet, bulkTo).idx(opLocalGet, bulkBack).op(opI32Add).
		idx(opLocalGet, bulkFrom).idx(opLocalGet, bulkBack).op(opI32Add).
		i32(bulkChunk).misc(opMemoryCopy, 0, 0).
		chargeChunk(p).shorten().
		op(opEnd, opEnd, opEnd).
		idx(opLocalGet, bulkTo).idx(opLocalGet, bulkFrom).idx(opLocalGet, bulkN).misc(opMemoryCopy, 0, 0).
		chargeRest(p).op(opEnd)
}
