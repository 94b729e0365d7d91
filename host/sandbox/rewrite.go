package sandbox

// Names of the two globals through which the host sets and reads the fuel. No toolchain makes a colon in an export's name;
// a module that exports or imports a name with the prefix is refused.
const (
	reservedPrefix = "weir:"
	exportSlice    = reservedPrefix + "fuel"
	exportReserve  = reservedPrefix + "reserve"
)

// rewrite returns the metered module in one canonical form: known sections only, integers in their shortest encoding. load
// is the fuel that a start function gets, since it runs before the host can set any; slice is the fuel between two passes
// through Go.
//
// The original is not validated on its own. Everything appended stands behind the original's own indices, every use of an
// index beyond those is refused here, and what is inserted neither reads nor changes the operand stack of the code around
// it. So the rewritten module is valid exactly when the original is, and the engine validates the rewritten one.
func rewrite(m *binaryModule, lim *Limits, load, slice int64) ([]byte, error) {
	w := &meter{m: m, lim: lim, at: m.positions()}
	code, err := w.codeSection(slice)
	if err != nil {
		return nil, err
	}
	return assemble(m, &w.at, code, load, slice), nil
}

// positions are what comes after the module's own globals and functions.
func (m *binaryModule) positions() positions {
	g, f := uint32(len(m.globals)), uint32(m.functions())
	return positions{slice: g, reserve: g + 1, refill: f, fill: f + 1, cp: f + 2, grow: f + 3}
}

// assemble writes the module with another code section, and what the meter appends to all other sections.
func assemble(m *binaryModule, at *positions, code []byte, load, slice int64) []byte {
	b := []byte("\x00asm\x01\x00\x00\x00")
	b = section(b, sectionType, typeSection(m))
	b = section(b, sectionImport, importSection(m))
	b = section(b, sectionFunction, functionSection(m))
	b = section(b, sectionTable, tableSection(m))
	b = section(b, sectionMemory, memorySection(m))
	b = section(b, sectionGlobal, globalSection(m, load, slice))
	b = section(b, sectionExport, exportSection(m, at))
	if m.start != nil {
		b = section(b, sectionStart, appendU32(nil, *m.start))
	}
	b = section(b, sectionElement, counted(m.elements, m.element))
	if m.dataCount != nil {
		b = section(b, sectionDataCount, appendU32(nil, *m.dataCount))
	}
	b = section(b, sectionCode, code)
	b = section(b, sectionData, counted(m.segments, m.data))
	return section(b, sectionCustom, nameSection(m, at))
}

// section appends a section, none when it is empty.
func section(b []byte, id byte, contents []byte) []byte {
	if contents == nil {
		return b
	}
	b = appendU32(append(b, id), uint32(len(contents)))
	return append(b, contents...)
}

func counted(n int, items []byte) []byte {
	if n == 0 {
		return nil
	}
	return append(appendU32(nil, uint32(n)), items...)
}

func (w *meter) codeSection(slice int64) ([]byte, error) {
	b := appendU32(nil, uint32(len(w.m.codes)+4))
	for i := range w.m.codes {
		body, err := w.function(i)
		if err != nil {
			return nil, err
		}
		b = append(appendU32(b, uint32(len(body))), body...)
	}
	for _, body := range [][]byte{refillBody(&w.at, slice), fillBody(&w.at), copyBody(&w.at), growBody(&w.at)} {
		b = append(appendU32(b, uint32(len(body))), body...)
	}
	return b, nil
}

// helperTypes are the types of the appended functions, appended to the type section: refill; fill and copy; grow.
var helperTypes = []funcType{
	{params: []byte{typeI64}, results: []byte{typeI64}},
	{params: []byte{typeI32, typeI32, typeI32}},
	{params: []byte{typeI32}, results: []byte{typeI32}},
}

func typeSection(m *binaryModule) []byte {
	b := appendU32(nil, uint32(len(m.types)+len(helperTypes)))
	for _, list := range [][]funcType{m.types, helperTypes} {
		for _, t := range list {
			b = append(b, typeFunc)
			b = append(appendU32(b, uint32(len(t.params))), t.params...)
			b = append(appendU32(b, uint32(len(t.results))), t.results...)
		}
	}
	return b
}

func importSection(m *binaryModule) []byte {
	var b []byte
	for _, im := range m.imports {
		b = append(appendName(appendName(b, im.module), im.name), externFunc)
		b = appendU32(b, im.typ)
	}
	return counted(len(m.imports), b)
}

func functionSection(m *binaryModule) []byte {
	b := appendU32(nil, uint32(len(m.funcs)+4))
	for _, t := range m.funcs {
		b = appendU32(b, t)
	}
	n := uint32(len(m.types))
	for _, t := range []uint32{n, n + 1, n + 1, n + 2} {
		b = appendU32(b, t)
	}
	return b
}

func (z size) append(b []byte) []byte {
	if !z.bounded {
		return appendU32(append(b, 0), z.min)
	}
	return appendU32(appendU32(append(b, 1), z.min), z.max)
}

func tableSection(m *binaryModule) []byte {
	var b []byte
	for _, t := range m.tables {
		b = t.append(append(b, t.elem))
	}
	return counted(len(m.tables), b)
}

func memorySection(m *binaryModule) []byte {
	if m.memory == nil {
		return nil
	}
	return m.memory.append([]byte{1})
}

func globalSection(m *binaryModule, load, slice int64) []byte {
	b := appendU32(nil, uint32(len(m.globals)+2))
	for _, g := range m.globals {
		mut := byte(0)
		if g.mutable {
			mut = 1
		}
		b = append(append(b, g.typ, mut), g.init...)
	}
	first := min(load, slice)
	b = asm(append(b, typeI64, 1)).i64(first).op(opEnd)
	return asm(append(b, typeI64, 1)).i64(load - first).op(opEnd)
}

func exportSection(m *binaryModule, at *positions) []byte {
	b := appendU32(nil, uint32(len(m.exports)+2))
	for _, e := range m.exports {
		b = appendU32(append(appendName(b, e.name), e.kind), e.index)
	}
	b = appendU32(append(appendName(b, exportSlice), externGlobal), at.slice)
	return appendU32(append(appendName(b, exportReserve), externGlobal), at.reserve)
}

// nameSection names the functions for stack traces, the appended ones included.
func nameSection(m *binaryModule, at *positions) []byte {
	var names []byte
	n := uint32(0)
	add := func(index uint32, name string) {
		names = appendName(appendU32(names, index), name)
		n++
	}
	for _, f := range m.names {
		if int64(f.index) < int64(m.functions()) {
			add(f.index, f.name)
		}
	}
	add(at.refill, "weir:fuel")
	add(at.fill, "weir:memory.fill")
	add(at.cp, "weir:memory.copy")
	add(at.grow, "weir:memory.grow")
	names = append(appendU32(nil, n), names...)
	b := append(appendName(nil, "name"), nameFunctions)
	return append(appendU32(b, uint32(len(names))), names...)
}
