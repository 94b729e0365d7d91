package sandbox

// meter writes fuel accounting into a module's functions.
//
// Two i64 globals are appended: the fuel of the current slice, and the reserve behind it. A function body is cut into
// segments, and each segment's whole cost is taken from the slice where the segment begins. Only function entries and loop
// headers test whether the slice is used up: between two tests lies straight-line code, which is bounded by the size of the
// function. When the slice is used up, a helper function moves the next slice over from the reserve, after a pass through
// Go; when both are used up it traps.
//
// A segment may be charged although not all of it runs (an early branch out of it), but nothing runs uncharged: where a
// segment's code goes on behind an inner construct, its beginning dominates that code, and nothing jumps there from
// elsewhere.
type meter struct {
	m    *binaryModule
	lim  *Limits
	at   positions
	done int64 // work of the functions before

	// Of the function being metered.
	in       instruction
	r        reader
	params   int
	locals   int // parameters and locals of the original
	out      []byte
	marks    []mark
	frames   []frame
	current  int  // index into marks of the open segment, unreachable in dead code
	targets  int  // branch targets so far
	nested   int  // open loops
	straight bool // only one way led here from the function's entry, and without a call
	lengths  bool // the function needs the two i32 locals of the length charges
}

// positions are the indices that the appended things get.
type positions struct {
	slice, reserve         uint32 // globals
	refill, fill, cp, grow uint32 // functions
}

// mark is where a segment begins, in the unmetered output.
type mark struct {
	pos  int
	cost int64
	test bool
	// outer is the segment that comes before this one on every way here and in the same round of every loop; unreachable
	// when there is none.
	outer int
}

// unreachable is current's value in code that no path leads to.
const unreachable = -1

// frame is an open block, loop, if or else.
type frame struct {
	op       int
	outer    int  // the segment that was open where it began
	targeted bool // a branch leads to its end
}

// resumeBelow bounds how much a segment may be charged ahead: a segment is continued behind a conditional branch or an inner
// block only while it costs less than this. It keeps the number of charges small without making early exits dear.
const resumeBelow = 64

// hoistUpTo is the largest cost of a segment that is charged with the one before.
const hoistUpTo = 4

// function meters one body and returns it with its locals, ready for the code section.
func (w *meter) function(i int) ([]byte, *RefusedError) {
	c := &w.m.codes[i]
	w.begin(c, i)
	w.open(unreachable, true, entryCost(c.count))
	for w.r.err == nil && len(w.frames) > 0 {
		w.in.next(&w.r, w.lim)
		if w.r.err == nil {
			w.instruction()
		}
	}
	if w.r.err == nil && w.r.left() > 0 {
		w.r.fail(Malformed, "byte %d: code after the end of the function", w.r.base+w.r.pos)
	}
	if w.r.err != nil {
		return nil, w.r.err
	}
	if w.done += w.effort(); w.done > int64(w.lim.ModuleWork) {
		return nil, refuse(OverLimit, "all functions together have too many locals, branches and loops for a compiler (limit %d)", w.lim.ModuleWork)
	}
	return w.splice(c), nil
}

func (w *meter) begin(c *code, i int) {
	w.r = reader{b: c.body, base: c.base}
	w.params = len(w.m.types[w.m.funcs[i]].params)
	w.locals = w.params + c.count
	w.out, w.marks = w.out[:0], w.marks[:0]
	w.frames = append(w.frames[:0], frame{op: opBlock})
	w.targets, w.nested, w.lengths, w.straight = 0, 0, false, true
}

// open begins a segment here.
func (w *meter) open(outer int, test bool, cost int64) {
	w.marks = append(w.marks, mark{pos: len(w.out), cost: cost, test: test, outer: outer})
	w.current = len(w.marks) - 1
}

// resume goes on with an earlier segment, or begins one where that has been charged enough.
func (w *meter) resume(segment int) {
	if segment != unreachable && w.marks[segment].cost >= resumeBelow {
		w.open(segment, false, 0)
		return
	}
	w.current = segment
}

func (w *meter) charge(cost int64) {
	if w.current != unreachable {
		w.marks[w.current].cost += cost
	}
}

