package host

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/host/config"
	"weir/host/plugin/plugintest"
	"weir/host/sim"
)

// entry is one monitor of weir.yaml.
type entry struct{ name, file, group string }

// twelve are the seven real monitors under twelve names, four in each group.
func twelve() (entries []entry, names []string) {
	groups := []string{"high", "medium", "low"}
	for i := range 12 {
		e := entry{name: fmt.Sprintf("m%02d", i+1), file: plugintest.Names[i%len(plugintest.Names)] + ".wasm", group: groups[i%3]}
		entries, names = append(entries, e), append(names, e.name)
	}
	return entries, names
}

// startNamed runs a host whose weir.yaml names the monitors.
func startNamed(t *testing.T, folder string, entries []entry, demo *Demo) *whole {
	t.Helper()
	var yaml strings.Builder
	yaml.WriteString("sandbox:\n  events_per_second: 10000000\nmonitors:\n")
	for _, e := range entries {
		fmt.Fprintf(&yaml, "  %s:\n    file: %s\n    group: %s\n", e.name, e.file, e.group)
	}
	file := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(file, []byte(yaml.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Options{File: file, Flags: map[string]string{"data": t.TempDir(), "plugins": folder}})
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

func TestFigureConnections(t *testing.T) {
	wantFigures(t)
	entries, names := twelve()
	demo := &Demo{Settings: sim.Settings{Hold: true}}
	w := startNamed(t, plugintest.Monitors(t), entries, demo)
	w.waitLive(names...)
	s := demo.Stats()
	w.end()
	if s.RateViolations+s.FilterViolations > 0 {
		t.Errorf("violations: %+v", s)
	}
	aside("%d connections and %d streams, as the simulator counts them", s.Connections, s.Streams)
	atMost(t, "connections of 12 monitors against one for each", 100*float64(s.Connections)/float64(len(names)), 25, " %")
}
