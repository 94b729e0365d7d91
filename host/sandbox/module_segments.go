package sandbox

import (
	"strings"
	"unicode"
)

// constant decodes a constant expression (one instruction and the end) and appends it to dst in its shortest form. globals
// is how many globals there are or will be, for the check of global.get; whether the one meant is of use here is the
// engine's check.
func (p *parser) constant(s *reader, dst []byte, globals int) []byte {
	var in instruction
	in.next(s, p.lim)
	switch in.op {
	case opI32Const, opI64Const, opF32Const, opF64Const, opV128Const, opRefNull:
	case opGlobalGet:
		if s.err == nil && int64(in.a) >= int64(globals) {
			p.outside(s, "a constant expression", externGlobal, in.a, globals)
		}
	case opRefFunc:
		if s.err == nil && int64(in.a) >= int64(p.m.functions()) {
			p.outside(s, "a constant expression", externFunc, in.a, p.m.functions())
		}
	default:
		s.fail(Unsupported, "byte %d: opcode %#x in a constant expression (extended constants?)", s.base+s.pos, in.op)
	}
	if s.byte("constant expression") != opEnd {
		s.fail(Unsupported, "byte %d: a constant expression of several instructions (extended constants)", s.base+s.pos)
	}
	if s.err != nil {
		return dst
	}
	return append(in.append(dst), opEnd)
}

// elements decodes the element section. A segment's kind is three bits: passive or declarative, explicit table or
// declarative, expressions instead of indices.
func (p *parser) elements(s *reader) {
	p.m.elements = s.limited(p.lim.Elements, "element segments")
	total := 0
	for range p.m.elements {
		kind := s.u32("element segment")
		if kind > 7 {
			s.fail(Malformed, "byte %d: element segment of kind %d", s.base+s.pos, kind)
		}
		p.m.element = appendU32(p.m.element, kind)
		active, explicit, expressions := kind&1 == 0, kind&2 != 0, kind&4 != 0
		if active {
			if explicit {
				p.m.element = appendU32(p.m.element, p.tableIndex(s))
			}
			p.m.element = p.constant(s, p.m.element, len(p.m.globals))
		}
		if kind&3 != 0 {
			p.elementType(s, expressions)
		}
		n := s.count("elements")
		if total += n; total > p.lim.Elements {
			s.fail(OverLimit, "%d elements in element segments, the limit is %d", total, p.lim.Elements)
		}
		if s.err != nil {
			return
		}
		p.m.element = appendU32(p.m.element, uint32(n))
		p.elementItems(s, n, expressions)
	}
}

func (p *parser) elementType(s *reader, expressions bool) {
	if expressions {
		p.m.element = append(p.m.element, refType(s))
		return
	}
	if kind := s.byte("element kind"); kind != 0 {
		s.fail(Unsupported, "byte %d: elements of kind %d", s.base+s.pos, kind)
	}
	p.m.element = append(p.m.element, 0)
}

func (p *parser) elementItems(s *reader, n int, expressions bool) {
	for range n {
		if expressions {
			p.m.element = p.constant(s, p.m.element, len(p.m.globals))
		} else {
			p.m.element = appendU32(p.m.element, p.funcIndex(s, "element segment"))
		}
	}
}

func (p *parser) tableIndex(s *reader) uint32 {
	i := s.u32("table index")
	if s.err == nil && int64(i) >= int64(len(p.m.tables)) {
		s.fail(Malformed, "byte %d: table %d of %d", s.base+s.pos, i, len(p.m.tables))
	}
	return i
}

func (p *parser) data(s *reader) {
	p.m.segments = s.limited(p.lim.DataSegments, "data segments")
	for range p.m.segments {
		kind := s.u32("data segment")
		switch kind {
		case 0, 1:
		case 2:
			memoryZero(s)
			kind = 0
		default:
			s.fail(Malformed, "byte %d: data segment of kind %d", s.base+s.pos, kind)
		}
		p.m.data = appendU32(p.m.data, kind)
		if kind == 0 {
			p.m.data = p.constant(s, p.m.data, len(p.m.globals))
		}
		n := s.u32("data")
		b := s.sub(n, "data segment")
		if p.m.dataBytes += len(b.b); p.m.dataBytes > p.lim.DataBytes {
			s.fail(OverLimit, "%d bytes of data, the limit is %d", p.m.dataBytes, p.lim.DataBytes)
		}
		if s.err != nil {
			return
		}
		p.m.data = append(appendU32(p.m.data, n), b.b...)
	}
}

// custom sections are dropped, but for the functions' names, which stack traces want. A damaged or oversized name section
// is dropped too: names are no reason to refuse a monitor.
func (p *parser) custom(s *reader) {
	name := s.name("custom section's name")
	if s.err != nil || name != "name" || p.m.names != nil || s.left() > p.lim.NameBytes {
		return
	}
	r := &reader{b: s.b[s.pos:], base: s.base + s.pos}
	for r.err == nil && r.left() > 0 {
		id := r.byte("names")
		sub := r.sub(r.u32("names"), "names")
		if id == nameFunctions && r.err == nil {
			p.m.names = functionNames(sub)
			return
		}
	}
}

const (
	nameFunctions = 1
	maxNameBytes  = 200 // of one function's name in a stack trace
)

func functionNames(r *reader) []funcName {
	n := r.count("function names")
	names := make([]funcName, 0, n)
	for range n {
		f := funcName{index: r.u32("function's index"), name: r.name("function's name")}
		if r.err != nil {
			return nil
		}
		if k := len(names); k > 0 && names[k-1].index >= f.index {
			return nil
		}
		if f.name = clean(f.name); strings.HasPrefix(f.name, reservedPrefix) {
			f.name = "?" + f.name // not to be taken for one of the meter's
		}
		names = append(names, f)
	}
	return names
}

// clean makes a name from a module fit for a log line: no control characters, bounded.
func clean(s string) string {
	if len(s) > maxNameBytes {
		s = strings.ToValidUTF8(s[:maxNameBytes], "") + "…"
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, s)
}
