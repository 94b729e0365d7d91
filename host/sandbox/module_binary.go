package sandbox

import (
	"fmt"
	"strings"
)

// Section numbers of the binary format.
const (
	sectionCustom = iota
	sectionType
	sectionImport
	sectionFunction
	sectionTable
	sectionMemory
	sectionGlobal
	sectionExport
	sectionStart
	sectionElement
	sectionCode
	sectionData
	sectionDataCount
)

const (
	externFunc = iota
	externTable
	externMemory
	externGlobal
)

var externNames = [...]string{"func", "table", "memory", "global"}

// binaryModule is a decoded module. Function bodies stay bytes of the file until the meter walks them.
type binaryModule struct {
	types     []funcType
	imports   []funcImport
	funcs     []uint32 // type of each function with a body
	tables    []table
	memory    *size // nil when there is none
	globals   []global
	exports   []export
	start     *uint32
	elements  int    // segments
	element   []byte // the section's items, written again
	dataCount *uint32
	segments  int    // data segments
	data      []byte // the section's items, written again
	dataBytes int
	codes     []code
	names     []funcName
}

type funcType struct{ params, results []byte }

// String gives the signature as the documentation writes it.
func (t funcType) String() string {
	return "(" + typeList(t.params) + ") -> " + resultList(t.results)
}

func resultList(t []byte) string {
	if len(t) == 1 {
		return typeList(t)
	}
	return "(" + typeList(t) + ")"
}

func typeList(ts []byte) string {
	names := make([]string, len(ts))
	for i, t := range ts {
		names[i] = typeName(t)
	}
	return strings.Join(names, " ")
}

func typeName(t byte) string {
	switch t {
	case typeI32:
		return "i32"
	case typeI64:
		return "i64"
	case typeF32:
		return "f32"
	case typeF64:
		return "f64"
	case typeV128:
		return "v128"
	case typeFuncref:
		return "funcref"
	case typeExternref:
		return "externref"
	}
	return fmt.Sprintf("%#x", t)
}

type funcImport struct {
	module, name string
	typ          uint32
}

type size struct {
	min, max uint32
	bounded  bool
}

type table struct {
	elem byte
	size
}

type global struct {
	typ     byte
	mutable bool
	init    []byte // constant expression with its end
}

type export struct {
	name  string
	kind  byte
	index uint32
}

type code struct {
	locals []localRun
	count  int // locals, without parameters
	body   []byte
	base   int // offset of body in the file
}

type localRun struct {
	n   uint32
	typ byte
}

type funcName struct {
	index uint32
	name  string
}

// functions is how many functions there are, imported ones included.
func (m *binaryModule) functions() int { return len(m.imports) + len(m.funcs) }

// typeOf returns the type of a function by its index, which must be below functions().
func (m *binaryModule) typeOf(index uint32) funcType {
	if int(index) < len(m.imports) {
		return m.types[m.imports[index].typ]
	}
	return m.types[m.funcs[int(index)-len(m.imports)]]
}

// order gives each section its place; the data count came late to the format and stands before the code.
var order = [...]int{sectionType: 1, sectionImport: 2, sectionFunction: 3, sectionTable: 4, sectionMemory: 5, sectionGlobal: 6,
	sectionExport: 7, sectionStart: 8, sectionElement: 9, sectionDataCount: 10, sectionCode: 11, sectionData: 12}

// parse decodes a module and checks all that does not need the types of operands: structure, sizes, indices.
func parse(wasm []byte, lim *Limits) (*binaryModule, error) {
	if int64(len(wasm)) > lim.FileBytes {
		return nil, refuse(OverLimit, "%d bytes, the limit is %d", len(wasm), lim.FileBytes)
	}
	if len(wasm) < 8 || string(wasm[:4]) != "\x00asm" {
		return nil, refuse(Malformed, "no WebAssembly module: it does not start with the magic number")
	}
	if string(wasm[4:8]) != "\x01\x00\x00\x00" {
		return nil, refuse(Unsupported, "binary version % x; a monitor is a core module, version 1 (not a component)", wasm[4:8])
	}
	p := parser{lim: lim, m: &binaryModule{}}
	r := &reader{b: wasm, pos: 8}
	for r.err == nil && r.left() > 0 {
		p.section(r)
	}
	if r.err != nil {
		return nil, r.err
	}
	return p.m, p.finish()
}

type parser struct {
	lim  *Limits
	m    *binaryModule
	last int // place of the last section
}

func (p *parser) section(r *reader) {
	id := int(r.byte("section"))
	s := r.sub(r.u32("section size"), "section")
	if r.err != nil {
		return
	}
	switch {
	case id == sectionCustom:
		p.custom(s)
		r.err = s.err
		return
	case id >= len(order):
		r.fail(Unsupported, "byte %d: section %d is none of WebAssembly 2.0", s.base, id)
		return
	case order[id] <= p.last:
		r.fail(Malformed, "byte %d: section %d is repeated or out of order", s.base, id)
		return
	}
	p.last = order[id]
	p.contents(id, s)
	if s.err == nil && s.left() > 0 {
		s.fail(Malformed, "byte %d: section %d is longer than its contents", s.base+s.pos, id)
	}
	r.err = s.err
}

func (p *parser) contents(id int, s *reader) {
	switch id {
	case sectionType:
		p.types(s)
	case sectionImport:
		p.imports(s)
	case sectionFunction:
		p.functions(s)
	case sectionTable:
		p.tables(s)
	case sectionMemory:
		p.memories(s)
	case sectionGlobal:
		p.globals(s)
	case sectionExport:
		p.exports(s)
	case sectionStart:
		p.start(s)
	case sectionElement:
		p.elements(s)
	case sectionDataCount:
		n := s.u32("data count")
		p.m.dataCount = &n
	case sectionCode:
		p.codes(s)
	case sectionData:
		p.data(s)
	}
}

// finish checks what several sections must agree on.
func (p *parser) finish() error {
	m := p.m
	switch {
	case len(m.codes) != len(m.funcs):
		return refuse(Malformed, "%d functions but %d bodies", len(m.funcs), len(m.codes))
	case m.dataCount != nil && int64(*m.dataCount) != int64(m.segments):
		return refuse(Malformed, "data count is %d, but there are %d data segments", *m.dataCount, m.segments)
	}
	return nil
}
