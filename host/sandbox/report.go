package sandbox

// Report is what a module's bytes say about it.
type Report struct {
	Bytes     int
	Exports   []Export // in the module's order
	Imports   []Import // in the module's order
	Types     int
	Functions int // with a body
	Globals   int
	Tables    int
	DataBytes int
	// MemoryMin and MemoryMax are pages of 64 KiB; the maximum is what the guest will really get: the declared one, cut to
	// the limit.
	MemoryMin, MemoryMax uint32
	WASI                 bool // imports something of wasi_snapshot_preview1
	Start                bool // has a start function, which runs at instantiation
}

// Export is one export of a module.
type Export struct {
	Name string
	Kind string // func, table, memory, global
	Type string // for a func its signature, as "(i32 i32) -> i32"
}

// Import is one import of a module; all of them are functions.
type Import struct {
	Module, Name string
	Type         string // the signature
}

// Has reports whether the module exports name.
func (r *Report) Has(name string) bool {
	for i := range r.Exports {
		if r.Exports[i].Name == name {
			return true
		}
	}
	return false
}
