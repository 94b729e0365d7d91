package sandbox

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// sample is 4 kB of nested protobuf fields, the size and shape of a transaction.
func sample() []byte {
	var b []byte
	field := func(dst []byte, n int, body []byte) []byte {
		dst = binary.AppendUvarint(dst, uint64(n)<<3|2)
		dst = binary.AppendUvarint(dst, uint64(len(body)))
		return append(dst, body...)
	}
	for k := range 40 {
		key := make([]byte, 32)
		for j := range key {
			key[j] = byte(k*31+j*7) | 0x80
		}
		inner := field(nil, 1, key)
		inner = binary.AppendUvarint(append(inner, 0x10), uint64(k)<<20)
		inner = field(inner, 3, append([]byte{0xff}, key...))
		b = field(b, 2, inner)
	}
	return b
}

// BenchmarkMatch compares one module with and without the meter, in turns within one run, and reports the ratio of the
// fastest rounds: machines that others use too make means useless.
func BenchmarkMatch(b *testing.B) {
	plain, err := os.ReadFile(filepath.Join("testdata", "plain.wasm"))
	if err != nil {
		b.Fatal(err)
	}
	for _, g := range []struct {
		name string
		wasm []byte
	}{{"go", goGuest(b)}, {"plain", plain}} {
		b.Run(g.name, func(b *testing.B) { benchmarkRatio(b, g.wasm) })
	}
}

func benchmarkRatio(b *testing.B, wasm []byte) {
	r := newRuntime(b)
	metered := instantiate(b, r, wasm, DefaultLimits(), Guest{})
	m := compileUnmetered(b, r, wasm, DefaultLimits())
	free, err := m.Instantiate(b.Context(), Guest{})
	if err != nil {
		b.Fatal(err)
	}
	defer free.Close(b.Context())
	in := Input{Pieces: [][]byte{sample()}, Filters: 1, NowMs: 1}
	round := func(i *Instance, n int) time.Duration {
		start := time.Now()
		for range n {
			if _, err := i.Match(b.Context(), in); err != nil {
				b.Fatal(err)
			}
		}
		return time.Since(start) / time.Duration(n)
	}
	const calls = 2000
	round(metered, calls)
	round(free, calls)
	fast, slow := time.Duration(1<<62), time.Duration(1<<62)
	b.ReportAllocs()
	for b.Loop() {
		fast = min(fast, round(free, calls))
		slow = min(slow, round(metered, calls))
	}
	v, _ := metered.Match(b.Context(), in)
	b.ReportMetric(float64(slow.Nanoseconds()), "metered-ns/call")
	b.ReportMetric(float64(fast.Nanoseconds()), "unmetered-ns/call")
	b.ReportMetric(float64(slow)/float64(fast), "ratio")
	b.ReportMetric(float64(v.Fuel), "fuel/call")
}
