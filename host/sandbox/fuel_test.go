package sandbox

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// compileExact is Runtime.Compile with a meter that charges nothing ahead.
func compileExact(t testing.TB, r *Runtime, wasm []byte, lim Limits) *Module {
	t.Helper()
	m, err := parse(wasm, &lim)
	if err != nil {
		t.Fatal(err)
	}
	w := &meter{m: m, lim: &lim, at: m.positions()}
	code, err := w.codeSection(DefaultSliceFuel)
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := compile(t.Context(), r.uncached, assemble(m, &w.at, code, lim.LoadFuel, DefaultSliceFuel))
	if err != nil {
		t.Fatal(err)
	}
	return &Module{runtime: r, engine: r.uncached, compiled: compiled, limits: lim, report: m.report(len(wasm))}
}

// TestNothingRunsUncharged: charging ahead may cost a little more than what really runs, never less.
func TestNothingRunsUncharged(t *testing.T) {
	r := newRuntime(t)
	modules := map[string][]byte{"constructs": testModule(t, "constructs"), "plain": testModule(t, "plain"), "go": goGuest(t)}
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
		m := compileExact(t, r, wasm, DefaultLimits())
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
