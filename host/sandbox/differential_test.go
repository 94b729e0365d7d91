package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// outcome is all that one call leaves behind.
type outcome struct {
	value   int32
	failure string
	memory  []byte
	globals [2]uint64
}

func observe(t testing.TB, i *Instance, in Input) outcome {
	t.Helper()
	v, err := i.Match(t.Context(), in)
	o := outcome{value: v.Value}
	if trap, ok := errors.AsType[*TrapError](err); ok {
		o.failure = trap.Reason
	} else if err != nil {
		o.failure = err.Error()
	}
	o.memory, _ = i.memory.Read(0, i.memory.Size())
	for k := range o.globals {
		if g := i.mod.ExportedGlobal(fmt.Sprintf("g%d", k)); g != nil {
			o.globals[k] = g.Get()
		}
	}
	return o
}

func (o outcome) equal(p outcome) bool {
	return o.value == p.value && o.failure == p.failure && o.globals == p.globals && bytes.Equal(o.memory, p.memory)
}

func (o outcome) String() string {
	return fmt.Sprintf("value %d, failure %q, globals %x, %d bytes of memory", o.value, o.failure, o.globals, len(o.memory))
}

// agree runs one module with and without the meter, and checks that nobody can tell the difference; it returns how many
// calls trapped.
func agree(t *testing.T, r *Runtime, name string, wasm []byte, inputs []Input) (traps int) {
	t.Helper()
	lim := DefaultLimits()
	lim.Fuel = maxFuel
	metered, err := r.Compile(t.Context(), wasm, lim)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer metered.Close(t.Context())
	plain := compileUnmetered(t, r, wasm, lim)
	defer plain.Close(t.Context())
	var a, b *Instance
	for k, in := range inputs {
		if a == nil {
			if a, err = metered.Instantiate(t.Context(), Guest{}); err != nil {
				t.Fatal(err)
			}
			if b, err = plain.Instantiate(t.Context(), Guest{}); err != nil {
				t.Fatal(err)
			}
		}
		got, want := observe(t, a, in), observe(t, b, in)
		if !got.equal(want) {
			t.Fatalf("%s, call %d: metered   %v\nunmetered %v", name, k, got, want)
		}
		if want.failure != "" {
			traps++
			a.Close(t.Context())
			b.Close(t.Context())
			a = nil
		}
	}
	if a != nil {
		a.Close(t.Context())
		b.Close(t.Context())
	}
	return traps
}

func testInputs() []Input {
	inputs := []Input{{}}
	for k := range 6 {
		inputs = append(inputs, Input{Pieces: [][]byte{bytes.Repeat([]byte{byte(k)}, k*100)}, Filters: uint64(k) << (8 * k), NowMs: int64(k)})
	}
	return append(inputs, Input{Pieces: [][]byte{sample()}, Filters: 1})
}

func TestMeteredAndUnmeteredAgree(t *testing.T) {
	r := newRuntime(t)
	modules := 400
	if testing.Short() {
		modules = 50
	}
	calls, traps := 0, 0
	for seed := range modules {
		traps += agree(t, r, fmt.Sprintf("seed %d", seed), generate(uint64(seed)), testInputs())
		calls += len(testInputs())
	}
	if traps == 0 || traps > calls/2 {
		t.Errorf("%d of %d calls trapped: the generator tests one side only", traps, calls)
	}
	for _, name := range []string{"plain", "good", "trap", "divide", "bounds", "indirect", "memory_bomb", "table_bomb", "event_bad",
		"metrics", "wasi_pointers", "match_error", "constructs"} {
		agree(t, r, name, testModule(t, name), testInputs())
	}
	agree(t, r, "the Go guest", goGuest(t), testInputs())
}

