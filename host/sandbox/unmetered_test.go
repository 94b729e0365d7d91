package sandbox

import (
	"testing"
)

// unmetered is the module with its own code, byte by byte, and with the meter's globals, which nothing counts in: what the
// metered one is compared with.
func unmetered(t testing.TB, wasm []byte, lim *Limits) []byte {
	t.Helper()
	m, err := parse(wasm, lim)
	if err != nil {
		t.Fatal(err)
	}
	at := m.positions()
	code := appendU32(nil, uint32(len(m.codes)+4))
	add := func(body []byte) { code = append(appendU32(code, uint32(len(body))), body...) }
	for _, c := range m.codes {
		body := appendU32(nil, uint32(len(c.locals)))
		for _, run := range c.locals {
			body = append(appendU32(body, run.n), run.typ)
		}
		add(append(body, c.body...))
	}
	add(refillBody(&at, DefaultSliceFuel))
	add(fillBody(&at))
	add(copyBody(&at))
	add(growBody(&at))
	return assemble(m, &at, code, lim.LoadFuel, DefaultSliceFuel)
}

// compileUnmetered is Runtime.Compile without the meter.
func compileUnmetered(t testing.TB, r *Runtime, wasm []byte, lim Limits) *Module {
	t.Helper()
	compiled, err := compile(t.Context(), r.uncached, unmetered(t, wasm, &lim))
	if err != nil {
		t.Fatal(err)
	}
	b, err := parse(wasm, &lim)
	if err != nil {
		t.Fatal(err)
	}
	return &Module{runtime: r, engine: r.uncached, compiled: compiled, limits: lim, report: b.report(len(wasm))}
}
