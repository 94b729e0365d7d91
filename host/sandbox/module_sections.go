package sandbox

func (p *parser) types(s *reader) {
	n := s.limited(p.lim.Types, "function types")
	p.m.types = make([]funcType, 0, n)
	for range n {
		if form := s.byte("type"); form != typeFunc && s.err == nil {
			s.fail(Unsupported, "byte %d: type of form %#x is none of WebAssembly 2.0", s.base+s.pos, form)
		}
		t := funcType{params: p.valueTypes(s, "parameters"), results: p.valueTypes(s, "results")}
		if s.err != nil {
			return
		}
		p.m.types = append(p.m.types, t)
	}
}

func (p *parser) valueTypes(s *reader, what string) []byte {
	n := s.limited(p.lim.Params, what)
	ts := make([]byte, 0, n)
	for range n {
		ts = append(ts, valueType(s))
	}
	return ts
}

func (p *parser) typeIndex(s *reader) uint32 {
	i := s.u32("type index")
	if s.err == nil && int64(i) >= int64(len(p.m.types)) {
		s.fail(Malformed, "byte %d: type %d of %d", s.base+s.pos, i, len(p.m.types))
	}
	return i
}

func (p *parser) imports(s *reader) {
	n := s.limited(p.lim.Imports, "imports")
	for range n {
		module, name := s.name("import's module"), s.name("import's name")
		kind := s.byte("import")
		if s.err != nil {
			return
		}
		if kind != externFunc {
			s.fail(WrongABI, "import %s.%s is %s; a monitor imports functions only", clean(module), clean(name), externName(kind))
			return
		}
		p.m.imports = append(p.m.imports, funcImport{module: module, name: name, typ: p.typeIndex(s)})
	}
}

func externName(kind byte) string {
	if int(kind) < len(externNames) {
		return "a " + externNames[kind]
	}
	return "of an unknown kind"
}

func (p *parser) functions(s *reader) {
	n := s.limited(p.lim.Functions, "functions")
	p.m.funcs = make([]uint32, 0, n)
	for range n {
		p.m.funcs = append(p.m.funcs, p.typeIndex(s))
	}
}

func (p *parser) size(s *reader, what string) (z size) {
	flags := s.byte(what)
	if flags > 1 {
		s.fail(Unsupported, "byte %d: %s with flags %#x (shared or 64-bit) is none of WebAssembly 2.0", s.base+s.pos, what, flags)
	}
	z.min = s.u32(what)
	if flags == 1 {
		z.bounded, z.max = true, s.u32(what)
		if z.max < z.min {
			s.fail(Malformed, "byte %d: %s with minimum %d above its maximum %d", s.base+s.pos, what, z.min, z.max)
		}
	}
	return z
}

// cut sets the maximum to the smaller one of the declared and ours.
func (z *size) cut(limit uint32) {
	if !z.bounded || z.max > limit {
		z.bounded, z.max = true, limit
	}
}

func (p *parser) tables(s *reader) {
	n := s.limited(p.lim.Tables, "tables")
	for range n {
		t := table{elem: refType(s)}
		t.size = p.size(s, "table")
		if t.min > p.lim.TableElements {
			s.fail(OverLimit, "a table of %d elements, the limit is %d", t.min, p.lim.TableElements)
		}
		t.cut(p.lim.TableElements)
		p.m.tables = append(p.m.tables, t)
	}
}

func (p *parser) memories(s *reader) {
	n := s.count("memories")
	if n > 1 {
		s.fail(Unsupported, "%d memories, a monitor has one", n)
	}
	if n != 1 {
		return
	}
	z := p.size(s, "memory")
	if max(z.min, z.max) > maxPages {
		s.fail(Malformed, "memory of %d pages, there are at most %d", max(z.min, z.max), maxPages)
	}
	if z.min > p.lim.MemoryPages {
		s.fail(OverLimit, "memory of %d pages from the start, the limit is %d", z.min, p.lim.MemoryPages)
	}
	z.cut(p.lim.MemoryPages)
	p.m.memory = &z
}