// TestEveryInstruction puts each opcode into dead code, where the stack has whatever an instruction wants: so its encoding is
// all that matters. The engine must know exactly those that the meter knows, and read the same immediates.
func TestEveryInstruction(t *testing.T) {
	e := interpreter(t)
	known := 0
	try := func(op int, s shape, encoded []byte) {
		wasm := instructionModule(encoded, s)
		lim := DefaultLimits()
		_, metered, err := prepare(wasm, &lim, DefaultSliceFuel)
		valid := validates(t, e, wasm)
		switch {
		case s == shapeUnknown:
			if err == nil || valid {
				t.Errorf("opcode %#x: the meter says %v, the engine says valid: %v; want neither to know it", op, err, valid)
			}
		case err != nil || !valid || !validates(t, e, metered):
			t.Errorf("opcode %#x: the meter says %v, the engine says valid: %v", op, err, valid)
		default:
			known++
		}
	}
	for op, s := range shapesPlain {
		if op == prefixMisc || op == prefixVector || op == opElse || op == opEnd {
			continue
		}
		try(op, s, []byte{byte(op)})
	}
	for _, space := range []struct {
		prefix byte
		shapes []shape
	}{{prefixMisc, shapesMisc[:]}, {prefixVector, shapesVector[:]}} {
		for op := range 300 {
			s := shapeUnknown
			if op < len(space.shapes) {
				s = space.shapes[op]
			}
			try(int(space.prefix)<<8|op, s, appendU32([]byte{space.prefix}, uint32(op)))
		}
	}
	if known < 430 {
		t.Errorf("%d instructions are known, WebAssembly 2.0 has more", known)
	}
}

// immediatesOf are bytes that fit a shape in the module that instructionModule makes.
var immediatesOf = map[shape][]byte{
	shapeBlock: {blockEmpty, opEnd}, shapeLabel: {0}, shapeFunc: {0}, shapeLocal: {1}, shapeGlobal: {0}, shapeTableIdx: {0},
	shapeData: {0}, shapeElem: {0}, shapeIndirect: {0, 0}, shapeTable: {2, 0, 0, 0}, shapeSelect: {1, typeI64},
	shapeMemArg: {0, 5}, shapeMemory: {0}, shapeI32: {0x7f}, shapeI64: {0x80, 1}, shapeBytes4: make([]byte, 4),
	shapeBytes8: make([]byte, 8), shapeBytes16: make([]byte, 16), shapeRefType: {typeFuncref}, shapeDataMemory: {0, 0},
	shapeMemory2: {0, 0}, shapeElemTable: {0, 0}, shapeTable2: {0, 0}, shapeLane: {1}, shapeMemArgLane: {0, 0, 1},
}

func instructionModule(encoded []byte, s shape) []byte {
	m := &binaryModule{types: []funcType{signature("iiI", "i"), {}, signature("i", "i"), signature("", "I")}}
	b := section([]byte("\x00asm\x01\x00\x00\x00"), sectionType, originalTypes(m))
	b = section(b, sectionFunction, []byte{4, 0, 1, 2, 3})
	b = section(b, sectionTable, []byte{1, typeFuncref, 0, 2})
	b = section(b, sectionMemory, []byte{1, 0, 1})
	b = section(b, sectionGlobal, asm{1, typeI64, 1}.i64(0).op(opEnd))
	exports := []byte{5}
	for k, name := range []string{"weir_match", "weir_abi_v1", "weir_alloc", "weir_describe"} {
		exports = append(appendName(exports, name), externFunc, byte(k))
	}
	b = section(b, sectionExport, append(appendName(exports, "memory"), externMemory, 0))
	b = section(b, sectionElement, []byte{1, 1, 0, 1, 0})
	b = section(b, sectionDataCount, []byte{1})
	body := asm{0, opUnreachable}.op(encoded...).op(immediatesOf[s]...).op(opUnreachable, opEnd)
	code := sized([]byte{4}, body)
	for range 3 {
		code = sized(code, []byte{0, opUnreachable, opEnd})
	}
	return section(section(b, sectionCode, code), sectionData, []byte{1, 1, 1, 0})
}

func interpreter(t testing.TB) wazero.Runtime {
	e := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(api.CoreFeaturesV2))
	t.Cleanup(func() { e.Close(t.Context()) })
	return e
}

func validates(t testing.TB, e wazero.Runtime, wasm []byte) bool {
	m, err := e.CompileModule(t.Context(), wasm)
	if err == nil {
		m.Close(t.Context())
	}
	return err == nil
}
