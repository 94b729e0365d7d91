package sandbox

import (
	"strconv"
	"strings"

	"weir/abi"
)

func signature(params, results string) funcType {
	return funcType{params: valueTypesOf(params), results: valueTypesOf(results)}
}

// valueTypesOf reads one letter per type: i is i32, I is i64, F is f64.
func valueTypesOf(letters string) []byte {
	ts := make([]byte, len(letters))
	for k, c := range letters {
		ts[k] = map[rune]byte{'i': typeI32, 'I': typeI64, 'F': typeF64}[c]
	}
	return ts
}

func (t funcType) equal(o funcType) bool {
	return string(t.params) == string(o.params) && string(t.results) == string(o.results)
}

// required and optional exports, with their signatures: see abi/README.md.
var (
	requiredExports = []struct {
		name string
		typ  funcType
	}{
		{abi.ExportAlloc, signature("i", "i")},
		{abi.ExportDescribe, signature("", "I")},
		{abi.ExportMatch, signature("iiI", "i")},
	}
	optionalExports = map[string]funcType{
		abi.ExportMarker:     signature("", ""),
		abi.ExportInitialize: signature("", ""),
		abi.ExportConfigure:  signature("ii", "i"),
		abi.ExportTick:       signature("I", "i"),
		abi.ExportSave:       signature("", "I"),
		abi.ExportLoad:       signature("ii", "i"),
	}
)

// contract checks exports and imports against the ABI. The marker comes first: a module of another version, or one that is
// no monitor at all, should be told that and not which export it lacks.
func (m *binaryModule) contract() error {
	for _, check := range []func() error{m.reserved, m.version, m.checkExports, m.checkImports} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (m *binaryModule) reserved() error {
	for _, e := range m.exports {
		if strings.HasPrefix(e.name, reservedPrefix) {
			return refuse(Reserved, "export %s: names that begin with %q belong to the meter", clean(e.name), reservedPrefix)
		}
	}
	for _, im := range m.imports {
		if strings.HasPrefix(im.name, reservedPrefix) || strings.HasPrefix(im.module, reservedPrefix) {
			return refuse(Reserved, "import %s.%s: names that begin with %q belong to the meter", clean(im.module), clean(im.name), reservedPrefix)
		}
	}
	return nil
}

const markerPrefix, importPrefix = "weir_abi_v", "weir_v"

// version finds the marker, or says which other version the module is of.
func (m *binaryModule) version() error {
	other := ""
	for _, e := range m.exports {
		switch v, ok := strings.CutPrefix(e.name, markerPrefix); {
		case e.name == abi.ExportMarker:
			return nil
		case ok && isNumber(v):
			other = v
		}
	}
	if other != "" {
		return refuse(WrongABI, "built for version %s of the plugin ABI, this host speaks version %d; rebuild it with this version's SDK", other, abi.Version)
	}
	return refuse(WrongABI, "no export %s: not a Weir monitor, or built without the SDK's exports", abi.ExportMarker)
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func (m *binaryModule) find(name string) (export, bool) {
	for _, e := range m.exports {
		if e.name == name {
			return e, true
		}
	}
	return export{}, false
}

func (m *binaryModule) checkExports() error {
	if _, ok := m.find(abi.ExportStart); ok {
		return refuse(WrongABI, "export %s: this is a command, a monitor is a reactor (Go: -buildmode=c-shared; Rust: crate-type cdylib)", abi.ExportStart)
	}
	if e, ok := m.find(abi.ExportMemory); !ok || e.kind != externMemory {
		return refuse(WrongABI, "no exported memory named %s", abi.ExportMemory)
	}
	for _, want := range requiredExports {
		e, ok := m.find(want.name)
		if !ok {
			return refuse(WrongABI, "no export %s", want.name)
		}
		if err := m.checkSignature(e, want.typ); err != nil {
			return err
		}
	}
	for _, e := range m.exports {
		if want, ok := optionalExports[e.name]; ok {
			if err := m.checkSignature(e, want); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *binaryModule) checkSignature(e export, want funcType) error {
	if e.kind != externFunc {
		return refuse(WrongABI, "export %s is a %s, want a function %v", e.name, externNames[e.kind], want)
	}
	if have := m.typeOf(e.index); !have.equal(want) {
		return refuse(WrongABI, "export %s has the signature %v, want %v", e.name, have, want)
	}
	return nil
}

func (m *binaryModule) checkImports() error {
	for _, im := range m.imports {
		h, ok := hostFunctions[im.module][im.name]
		if !ok {
			return unknownImport(im)
		}
		if have := m.types[im.typ]; !have.equal(h.typ) {
			return refuse(WrongABI, "import %s.%s has the signature %v, want %v", im.module, im.name, have, h.typ)
		}
	}
	return nil
}

func unknownImport(im funcImport) error {
	module, name := clean(im.module), clean(im.name)
	if v, ok := strings.CutPrefix(im.module, importPrefix); ok && isNumber(v) && im.module != abi.ImportModule {
		return refuse(WrongABI, "import %s.%s: version %s of the plugin ABI, this host speaks version %d; rebuild it with this version's SDK", module, name, v, abi.Version)
	}
	return refuse(WrongABI, "import %s.%s is unknown; a monitor may import the functions of %s and %s", module, name, abi.ImportModule, abi.ImportWASI)
}

// Inspect checks a module's bytes: structure, sizes, imports, exports, and every instruction that the meter must
// understand. It runs nothing and compiles nothing; what only the compiler sees, as a type error inside a function, is left
// to Compile. The error is ErrRefused.
func Inspect(wasm []byte, lim Limits) (*Report, error) {
	if err := lim.check(); err != nil {
		return nil, err
	}
	m, _, err := prepare(wasm, &lim, DefaultSliceFuel)
	if err != nil {
		return nil, err
	}
	return m.report(len(wasm)), nil
}

// prepare does everything that comes before the compiler.
func prepare(wasm []byte, lim *Limits, slice int64) (*binaryModule, []byte, error) {
	m, err := parse(wasm, lim)
	if err != nil {
		return nil, nil, err
	}
	if err := m.contract(); err != nil {
		return nil, nil, err
	}
	metered, err := rewrite(m, lim, lim.LoadFuel, slice)
	return m, metered, err
}

func (m *binaryModule) report(bytes int) *Report {
	r := &Report{
		Bytes: bytes, Types: len(m.types), Functions: len(m.funcs), Globals: len(m.globals), Tables: len(m.tables),
		DataBytes: m.dataBytes, MemoryMin: m.memory.min, MemoryMax: m.memory.max, Start: m.start != nil,
	}
	for _, e := range m.exports {
		x := Export{Name: e.name, Kind: externNames[e.kind]}
		if e.kind == externFunc {
			x.Type = m.typeOf(e.index).String()
		}
		r.Exports = append(r.Exports, x)
	}
	for _, im := range m.imports {
		r.Imports = append(r.Imports, Import{Module: im.module, Name: im.name, Type: m.types[im.typ].String()})
		r.WASI = r.WASI || im.module == abi.ImportWASI
	}
	return r
}
