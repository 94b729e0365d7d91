package upstream

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkAddMonitor measures from Set to the first routed update of a monitor that is added to a live stream with
// twelve others, coalescing window included. The server sends the update as soon as it has the filter. "quiet" lets the
// window close before each addition, "busy" adds one as soon as the one before has its first update.
func BenchmarkAddMonitor(b *testing.B) {
	b.Run("quiet", func(b *testing.B) { benchmarkAdd(b, DefaultCoalesceWindow+DefaultUpdatePace) })
	b.Run("busy", func(b *testing.B) { benchmarkAdd(b, 0) })
}

func benchmarkAdd(b *testing.B, pause time.Duration) {
	var key atomic.Uint32 // of the newest monitor's account
	server := newScripted(b)
	server.taken = func() { server.broadcast(accountUpdate(byte(key.Load()), 1)) }
	f := startWith(b, server, func(s *Settings) { s.MonitorsPerConnection.High = 100 })
	defer f.stop()
	var base []Want
	for n := range 12 {
		base = append(base, want(b, fmt.Sprintf("m%02d", n), High, byte(n), ""))
	}
	f.pool.Set(base)
	f.awaitLive(b, 12)
	f.router.mu.Lock()
	f.router.fresh = make(chan string, 1024)
	f.router.mu.Unlock()

	var took []time.Duration
	for b.Loop() {
		n := len(took)
		key.Store(uint32(100 + n%100))
		name := fmt.Sprintf("new%d", n)
		wants := append(slices.Clone(base), want(b, name, High, byte(key.Load()), ""))
		<-time.After(pause)
		begin := time.Now()
		f.pool.Set(wants)
		for got := range f.router.fresh {
			if got == name {
				break
			}
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	at := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1))].Microseconds()) / 1000 }
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	if _, subscribes, _ := f.counts(); subscribes != 1 {
		b.Errorf("%d subscribes, want one stream all along", subscribes)
	}
}
