package upstream

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mr-tron/base58"
	"go.uber.org/goleak"

	"weir/host/geyser"
	"weir/host/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func address(key byte) string {
	pubkey := make([]byte, 32)
	pubkey[31] = key
	return base58.Encode(pubkey)
}

// recorder is a Router that keeps what it is given, by monitor.
type recorder struct {
	mu    sync.Mutex          // guards got, open
	got   map[string][]uint64 // slots
	open  int
	fresh chan string // the monitor of each routed update, if not nil
}

func newRecorder() *recorder { return &recorder{got: map[string][]uint64{}} }

func (r *recorder) Open(string, *metrics.Stream) Feed {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open++
	return &recorderFeed{r: r}
}

func (r *recorder) slots(monitor string) []uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got[monitor])
}

type recorderFeed struct {
	r      *recorder
	routes atomic.Pointer[[]geyser.Route]
	closed atomic.Bool
}

func (f *recorderFeed) Routes(routes []geyser.Route) { f.routes.Store(&routes) }

func (f *recorderFeed) Update(_ *geyser.Frame, e *geyser.Envelope, _ time.Time) {
	if f.closed.Load() {
		panic("Update after Close")
	}
	routes := f.routes.Load()
	if routes == nil {
		return
	}
	f.r.mu.Lock()
	defer f.r.mu.Unlock()
	for _, name := range e.Names() {
		for _, to := range *routes {
			if to.Name == string(name) {
				f.r.got[to.Monitor] = append(f.r.got[to.Monitor], e.Slot)
				if f.r.fresh != nil {
					f.r.fresh <- to.Monitor
				}
			}
		}
	}
}

func (f *recorderFeed) Close() {
	if f.closed.Swap(true) {
		panic("closed twice")
	}
	f.r.mu.Lock()
	defer f.r.mu.Unlock()
	f.r.open--
}

// want declares interest of monitor in one account; rest is more of the request's JSON, such as a commitment.
func want(t testing.TB, monitor string, g Group, key byte, rest string) Want {
	t.Helper()
	d, err := geyser.ParseDeclared(accountJSON(key, rest))
	if err != nil {
		t.Fatal(err)
	}
	return Want{Want: geyser.Want{Monitor: monitor, Declared: d}, Group: g}
}

// fixture is a running pool with its server.
type fixture struct {
	*scripted
	pool   *Pool
	router *recorder
	stop   func()
}

func start(t testing.TB, change func(*Settings)) *fixture {
	t.Helper()
	return startWith(t, newScripted(t), change)
}

func startWith(t testing.TB, server *scripted, change func(*Settings)) *fixture {
	t.Helper()
	f := startPool(t, func(s *Settings) {
		s.Dial = server.dial
		if change != nil {
			change(s)
		}
	})
	f.scripted = server
	return f
}

// startPool runs a pool whose server is the caller's business.
func startPool(t testing.TB, change func(*Settings)) *fixture {
	t.Helper()
	f := &fixture{router: newRecorder()}
	set := Settings{
		Endpoints: []Endpoint{{Name: "test", URL: "http://127.0.0.1:1"}},
		Router:    f.router, Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&set)
	}
	var err error
	if f.pool, err = New(set); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.pool.Run(ctx) }()
	f.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		f.router.mu.Lock()
		defer f.router.mu.Unlock()
		if f.router.open != 0 {
			t.Errorf("%d feeds are still open after Run", f.router.open)
		}
	})
	t.Cleanup(f.stop)
	return f
}

// await waits until ok accepts the pool's state.
func (f *fixture) await(t testing.TB, what string, ok func(Snapshot) bool) Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	for {
		changed := f.pool.Changed()
		s := f.pool.Snapshot()
		if ok(s) {
			return s
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("%s did not happen; state: %+v", what, s)
		}
	}
}

func (f *fixture) awaitLive(t testing.TB, n int) Snapshot {
	t.Helper()
	return f.await(t, fmt.Sprintf("%d live monitors", n), func(s Snapshot) bool {
		live := 0
		for _, m := range s.Monitors {
			if m.State == Live {
				live++
			}
		}
		return live == n && len(s.Monitors) >= n
	})
}

// bubble runs a test on synctest's clock.
func bubble(t *testing.T, f func(*testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

func TestTwelveMonitorsUseThreeConnections(t *testing.T) {
	for _, mix := range [][3]int{{4, 4, 4}, {6, 3, 3}, {12, 0, 0}, {10, 1, 1}, {11, 1, 0}, {1, 1, 10}} {
		t.Run(fmt.Sprint(mix), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := start(t, nil)
				var wants []Want
				for i, g := range []Group{High, Medium, Low} {
					for range mix[i] {
						n := len(wants)
						wants = append(wants, want(t, fmt.Sprintf("m%02d", n), g, byte(n), ""))
					}
				}
				f.pool.Set(wants)
				s := f.awaitLive(t, 12)
				connects, subscribes, _ := f.counts()
				if len(s.Connections) > 3 || connects > 3 || subscribes > 3 {
					t.Errorf("%d connections, %d dials, %d subscribes; want at most 3 of each", len(s.Connections), connects, subscribes)
				}
				if len(s.Warnings) > 0 {
					t.Errorf("warnings: %q", s.Warnings)
				}
				for n := range 12 {
					f.broadcast(accountUpdate(byte(n), uint64(n)))
				}
				synctest.Wait()
				for n := range 12 {
					if got := f.router.slots(fmt.Sprintf("m%02d", n)); !slices.Equal(got, []uint64{uint64(n)}) {
						t.Errorf("monitor %d got slots %v, want its own one", n, got)
					}
				}
			})
		})
	}
}

func TestAddingAndRemovingAMonitorIsAFilterUpdate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, nil)
		a, b := want(t, "a", High, 1, ""), want(t, "b", High, 2, "")
		f.pool.Set([]Want{a})
		f.awaitLive(t, 1)
		f.pool.Set([]Want{a, b})
		s := f.awaitLive(t, 2)
		if connects, subscribes, _ := f.counts(); connects != 1 || subscribes != 1 {
			t.Fatalf("%d connects, %d subscribes; want one of each", connects, subscribes)
		}
		f.broadcast(accountUpdate(1, 10))
		f.broadcast(accountUpdate(2, 11))
		synctest.Wait()
		if !slices.Equal(f.router.slots("a"), []uint64{10}) || !slices.Equal(f.router.slots("b"), []uint64{11}) {
			t.Errorf("a got %v, b got %v; want [10] and [11]", f.router.slots("a"), f.router.slots("b"))
		}
		if s.Streams[0].Counts.Updates != 1 {
			t.Errorf("%d live updates counted, want 1", s.Streams[0].Counts.Updates)
		}

		f.pool.Set([]Want{b})
		f.await(t, "the removal", func(s Snapshot) bool {
			return len(s.Streams) == 1 && slices.Equal(s.Streams[0].Monitors, []string{"b"}) && s.Streams[0].Counts.Updates == 2
		})
		synctest.Wait()
		requests := f.requestsOf(1)
		if last := requests[len(requests)-1]; len(last.Accounts) != 1 {
			t.Errorf("the last request has %d filters, want one", len(last.Accounts))
		}
		for i, r := range requests {
			if r.FromSlot != nil {
				t.Errorf("request %d has a from_slot", i)
			}
		}
	})
}
