package sandbox

import (
	"errors"
	"strings"
	"testing"
)

// bombModule has a monitor's exports and a number of functions with so many i64 locals and the given body; their type is
// (i32 i32 i64) -> i32.
func bombModule(locals uint32, body asm, functions int) []byte {
	m := &binaryModule{types: []funcType{signature("iiI", "i"), {}, signature("i", "i"), signature("", "I"), signature(strings.Repeat("I", 64), "")}}
	b := section([]byte("\x00asm\x01\x00\x00\x00"), sectionType, originalTypes(m))
	kinds := append([]byte{0, 1, 2, 3, 4}, make([]byte, functions)...)
	b = section(b, sectionFunction, append(appendU32(nil, uint32(len(kinds))), kinds...))
	b = section(b, sectionMemory, []byte{1, 0, 1})
	exports := []byte{5}
	for k, name := range []string{"weir_match", "weir_abi_v1", "weir_alloc", "weir_describe"} {
		exports = append(appendName(exports, name), externFunc, byte(k))
	}
	b = section(b, sectionExport, append(appendName(exports, "memory"), externMemory, 0))
	code := appendU32(nil, uint32(len(kinds)))
	for range 5 {
		code = sized(code, []byte{0, opUnreachable, opEnd})
	}
	body = append(appendU32([]byte{1}, locals), append([]byte{typeI64}, body.i32(0).op(opEnd)...)...)
	for range functions {
		code = sized(code, body)
	}
	return section(b, sectionCode, code)
}

func repeat(n int, f func(a asm, k uint32) asm) (a asm) {
	for k := range n {
		a = f(a, uint32(k))
	}
	return a
}

// step adds one to a local, so that it differs on every way here.
func (a asm) step(local uint32) asm {
	return a.idx(opLocalGet, local).i64(1).op(opI64Add).idx(opLocalSet, local)
}

// TestCompileBombs: files that are small for their reader and large for a compiler. Nothing interrupts a compiler, so they are
// refused, or they compile in the time that a test has.
func TestCompileBombs(t *testing.T) {
	nested := func(loops, locals int) asm {
		open := repeat(loops, func(a asm, k uint32) asm { return a.op(opLoop, blockEmpty).step(3 + k%uint32(locals)) })
		return append(open, repeat(loops, func(a asm, _ uint32) asm { return a.idx(opLocalGet, 0).idx(opBrIf, 0).op(opEnd) })...)
	}
	flat := func(n, locals int, op byte) asm {
		return repeat(n, func(a asm, k uint32) asm {
			return a.op(op, blockEmpty).step(3+k%uint32(locals)).idx(opLocalGet, 0).idx(opBrIf, 0).op(opEnd)
		})
	}
	tables := func(n, targets int) asm {
		return repeat(n, func(a asm, _ uint32) asm {
			a = appendU32(a.op(opBlock, blockEmpty).idx(opLocalGet, 0).op(opBrTable), uint32(targets))
			return append(a, make([]byte, targets+1)...).op(opEnd)
		})
	}
	blocks := append(repeat(5000, func(a asm, _ uint32) asm { return a.op(opBlock, blockEmpty) }), repeat(5000, func(a asm, _ uint32) asm { return a.op(opEnd) })...)
	const tooMuch = "is too much for a compiler"
	r := newRuntime(t)
	for _, c := range []struct {
		name      string
		locals    uint32
		body      asm
		functions int
		refusal   string // empty: it compiles
	}{
		{"loops in loops", 400, nested(4000, 400), 1, "nested blocks or 64 nested loops"},
		{"loops in loops with all locals", 4000, nested(60, 4000), 1, tooMuch},
		{"loops in loops, within the limit", 400, nested(60, 400), 1, ""},
		{"many functions of those", 400, nested(60, 400), 100, "all functions together"},
		{"loops behind each other", 400, flat(9000, 400, opLoop), 1, tooMuch},
		{"loops behind each other, within the limit", 4000, flat(100, 4000, opLoop), 1, ""},
		{"blocks behind each other", 400, flat(9000, 400, opBlock), 1, tooMuch},
		{"blocks behind each other, within the limit", 400, flat(2000, 400, opBlock), 1, ""},
		{"blocks in blocks", 1, blocks, 1, "nested blocks or 64 nested loops"},
		{"large tables", 1, tables(60, 16_000), 1, tooMuch},
		{"a table too large", 1, tables(1, 17_000), 1, "17000 targets of a br_table, the limit is 16384"},
		{"tables, within the limit", 1, tables(4, 16_000), 1, ""},
		{"a long function", 1, repeat(400_000, func(a asm, _ uint32) asm { return a.idx(opLocalGet, 0).op(opDrop) }), 1, "bytes of code, the limit is 1048576"},
		{"long expressions", 1, append(repeat(100_000, func(a asm, _ uint32) asm { return a.idx(opLocalGet, 2).op(0x50, 0xad) }).i64(1),
			repeat(100_000, func(a asm, _ uint32) asm { return a.op(opI64Add) }).op(opDrop)...), 1, ""},
		{"calls with many parameters", 1, repeat(2000, func(a asm, _ uint32) asm {
			return append(a, repeat(64, func(a asm, _ uint32) asm { return a.idx(opLocalGet, 2) })...).idx(opCall, 4)
		}), 1, ""},
		{"many functions", 1, asm{}, 39_990, ""},
		{"too many functions", 1, asm{}, 40_000, "40005 functions, the limit is 40000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := r.Compile(t.Context(), bombModule(c.locals, c.body, c.functions), DefaultLimits())
			if c.refusal == "" {
				if err != nil {
					t.Fatal(err)
				}
				m.Close(t.Context())
			} else if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Class != OverLimit || !strings.Contains(refused.Reason, c.refusal) {
				t.Errorf("%v, want %s", err, c.refusal)
			}
		})
	}
}
