package host

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/host/geyser"
	"weir/host/metrics"
	"weir/host/router"
	"weir/host/sandbox"
)

func TestFigureAllocations(t *testing.T) {
	wantFigures(t)
	v, instance := bareGuest(t, measuredMonitor)
	found, _, _ := samples(t, instance, v.Declared)
	ours := allocationsWithoutGRPC(t, instance, found.wire)
	l, m := startReceiving(t, found.wire)
	l.run(t, 20_000, matched(m)) // pools are filled
	const updates = 100_000
	total := float64(mallocs(func() { l.run(t, updates, matched(m)) })) / updates
	// The collections that complete a profile empty the pools: what filling them again costs is in both counts.
	few := allocationSites(func() { l.run(t, 20_000, matched(m)) })
	sites := allocationSites(func() { l.run(t, 20_000+updates, matched(m)) })
	for who := range sites {
		sites[who] -= few[who]
	}
	for _, who := range slices.Sorted(maps.Keys(sites)) {
		aside("%s: %.3f allocations for an update", who, sites[who]/updates)
	}
	atMost(t, "allocations per update from receive to match", total, 10, "")
	// A hundredth leaves room for a queue that was deeper in one of the runs, and for what happens by the second.
	atMost(t, "of those not grpc-go's, per 100 updates", max(sites[byOthers]+sites[byWazero], 0)/updates*100, 1, "")
	atMost(t, "allocations of scan + route + queue + match by themselves", ours, 0, "")
}

// allocationsWithoutGRPC counts those of an update's way from the received frame to the verdict.
func allocationsWithoutGRPC(t *testing.T, instance *sandbox.Instance, wire []byte) float64 {
	t.Helper()
	r, m := router.New(), new(metrics.Monitor)
	q, err := router.NewQueue(router.Bounds{Items: 16, Bytes: 1 << 20, Policy: router.DropOldest}, m)
	if err != nil {
		t.Fatal(err)
	}
	r.Attach("a", q)
	feed := r.Open(new(metrics.Stream))
	feed.Routes([]geyser.Route{{Name: "w1", Monitor: "a"}})
	message := geyser.NewFrame(append(geyser.AppendNames(nil, "w1"), wire...))
	var envelope geyser.Envelope
	var u router.Update
	var pieces [][]byte
	ctx, now := context.WithoutCancel(t.Context()), time.Now()
	n := testing.AllocsPerRun(10_000, func() {
		f := message.Share()
		if err := f.Scan(&envelope); err != nil {
			t.Fatal(err)
		}
		feed.Update(&f, &envelope, now)
		f.Free()
		if !q.Pop(&u) {
			t.Fatal("nothing was routed")
		}
		pieces = u.Frame.AppendPieces(pieces[:0], u.Payload)
		if v, err := instance.Match(ctx, sandbox.Input{Pieces: pieces, Filters: u.Filters}); err != nil || v.Value == 0 {
			t.Fatalf("%+v, %v", v, err)
		}
		u.Frame.Free()
		q.Done()
	})
	return n
}

// mallocs counts the allocations of the whole process while f runs.
func mallocs(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

// Whose code asked for memory: that of the innermost function that is not the standard library's.
const (
	byGRPC   = "grpc-go"
	byWazero = "wazero"
	byOthers = "Weir and all else"
)

// allocationSites counts allocations by whose they are, with every one of them profiled. What the runtime puts into a block
// together with others (objects of less than 16 bytes without pointers) is profiled once per block.
func allocationSites(f func()) map[string]float64 {
	rate := runtime.MemProfileRate
	runtime.MemProfileRate = 1
	before := profiled()
	f()
	after := profiled()
	runtime.MemProfileRate = rate
	sites := map[string]float64{byGRPC: 0, byWazero: 0, byOthers: 0}
	for who, n := range after {
		sites[who] += float64(n - before[who])
	}
	return sites
}

func profiled() map[string]int64 {
	runtime.GC() // what was allocated comes into the profile with the second collection after it
	runtime.GC()
	n, _ := runtime.MemProfile(nil, true)
	records := make([]runtime.MemProfileRecord, n+1000)
	n, _ = runtime.MemProfile(records, true)
	all := map[string]int64{}
	for i := range records[:n] {
		r := &records[i]
		if who := whose(r.Stack()); who != "" {
			all[who] += r.AllocObjects
		}
	}
	return all
}

// whose returns "" for stacks of the measuring itself and of the process's start.
func whose(stack []uintptr) (who string) {
	frames := runtime.CallersFrames(stack)
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case strings.Contains(f.Function, "host.profiled"), strings.Contains(f.Function, "host.(*load)."):
			return ""
		case who != "":
		case strings.HasPrefix(f.Function, "google.golang.org/grpc"), strings.HasPrefix(f.Function, "golang.org/x/net/http2"):
			who = byGRPC
		case strings.HasPrefix(f.Function, "github.com/tetratelabs/wazero"):
			who = byWazero
		case strings.HasPrefix(f.Function, "weir/"):
			who = byOthers
		}
	}
	if who == "" {
		who = byOthers // the standard library's own goroutines
	}
	return who
}