// instruction checks, charges and writes the decoded instruction.
func (w *meter) instruction() {
	if !w.check() {
		return
	}
	w.charge(cost(w.in.op))
	switch w.in.op {
	case opIf, opBr, opBrIf, opBrTable, opReturn, opUnreachable, opCall, opCallIndirect, opMemoryGrow, opMemoryFill, opMemoryCopy, opEnd:
		w.straight = false
	}
	switch w.in.op {
	case opBlock:
		w.push()
	case opLoop:
		w.nested++
		w.push()
		if w.straight {
			// Every way into the function's calls and loops leads through this test: it does for the entry's as well.
			w.marks[0].test = false
		}
		w.open(unreachable, true, loopCost)
	case opIf:
		w.push()
		w.open(w.current, false, 0)
	case opElse:
		w.elseArm()
	case opEnd:
		w.end()
	case opBr, opBrIf, opBrTable:
		w.branch()
	case opReturn:
		w.leave()
		w.write()
		w.current = unreachable
	case opUnreachable:
		w.write()
		w.current = unreachable
	case opCall:
		if int(w.in.a) < len(w.m.imports) {
			w.charge(hostCallCost)
		}
		w.call()
	case opCallIndirect:
		w.call()
	case opMemoryGrow:
		w.callHelper(w.at.grow)
	case opMemoryFill:
		w.callHelper(w.at.fill)
	case opMemoryCopy:
		w.callHelper(w.at.cp)
	case opMemoryInit, opTableInit, opTableCopy, opTableFill:
		w.chargeLength()
		w.write()
	case opTableGrow:
		w.tableGrow()
	default:
		w.write()
	}
}

func (w *meter) write() { w.out = w.in.append(w.out) }

func (w *meter) push() {
	if len(w.frames) > w.lim.Nesting || w.nested > w.lim.LoopNesting {
		w.r.fail(OverLimit, "byte %d: over %d nested blocks or %d nested loops", w.r.base+w.r.pos, w.lim.Nesting, w.lim.LoopNesting)
		return
	}
	w.frames = append(w.frames, frame{op: w.in.op, outer: w.current})
	w.write()
	w.work(1)
}

func (w *meter) elseArm() {
	f := &w.frames[len(w.frames)-1]
	if f.op != opIf {
		w.r.fail(Malformed, "byte %d: else without if", w.r.base+w.r.pos)
		return
	}
	f.op = opElse
	w.write()
	w.open(f.outer, false, 0)
}

func (w *meter) end() {
	f := w.frames[len(w.frames)-1]
	w.frames = w.frames[:len(w.frames)-1]
	if f.op == opLoop {
		w.nested--
	}
	if len(w.frames) == 0 {
		w.leave()
	}
	w.write()
	switch {
	case len(w.frames) == 0:
	case f.op == opLoop:
		// A branch to a loop leads to its beginning, so its end is reached from inside only.
		if w.current != unreachable {
			w.resume(f.outer)
		}
	case f.targeted:
		w.open(f.outer, false, 0)
	case f.op == opIf || f.op == opElse:
		w.resume(f.outer)
	}
}

func (w *meter) branch() {
	w.target(w.in.a)
	if w.in.op == opBrTable {
		for _, to := range w.in.to {
			w.target(to)
		}
		w.work(len(w.in.to))
	}
	if w.frames[0].targeted {
		w.leave()
		w.frames[0].targeted = false
	}
	w.write()
	w.work(1)
	switch {
	case w.in.op != opBrIf:
		w.current = unreachable
	case w.current != unreachable:
		w.resume(w.current)
	}
}

func (w *meter) target(depth uint32) {
	if int64(depth) >= int64(len(w.frames)) {
		w.r.fail(Malformed, "byte %d: branch out of %d blocks, there are %d", w.r.base+w.r.pos, depth, len(w.frames))
		return
	}
	w.frames[len(w.frames)-1-int(depth)].targeted = true
}

// work bounds what a compiler does with a function: it keeps every local's value at every join of paths, and goes over those
// once per loop around them.
func (w *meter) work(targets int) {
	w.targets += targets * (w.nested + 1)
	if w.effort() > int64(w.lim.Work) {
		w.r.fail(OverLimit, "byte %d: a function with %d locals and this many nested branches is too much for a compiler (limit %d)",
			w.r.base+w.r.pos, w.locals, w.lim.Work)
	}
}

func (w *meter) effort() int64 { return int64(w.targets) * int64(w.locals+1) }

// check refuses every index that the original module does not have: the appended globals, locals, functions and types would
// give it a meaning.
func (w *meter) check() bool {
	in, m := &w.in, w.m
	switch in.op {
	case opLocalGet, opLocalSet, opLocalTee:
		w.below(in.a, w.locals, "local")
	case opGlobalGet, opGlobalSet:
		w.below(in.a, len(m.globals), "global")
	case opCall, opRefFunc:
		w.below(in.a, m.functions(), "function")
	case opCallIndirect:
		w.below(in.a, len(m.types), "type")
		w.below(in.b, len(m.tables), "table")
	case opBlock, opLoop, opIf:
		if in.n >= 0 {
			w.below(uint32(in.n), len(m.types), "type")
		}
	}
	return w.r.err == nil
}

func (w *meter) below(index uint32, have int, what string) {
	if int64(index) >= int64(have) {
		w.r.fail(Reserved, "byte %d: %s %d, but the code has %d; indices above its own belong to the meter", w.r.base+w.r.pos, what, index, have)
	}
}