func (p *parser) globals(s *reader) {
	n := s.limited(p.lim.Globals, "globals")
	for range n {
		g := global{typ: valueType(s)}
		mut := s.byte("global")
		if mut > 1 {
			s.fail(Malformed, "byte %d: a global's mutability is %d, want 0 or 1", s.base+s.pos, mut)
		}
		g.mutable = mut == 1
		g.init = p.constant(s, nil, n)
		if s.err != nil {
			return
		}
		p.m.globals = append(p.m.globals, g)
	}
}

func (p *parser) exports(s *reader) {
	n := s.limited(p.lim.Exports, "exports")
	seen := make(map[string]bool, n)
	for range n {
		e := export{name: s.name("export's name"), kind: s.byte("export"), index: s.u32("export's index")}
		if s.err != nil {
			return
		}
		if seen[e.name] {
			s.fail(Malformed, "two exports named %s", clean(e.name))
		}
		seen[e.name] = true
		if have, ok := p.space(e.kind); !ok || int64(e.index) >= int64(have) {
			p.outside(s, "export "+clean(e.name), e.kind, e.index, have)
		}
		p.m.exports = append(p.m.exports, e)
	}
}

// space is how many things of a kind the module has.
func (p *parser) space(kind byte) (n int, known bool) {
	switch kind {
	case externFunc:
		return p.m.functions(), true
	case externTable:
		return len(p.m.tables), true
	case externMemory:
		if p.m.memory != nil {
			return 1, true
		}
		return 0, true
	case externGlobal:
		return len(p.m.globals), true
	}
	return 0, false
}

// outside refuses an index that the module does not have: the meter is going to append there.
func (p *parser) outside(s *reader, what string, kind byte, index uint32, have int) {
	if int(kind) >= len(externNames) {
		s.fail(Unsupported, "%s is of kind %d, which is none of WebAssembly 2.0", what, kind)
		return
	}
	s.fail(Reserved, "%s names %s %d, but the module has %d; indices above its own belong to the meter", what, externNames[kind], index, have)
}

func (p *parser) funcIndex(s *reader, what string) uint32 {
	i := s.u32(what)
	if s.err == nil && int64(i) >= int64(p.m.functions()) {
		p.outside(s, what, externFunc, i, p.m.functions())
	}
	return i
}

func (p *parser) start(s *reader) {
	i := p.funcIndex(s, "start section")
	p.m.start = &i
}

func (p *parser) codes(s *reader) {
	n := s.limited(p.lim.Functions, "function bodies")
	if n != len(p.m.funcs) && s.err == nil {
		s.fail(Malformed, "%d functions but %d bodies", len(p.m.funcs), n)
	}
	p.m.codes = make([]code, 0, n)
	for i := range n {
		size := s.u32("body size")
		b := s.sub(size, "function body")
		if int64(size) > int64(p.lim.FunctionBytes) {
			s.fail(OverLimit, "function %d has %d bytes of code, the limit is %d", len(p.m.imports)+i, size, p.lim.FunctionBytes)
		}
		if s.err != nil {
			return
		}
		p.m.codes = append(p.m.codes, p.code(b, i))
		s.err = b.err
	}
}

func (p *parser) code(b *reader, i int) code {
	c := code{}
	total := uint64(len(p.m.types[p.m.funcs[i]].params))
	for range b.count("locals") {
		run := localRun{n: b.u32("locals"), typ: valueType(b)}
		total += uint64(run.n)
		if total > uint64(p.lim.Locals) {
			b.fail(OverLimit, "function %d has over %d locals, the limit is %d", len(p.m.imports)+i, total-1, p.lim.Locals)
			return c
		}
		c.count += int(run.n)
		c.locals = append(c.locals, run)
	}
	c.base = b.base + b.pos
	c.body = b.bytes(b.left(), "body")
	return c
}
