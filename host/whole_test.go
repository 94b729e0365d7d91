package host

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"weir/host/config"
	"weir/host/geyser"
	"weir/host/plugin"
	"weir/host/plugin/plugintest"
	"weir/host/sandbox"
	"weir/host/sim"
	"weir/host/sink"
	"weir/host/upstream"
)

// patience bounds waits for things that take no time unless something is broken.
const patience = 30 * time.Second

// whole is a host that runs on a simulator, in the test's process.
type whole struct {
	*Host
	t       *testing.T
	stop    context.CancelFunc
	stopped chan error
	once    sync.Once
}

// startHost runs a host with the monitors of the folder on a simulator.
func startHost(t *testing.T, plugins string, demo *Demo, flags map[string]string) *whole {
	t.Helper()
	all := map[string]string{"data": t.TempDir(), "plugins": plugins, "sandbox.cache_dir": plugintest.Cache(t)}
	for k, v := range flags {
		all[k] = v
	}
	cfg, err := config.Load(config.Options{Flags: all})
	if err != nil {
		t.Fatal(err)
	}
	h, err := New(t.Context(), Settings{Config: cfg, Version: "test", Demo: demo, Log: slog.New(slog.NewTextHandler(testLog{t}, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &whole{Host: h, t: t, stop: cancel, stopped: make(chan error, 1)}
	go func() { w.stopped <- h.Run(ctx, context.Background()) }()
	t.Cleanup(w.end)
	return w
}

// end stops the host and waits until it has drained.
func (w *whole) end() {
	w.once.Do(func() {
		w.stop()
		if err := <-w.stopped; err != nil {
			w.t.Errorf("the host stopped with: %v", err)
		}
	})
}

// waitLive returns when the named monitors are served by live streams.
func (w *whole) waitLive(names ...string) {
	w.t.Helper()
	deadline := time.After(patience)
	for {
		changed := w.pool.Changed()
		live := 0
		for _, p := range w.pool.Snapshot().Monitors {
			if slices.Contains(names, p.Monitor) && p.State == upstream.Live {
				live++
			}
		}
		if live == len(names) {
			return
		}
		select {
		case <-changed:
		case err := <-w.stopped:
			w.stopped <- err
			w.t.Fatalf("the host ended: %v", err)
		case <-deadline:
			w.t.Fatalf("%d of %d monitors are live: %+v", live, len(names), w.Monitors())
		}
	}
}

// testLog writes the host's log into the test's.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) { l.t.Logf("%s", b); return len(b), nil }

// want is what a monitor finds in a recording when it is run over it alone.
type want struct {
	passed int
	events []string
}

// alone runs the monitor over the recording without a host: the declared filters by the server's rules, then match.
func alone(t *testing.T, folder, name, recording string) want {
	t.Helper()
	ctx := t.Context()
	rt, err := sandbox.New(ctx, sandbox.Settings{CacheDir: plugintest.Cache(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close(ctx)
	wasm, err := sandbox.ReadFile(filepath.Join(folder, name+".wasm"), sandbox.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	v, err := plugin.Load(ctx, rt, wasm, sandbox.DefaultLimits(), sandbox.Guest{NoRates: true}, func(string) plugin.Options { return plugin.Options{} })
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close(ctx)
	matcher, err := geyser.Compile(v.Declared.Request(), nil)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := sim.OpenRecording(recording)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := v.Take(ctx, sandbox.Guest{NoRates: true})
	if err != nil {
		t.Fatal(err)
	}
	defer instance.Close(ctx)
	var w want
	for m, err := range rec.Messages() {
		if err != nil {
			t.Fatal(err)
		}
		u, err := m.Update()
		if err != nil {
			t.Fatal(err)
		}
		for range matcher.Evaluate(u, nil) {
			w.passed++
			verdict, err := instance.Match(ctx, sandbox.Input{Pieces: [][]byte{m.Raw}, Filters: 1})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range verdict.Events {
				w.events = append(w.events, string(e))
			}
		}
	}
	slices.Sort(w.events)
	return w
}

func TestSevenMonitorsOnMergedStreamsFindWhatEachFindsAlone(t *testing.T) {
	recording := plugintest.Recording(t, "mixed.pbld")
	folder := plugintest.Monitors(t)
	rec, err := sim.OpenRecording(recording)
	if err != nil {
		t.Fatal(err)
	}
	demo := &Demo{
		Feed:     sim.NewReplay(rec, sim.ReplayOptions{}),
		Settings: sim.Settings{Hold: true, EveryCommitment: true, Lossless: true},
	}
	w := startHost(t, folder, demo, nil)
	w.waitLive(plugintest.Names...)
	subs := map[string]*sink.Subscription{}
	for _, name := range plugintest.Names {
		subs[name] = w.hub.Subscribe(name, 10_000, sink.Events)
		defer subs[name].Close()
	}
	demo.server.Start()
	for _, name := range plugintest.Names {
		wanted := alone(t, folder, name, recording)
		got := receive(t, name, subs[name], len(wanted.events))
		slices.Sort(got)
		if !slices.Equal(got, wanted.events) {
			t.Errorf("%s: the events differ from those of the monitor alone", name)
		}
		t.Logf("%s: %d updates passed its filters, %d events", name, wanted.passed, len(got))
	}
	if n := len(w.pool.Snapshot().Connections); n > 3 {
		t.Errorf("%d connections for seven monitors, want one for each group at most", n)
	}
	w.end()
	for _, name := range plugintest.Names {
		if n := len(subs[name].Records()); n > 0 || subs[name].Dropped() > 0 {
			t.Errorf("%s: %d events too many, %d dropped", name, n, subs[name].Dropped())
		}
	}
	if s := demo.Stats(); s.RateViolations > 0 || s.FilterViolations > 0 {
		t.Errorf("violations: %+v", s)
	}
}

func receive(t *testing.T, name string, s *sink.Subscription, n int) (got []string) {
	t.Helper()
	deadline := time.After(patience)
	for range n {
		select {
		case e := <-s.Records():
			if !json.Valid(e) {
				t.Errorf("%s: no JSON: %s", name, e)
			}
			got = append(got, string(e))
		case <-deadline:
			t.Fatalf("%s: %d of %d events", name, len(got), n)
		}
	}
	return got
}

// waitFor returns when ok says so, which it asks again and again, or fails the test with what.
func (w *whole) waitFor(what string, ok func() bool) {
	w.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); !ok(); {
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("never came: %s", what)
		}
	}
}
