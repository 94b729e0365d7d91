package sandbox

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzMeter feeds the reader and the meter arbitrary bytes. They must not panic, must refuse with a reason, and what they
// accept must be valid after metering exactly when the original's own code is valid without it. The same holds again for
// their own output, whose code is an ordinary module's but for the reserved names.
func FuzzMeter(f *testing.F) {
	files, err := filepath.Glob("testdata/*.wasm")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for seed := range 20 {
		f.Add(generate(uint64(seed)))
	}
	e := interpreter(f)
	lim := DefaultLimits()
	// Small enough for the engine's tables and memories to be made often.
	lim.TableElements, lim.MemoryPages, lim.Work = 1000, 16, 1<<16
	f.Fuzz(func(t *testing.T, wasm []byte) {
		m, metered, err := prepare(wasm, &lim, 1000)
		if err != nil {
			if _, ok := errors.AsType[*RefusedError](err); !ok {
				t.Fatalf("refused without a reason: %v", err)
			}
			return
		}
		m.report(len(wasm))
		if with, without := validates(t, e, metered), validates(t, e, unmetered(t, wasm, &lim)); with != without {
			t.Fatalf("valid with the meter: %v, without: %v", with, without)
		}
	})
}

// FuzzLEB128 compares what is written with what is read.
func FuzzLEB128(f *testing.F) {
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, int64(-1))
	f.Add([]byte{0x80, 0x80, 0x80, 0x80, 0x70}, int64(1)<<62)
	f.Add([]byte{0x7f}, int64(-64))
	f.Fuzz(func(t *testing.T, b []byte, v int64) {
		for _, bits := range []int{32, 33, 64} {
			want := v << (64 - bits) >> (64 - bits)
			r := &reader{b: appendSigned(nil, want)}
			if got := r.signed(bits, "number"); got != want || r.err != nil || r.left() != 0 {
				t.Fatalf("%d in %d bits: %d, %v", want, bits, got, r.err)
			}
			r = &reader{b: b}
			if got := r.signed(bits, "number"); r.err == nil && got<<(64-bits)>>(64-bits) != got {
				t.Fatalf("% x: %d does not fit %d bits", b, got, bits)
			}
		}
		r := &reader{b: appendU32(nil, uint32(v))}
		if got := r.u32("number"); got != uint32(v) || r.err != nil || r.left() != 0 {
			t.Fatalf("%d: %d, %v", uint32(v), got, r.err)
		}
		(&reader{b: b}).u32("number")
	})
}
