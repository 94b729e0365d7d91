package sandbox

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
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

// BenchmarkSafepoint measures how long a garbage collection's stop of the world waits for a guest that never returns by
// itself: the longest of each round's, while one guest spins and this goroutine stops the world.
func BenchmarkSafepoint(b *testing.B) {
	for _, module := range []string{"loop", "bulk_fill", "bulk_copy", "bulk_init", "recursion"} {
		b.Run(module, func(b *testing.B) { benchmarkSafepoint(b, module) })
	}
}

func benchmarkSafepoint(b *testing.B, module string) {
	wasm, err := os.ReadFile(filepath.Join("testdata", module+".wasm"))
	if err != nil {
		b.Fatal(err)
	}
	lim := DefaultLimits()
	if module != "recursion" {
		lim.Fuel = 2_000_000_000
	}
	m, err := newRuntime(b).Compile(b.Context(), wasm, lim)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close(b.Context())
	var stop atomic.Bool
	var spinning sync.WaitGroup
	started := make(chan struct{})
	spinning.Go(func() {
		for first := true; !stop.Load(); first = false {
			i, err := m.Instantiate(b.Context(), Guest{})
			if err != nil {
				b.Error(err)
				return
			}
			if first {
				close(started)
			}
			i.Match(b.Context(), Input{})
			i.Close(b.Context())
		}
	})
	<-started
	var waits []time.Duration
	var stats runtime.MemStats
	for b.Loop() {
		start := time.Now()
		runtime.ReadMemStats(&stats) // stops the world and does little else
		waits = append(waits, time.Since(start))
	}
	stop.Store(true)
	spinning.Wait()
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(waits[len(waits)-1].Microseconds()), "max-µs")
}
