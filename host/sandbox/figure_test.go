package sandbox

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/host/plugin/plugintest"
)

// TestFigureMetering compares the match of real monitors, on recorded transactions next to 4 kB, with and without the
// meter, in turns, by the fastest rounds of each.
func TestFigureMetering(t *testing.T) {
	if os.Getenv("WEIR_FIGURES") != "1" {
		t.Skip("SKIPPED: a figure, which takes long; WEIR_FIGURES=1 (make bench) measures it")
	}
	r := newRuntime(t)
	folder := plugintest.Monitors(t)
	recorded := messages(t, plugintest.Recording(t, "mixed.pbld"))
	worst := 0.0
	for _, name := range []string{"pumpfun-price-monitor", "pumpfun-transaction-monitor"} {
		wasm, err := os.ReadFile(filepath.Join(folder, name+".wasm"))
		if err != nil {
			t.Fatal(err)
		}
		metered := ready(t, instantiate(t, r, wasm, DefaultLimits(), Guest{NoRates: true}))
		m := compileUnmetered(t, r, wasm, DefaultLimits())
		free, err := m.Instantiate(t.Context(), Guest{NoRates: true})
		if err != nil {
			t.Fatal(err)
		}
		defer free.Close(t.Context())
		ready(t, free)
		for _, found := range []bool{true, false} {
			raw := nearest(t, metered, recorded, found)
			with, without := fastest(t, metered, free, Input{Pieces: [][]byte{raw}, Filters: 1})
			ratio := float64(with) / float64(without)
			worst = max(worst, ratio)
			fmt.Printf("        %s, %d bytes, event found: %v: %v metered, %v unmetered, %.3g\n", name, len(raw), found, with, without, ratio)
		}
	}
	line := fmt.Sprintf("figure: a Go guest's match, metered against unmetered, the worst = %.3g x (at most 1.3 x)", worst)
	fmt.Println(line)
	if worst > 1.3 {
		t.Errorf("missed: %s", line)
	}
}

// ready does what a host does before the first match.
func ready(t *testing.T, i *Instance) *Instance {
	t.Helper()
	if err := i.Configure(t.Context(), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	return i
}

// messages reads a recording: each message behind its length.
func messages(t *testing.T, path string) (all [][]byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for len(b) > 0 {
		n, w := binary.Uvarint(b)
		if w <= 0 || n > uint64(len(b)-w) {
			t.Fatalf("%s is damaged", path)
		}
		all, b = append(all, b[w:w+int(n)]), b[w+int(n):]
	}
	return all
}

// nearest returns the transaction next to 4 kB in which the guest finds an event, or none.
func nearest(t *testing.T, i *Instance, all [][]byte, found bool) (best []byte) {
	t.Helper()
	const transaction = 4<<3 | 2
	away := func(b []byte) int { return max(len(b)-4096, 4096-len(b)) }
	for _, b := range all {
		if len(b) == 0 || b[0] != transaction || best != nil && away(b) >= away(best) {
			continue
		}
		v, err := i.Match(t.Context(), Input{Pieces: [][]byte{b}, Filters: 1})
		if err != nil {
			t.Fatal(err)
		}
		if v.Value > 0 == found {
			best = b
		}
	}
	if best == nil {
		t.Fatal("the recording has no such transaction")
	}
	return best
}

func fastest(t *testing.T, metered, free *Instance, in Input) (with, without time.Duration) {
	t.Helper()
	round := func(i *Instance) time.Duration {
		const calls = 2000
		begin := time.Now()
		for range calls {
			if _, err := i.Match(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		return time.Since(begin) / calls
	}
	round(metered)
	round(free)
	with, without = 1<<62, 1<<62
	for range 40 {
		without = min(without, round(free))
		with = min(with, round(metered))
	}
	return with, without
}
