package sandbox

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"weir/abi"
	"weir/host/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestGoGuest is a whole life of a monitor written in Go.
func TestGoGuest(t *testing.T) {
	var logs []string
	var counts metrics.Monitor
	i := instantiate(t, newRuntime(t), goGuest(t), DefaultLimits(), Guest{Counts: &counts, Log: func(l abi.LogLevel, msg []byte) {
		logs = append(logs, l.String()+" "+string(msg))
	}})
	ctx := t.Context()
	if err := i.Configure(ctx, []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	if err := i.Configure(ctx, []byte(`{"please":"refuse"}`)); err == nil || err.Error() != "weir_configure: refused by the monitor (-7): this config is refused" {
		t.Error(err)
	}
	if manifest, err := i.Describe(ctx); err != nil || string(manifest) != `{"name":"goguest","version":"1.0.0"}` {
		t.Fatalf("%s, %v", manifest, err)
	}
	v, err := i.Match(ctx, Input{Pieces: [][]byte{{0x0a, 6}, []byte("nee"), []byte("dle")}, Filters: 5, NowMs: 1234})
	if err != nil || v.Value != 1 || len(v.Events) != 1 || string(v.Events[0]) != `{"type":"found","filters":"5","now":1234}` || v.Fuel == 0 {
		t.Fatalf("%+v, %v", v, err)
	}
	if v, err = i.Match(ctx, Input{Pieces: [][]byte{{0x08, 1}}}); err != nil || v.Value != 0 || v.Events != nil {
		t.Errorf("%+v, %v", v, err)
	}
	// Larger than the first buffer: the host must ask for another.
	large := binary.AppendUvarint([]byte{0x12}, 1<<20)
	large = append(large, make([]byte, 1<<20)...)
	if v, err = i.Match(ctx, Input{Pieces: [][]byte{large, {0x0a, 6}, []byte("needle")}}); err != nil || v.Value != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err = i.Tick(ctx, 99); err != nil || v.Value != 2 || string(v.Events[0]) != `{"calls":3}` {
		t.Errorf("%+v, %v", v, err)
	}
	if got := i.Metrics(); len(got) != 1 || got[0].Name != "fields" || got[0].Value < 3 {
		t.Errorf("%+v", got)
	}
	state, err := i.Save(ctx)
	if err != nil || len(state) != 8 {
		t.Fatal(state, err)
	}
	if err := i.Load(ctx, state); err != nil {
		t.Error(err)
	}
	if _, err := i.Match(ctx, Input{Pieces: [][]byte{[]byte("print!")}}); err != nil {
		t.Error(err)
	}
	if want := []string{"info a line", "info another 4", "warn an error"}; !slices.Equal(logs, want) {
		t.Errorf("logs %q, want %q", logs, want)
	}
	if v, err := i.Match(ctx, Input{Pieces: [][]byte{[]byte("sleep!")}}); err != nil || v.Value != 5 {
		t.Errorf("an hour's sleep: %+v, %v", v, err)
	}
	if counts.GuestMemory.Load() != int64(i.MemoryBytes()) || i.MemoryBytes() == 0 {
		t.Errorf("memory %d, counted %d", i.MemoryBytes(), counts.GuestMemory.Load())
	}
}

// TestGoGuestDeaths: what Go programs die of.
func TestGoGuestDeaths(t *testing.T) {
	r := newRuntime(t)
	for input, want := range map[string]string{
		"panic!": "weir_match: trapped: unreachable",
		"exit!":  "weir_match: the guest exited with code 3",
		"loop!":  "weir_match: out of fuel after 50000000 (raise the limit, or make the monitor do less per call)",
		"alloc!": "weir_match: trapped: unreachable",
	} {
		var logs []string
		lim := DefaultLimits()
		if input == "alloc!" {
			lim.Fuel = 10_000_000_000
		}
		i := instantiate(t, r, goGuest(t), lim, Guest{Log: func(_ abi.LogLevel, msg []byte) { logs = append(logs, string(msg)) }})
		_, err := i.Match(t.Context(), Input{Pieces: [][]byte{[]byte(input)}})
		if err == nil || err.Error() != want || !i.Dead() {
			t.Errorf("%s: %v, want %s\n%s", input, err, want, strings.Join(logs, "\n"))
		}
		if i.MemoryBytes() > lim.MemoryPages<<16 {
			t.Errorf("%s: %d bytes of memory", input, i.MemoryBytes())
		}
		if input == "panic!" && !slices.Contains(logs, "panic: as asked") {
			t.Errorf("the panic's last words are not in the log: %q", logs)
		}
	}
}

// TestGoGuestLives: a Go guest does not run out of memory over many calls, and its memory stays where it is.
func TestGoGuestLives(t *testing.T) {
	i := instantiate(t, newRuntime(t), goGuest(t), DefaultLimits(), Guest{})
	in := Input{Pieces: [][]byte{sample(), {0x0a, 6}, []byte("needle")}}
	calls := 20_000
	if testing.Short() {
		calls = 2000
	}
	for range calls {
		if v, err := i.Match(t.Context(), in); err != nil || v.Value != 1 {
			t.Fatalf("%+v, %v", v, err)
		}
	}
}

func TestEventsCountOnlyWhenTheCallSaysSo(t *testing.T) {
	i := instantiate(t, newRuntime(t), testModule(t, "event_tick"), DefaultLimits(), Guest{})
	for _, filters := range []uint64{0, 1, 0xffffffff} {
		v, err := i.Match(t.Context(), Input{Filters: filters})
		if want := int32(uint32(filters)); err != nil || v.Value != want || (len(v.Events) == 1) != (want > 0) {
			t.Errorf("%+v, %v", v, err)
		}
	}
	v, err := i.Tick(t.Context(), 1)
	if err != nil || v.Value != 1 || len(v.Events) != 1 || string(v.Events[0]) != `{"a":1}` {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestEventsAreLinesOfJSON(t *testing.T) {
	var counts metrics.Monitor
	i := instantiate(t, newRuntime(t), testModule(t, "event_bad"), DefaultLimits(), Guest{Counts: &counts})
	v, err := matchOnce(t.Context(), i)
	if err != nil || len(v.Events) != 1 || string(v.Events[0]) != `{"a": 1} ` {
		t.Errorf("%+v %q, %v", v, v.Events, err)
	}
	if n := counts.EventsDropped.Load(); n != 5 {
		t.Errorf("%d events dropped, want 5", n)
	}
}

func TestQuotasPerSecond(t *testing.T) {
	r := newRuntime(t)
	lim := DefaultLimits()
	lim.EventsPerSecond, lim.LogsPerSecond = 3, 2
	emit := func(i *Instance, ms int64) int {
		v, err := i.Match(t.Context(), Input{Filters: 1, NowMs: ms})
		if err != nil {
			t.Fatal(err)
		}
		return len(v.Events)
	}
	steps := []struct {
		ms   int64
		want int
	}{{1000, 1}, {1001, 1}, {1999, 1}, {1999, 0}, {2000, 1}, {2500, 1}, {0, 1}, {2600, 0}, {3000, 1}, {100, 1}}
	var counts metrics.Monitor
	i := instantiate(t, r, testModule(t, "event_tick"), lim, Guest{Counts: &counts})
	free := instantiate(t, r, testModule(t, "event_tick"), lim, Guest{NoRates: true})
	now := int64(0)
	clocked := instantiate(t, r, testModule(t, "event_tick"), lim, Guest{Clock: func() int64 { return now }})
	for k, s := range steps {
		if got := emit(i, s.ms); got != s.want {
			t.Errorf("step %d: %d events, want %d", k, got, s.want)
		}
		if emit(free, s.ms) != 1 {
			t.Errorf("step %d: an event is dropped without rates", k)
		}
		if got := emit(clocked, s.ms); got != min(1, max(0, 3-k)) {
			t.Errorf("step %d: %d events by the clock of the host", k, got)
		}
	}
	if counts.EventsDropped.Load() != 2 {
		t.Errorf("%d events dropped", counts.EventsDropped.Load())
	}

	var lines []string
	lim.Fuel = 500_000
	logger := instantiate(t, r, testModule(t, "log_flood"), lim, Guest{Counts: &counts, Log: func(l abi.LogLevel, m []byte) {
		lines = append(lines, fmt.Sprint(l, len(m)))
	}})
	if _, err := matchOnce(t.Context(), logger); !errors.Is(err, ErrFuel) {
		t.Error(err)
	}
	if !slices.Equal(lines, []string{"error 1024", "error 1024"}) || counts.LogsDropped.Load() < 100 {
		t.Errorf("log lines %v, %d dropped", lines, counts.LogsDropped.Load())
	}
}

func TestLogLevelFilters(t *testing.T) {
	n := 0
	lim := DefaultLimits()
	lim.Fuel = 500_000
	i := instantiate(t, newRuntime(t), testModule(t, "log_flood"), lim, Guest{LogLevel: abi.LogOff, Log: func(abi.LogLevel, []byte) { n++ }})
	if _, err := matchOnce(t.Context(), i); !errors.Is(err, ErrFuel) || n != 0 {
		t.Error(err, n)
	}
}

func TestMetricsOfAGuest(t *testing.T) {
	i := instantiate(t, newRuntime(t), testModule(t, "metrics"), DefaultLimits(), Guest{})
	if _, err := matchOnce(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	got := i.Metrics()
	if len(got) != abi.MaxMetrics || got[0] != (MetricValue{"ma", abi.MetricCounter, 3}) || got[1] != (MetricValue{"mb", abi.MetricGauge, 2.5}) {
		t.Errorf("%+v", got)
	}
}

func TestErrorsHaveReasons(t *testing.T) {
	i := instantiate(t, newRuntime(t), testModule(t, "match_error"), DefaultLimits(), Guest{})
	v, err := matchOnce(t.Context(), i)
	if err != nil || v.Value != -5 || v.Reason != "no such ?ke" || v.Events != nil {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	r := newRuntime(t)
	in := Input{Pieces: [][]byte{sample(), {0x0a, 6}, []byte("needle")}, Filters: 1, NowMs: 5}
	for name, wasm := range map[string][]byte{"go": goGuest(t), "good": testModule(t, "good"), "plain": testModule(t, "plain")} {
		i := instantiate(t, r, wasm, DefaultLimits(), Guest{NoRates: true})
		ctx := t.Context()
		if n := testing.AllocsPerRun(1000, func() {
			if _, err := i.Match(ctx, in); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations per match", name, n)
		}
	}
}

func TestClosingInAnyOrder(t *testing.T) {
	ctx := t.Context()
	r := newRuntime(t)
	wasm := testModule(t, "good")
	m, err := r.Compile(ctx, wasm, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	a, errA := m.Instantiate(ctx, Guest{})
	b, errB := m.Instantiate(ctx, Guest{})
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	for range 2 {
		if err := errors.Join(m.Close(ctx), a.Close(ctx)); err != nil {
			t.Error(err)
		}
	}
	if _, err := matchOnce(ctx, a); !errors.Is(err, ErrDead) {
		t.Error(err)
	}
	if _, err := matchOnce(ctx, b); err != nil {
		t.Error("the module's last instance:", err)
	}
	if _, err := m.Instantiate(ctx, Guest{}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := b.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := errors.Join(r.Close(ctx), r.Close(ctx)); err != nil {
		t.Error(err)
	}
	if _, err := r.Compile(ctx, wasm, DefaultLimits()); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestCancelledContext(t *testing.T) {
	r := newRuntime(t)
	i := instantiate(t, r, testModule(t, "good"), DefaultLimits(), Guest{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := matchOnce(ctx, i); !errors.Is(err, context.Canceled) || i.Dead() {
		t.Error(err, i.Dead())
	}
}

func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	run := func() {
		t.Helper()
		r, err := New(t.Context(), Settings{CacheDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close(context.Background())
		i := instantiate(t, r, testModule(t, "good"), DefaultLimits(), Guest{})
		if v, err := matchOnce(t.Context(), i); err != nil || v.Value != 5 {
			t.Fatalf("%+v, %v", v, err)
		}
		i.Close(t.Context())
		i.module.Close(t.Context())
	}
	entries := func() []string {
		files, err := filepath.Glob(filepath.Join(dir, "wazero-*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	run()
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o700 {
		t.Fatal(st.Mode(), err)
	}
	if !compilerWorks() {
		t.Skip("only the compiler has a cache")
	}
	files := entries()
	if len(files) != 1 {
		t.Fatalf("cached: %v", files)
	}
	good, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func() error{
		"empty":     func() error { return os.WriteFile(files[0], nil, 0o600) },
		"truncated": func() error { return os.WriteFile(files[0], good[:len(good)/2], 0o600) },
		"garbage":   func() error { return os.WriteFile(files[0], []byte(strings.Repeat("garbage ", 100)), 0o600) },
		"a folder":  func() error { return errors.Join(os.Remove(files[0]), os.Mkdir(files[0], 0o700)) },
		"flipped":   func() error { b := slices.Clone(good); b[len(b)/2] ^= 1; return os.WriteFile(files[0], b, 0o600) },
	} {
		if err := damage(); err != nil {
			t.Fatal(name, err)
		}
		run()
		if healed, err := os.ReadFile(files[0]); err != nil || len(healed) != len(good) {
			t.Errorf("%s: the entry was not written again: %d bytes, %v", name, len(healed), err)
		}
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), Settings{CacheDir: dir}); err == nil {
		t.Error("a cache that anybody may write to is accepted")
	}
}
