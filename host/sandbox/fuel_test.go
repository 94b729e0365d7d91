package sandbox

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// countedSingly is the module with a charge in front of each single instruction, straight to the global: what the meter's segments
// are compared with. It knows nothing of segments, branches or dominance. Lengths are left uncounted, but for those that the
// meter's own functions charge.
func countedSingly(t testing.TB, wasm []byte, lim *Limits) []byte {
	t.Helper()
	m, err := parse(wasm, lim)
	if err != nil {
		t.Fatal(err)
	}
	at := m.positions()
	code := appendU32(nil, uint32(len(m.codes)+4))
	for _, c := range m.codes {
		body := asm(appendU32(nil, uint32(len(c.locals))))
		for _, run := range c.locals {
			body = append(appendU32(body, run.n), run.typ)
		}
		charge := func(n int64) { body = body.idx(opGlobalGet, at.slice).i64(n).op(opI64Sub).idx(opGlobalSet, at.slice) }
		charge(entryCost(c.count))
		in, r := instruction{}, reader{b: c.body}
		for r.left() > 0 {
			in.next(&r, lim)
			if n := cost(in.op); n > 0 {
				charge(n)
			}
			switch in.op {
			case opMemoryGrow:
				body = body.idx(opCall, at.grow)
				continue
			case opMemoryFill:
				body = body.idx(opCall, at.fill)
				continue
			case opMemoryCopy:
				body = body.idx(opCall, at.cp)
				continue
			case opCall:
				if int(in.a) < len(m.imports) {
					charge(hostCallCost)
				}
			}
			body = in.append(body)
			if in.op == opLoop {
				charge(loopCost)
			}
		}
		if r.err != nil {
			t.Fatal(r.err)
		}
		code = sized(code, body)
	}
	for _, body := range [][]byte{refillBody(&at, DefaultSliceFuel), fillBody(&at), copyBody(&at), growBody(&at)} {
		code = sized(code, body)
	}
	return assemble(m, &at, code, lim.LoadFuel, DefaultSliceFuel)
}

// compileCounted is Runtime.Compile with that in the meter's place.
func compileCounted(t testing.TB, r *Runtime, wasm []byte, lim Limits) *Module {
	t.Helper()
	compiled, err := compile(t.Context(), r.uncached, countedSingly(t, wasm, &lim))
	if err != nil {
		t.Fatal(err)
	}
	m, err := parse(wasm, &lim)
	if err != nil {
		t.Fatal(err)
	}
	return &Module{runtime: r, engine: r.uncached, compiled: compiled, limits: lim, report: m.report(len(wasm))}
}

// TestNothingRunsUncharged: charging ahead may cost a little more than what really runs, never less.
func TestNothingRunsUncharged(t *testing.T) {
	r := newRuntime(t)
	modules := map[string][]byte{"go": goGuest(t)}
	for _, name := range []string{"constructs", "plain", "branch_out", "branch_out_if", "branch_out_table", "return_out"} {
		modules[name] = testModule(t, name)
	}
	seeds := 150
	if testing.Short() {
		seeds = 30
	}
	for seed := range seeds {
		modules[fmt.Sprint("seed ", seed)] = generate(uint64(seed))
	}
	var total, exact uint64
	for name, wasm := range modules {
		a := instantiate(t, r, wasm, DefaultLimits(), Guest{})
		m := compileCounted(t, r, wasm, DefaultLimits())
		b, err := m.Instantiate(t.Context(), Guest{})
		if err != nil {
			t.Fatal(err)
		}
		for k, in := range testInputs() {
			va, errA := a.Match(t.Context(), in)
			vb, errB := b.Match(t.Context(), in)
			if errA != nil || errB != nil {
				if (errA == nil) != (errB == nil) {
					t.Errorf("%s: %v against %v", name, errA, errB)
				}
				break
			}
			if va.Fuel < vb.Fuel || va.Fuel > 4*vb.Fuel+resumeBelow {
				t.Errorf("%s, call %d: charged %d for %d", name, k, va.Fuel, vb.Fuel)
			}
			total, exact = total+va.Fuel, exact+vb.Fuel
		}
		b.Close(t.Context())
		m.Close(t.Context())
	}
	t.Logf("charged %d for %d: %.3f", total, exact, float64(total)/float64(exact))
}

func TestFuelIsDeterministic(t *testing.T) {
	for name, wasm := range map[string][]byte{"go": goGuest(t), "constructs": testModule(t, "constructs")} {
		var first []uint64
		settings := []Settings{{}, {SliceFuel: 1000}, {Interpreter: true}}
		if name == "go" && testing.Short() {
			settings = settings[:2] // the interpreter takes a minute for it under the race detector
		}
		for run, s := range settings {
			r, err := New(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			lim := DefaultLimits()
			lim.Fuel = 100_000_000
			i := instantiate(t, r, wasm, lim, Guest{Seed: 7})
			for k, in := range testInputs() {
				v, err := i.Match(t.Context(), in)
				if err != nil {
					t.Fatal(err)
				}
				if run == 0 {
					first = append(first, v.Fuel)
				} else if v.Fuel != first[k] {
					t.Errorf("%s, run %d, call %d: %d fuel, first %d", name, run, k, v.Fuel, first[k])
				}
			}
			i.Close(t.Context())
			r.Close(context.Background())
		}
	}
}

// TestFuelIsTheLimit: a call with exactly the fuel that it needs ends well, with one less it does not, give or take what is
// charged behind the last test.
func TestFuelIsTheLimit(t *testing.T) {
	r := newRuntime(t)
	wasm := testModule(t, "plain")
	in := Input{Pieces: [][]byte{sample()}}
	v, err := instantiate(t, r, wasm, DefaultLimits(), Guest{}).Match(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	lim := DefaultLimits()
	lim.Fuel = int64(v.Fuel)
	if w, err := instantiate(t, r, wasm, lim, Guest{}).Match(t.Context(), in); err != nil || w.Fuel != v.Fuel {
		t.Errorf("with %d fuel: used %d, %v", lim.Fuel, w.Fuel, err)
	}
	lim.Fuel -= 500
	i := instantiate(t, r, wasm, lim, Guest{})
	if w, err := i.Match(t.Context(), in); !errors.Is(err, ErrFuel) || w.Fuel != uint64(lim.Fuel) {
		t.Errorf("with %d fuel: %+v, %v", lim.Fuel, w, err)
	}
	lim.Fuel = 0
	if _, err := r.Compile(t.Context(), wasm, lim); err == nil {
		t.Error("a limit of no fuel is accepted")
	}
}
