package plugin_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/host/plugin"
	"weir/host/plugin/plugintest"
	"weir/host/router"
	"weir/host/sandbox"
)

const patience = 30 * time.Second

// stage is a supervisor with a folder and a data folder of the test's own.
type stage struct {
	*plugin.Supervisor
	t      *testing.T
	folder string
	data   string
	named  map[string]plugin.Named
	wants  chan []plugin.Want
	end    func()
}

func (s *stage) start() {
	s.t.Helper()
	ctx := context.Background()
	rt, err := sandbox.New(ctx, sandbox.Settings{CacheDir: plugintest.Cache(s.t)})
	if err != nil {
		s.t.Fatal(err)
	}
	memory, err := plugin.OpenMemory(filepath.Join(s.data, "monitors.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	bounds := router.Bounds{Items: 16, Bytes: 1 << 20, Policy: router.DropOldest}
	s.wants = make(chan []plugin.Want, 100)
	s.Supervisor = plugin.New(plugin.Settings{
		Folder: s.folder, Runtime: rt, Router: router.New(), Memory: memory, Limits: sandbox.DefaultLimits(), Named: s.named,
		Bounds:  map[string]router.Bounds{"high": bounds, "medium": bounds, "low": bounds},
		Restart: plugin.Restart{Base: time.Millisecond, Cap: time.Second, Quarantine: 3, Forget: time.Minute},
		Wanted:  func(w []plugin.Want) { s.wants <- w }, Matched: func(*plugin.Match) {}, Fault: func(string, []byte) {},
		Log: slog.New(slog.DiscardHandler),
	})
	run, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(run, ctx) }()
	s.end = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
		if err := rt.Close(ctx); err != nil {
			s.t.Error(err)
		}
		s.end = func() {}
	}
}

func newStage(t *testing.T, monitors ...string) *stage {
	t.Helper()
	s := &stage{t: t, folder: plugintest.Copy(t, monitors...), data: t.TempDir(), named: map[string]plugin.Named{}}
	t.Cleanup(func() { s.end() })
	return s
}

// until waits for a monitor to be in the state.
func (s *stage) until(name string, st plugin.State) plugin.View {
	s.t.Helper()
	return s.when(name, string(st), func(v plugin.View) bool { return v.State == st })
}

func (s *stage) when(name, what string, ok func(plugin.View) bool) plugin.View {
	s.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		v, err := s.Get(name)
		if err == nil && ok(v) {
			return v
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("%s is not %s: %+v, %v", name, what, v, err)
		}
	}
}

func (s *stage) names() (names []string) {
	for _, v := range s.List() {
		names = append(names, v.Name)
	}
	return names
}

func TestFolderBecomesRunningMonitors(t *testing.T) {
	s := newStage(t, "pumpfun-mint-monitor", "raydium-account-monitor")
	if err := os.WriteFile(filepath.Join(s.folder, "broken.wasm"), []byte("\x00asm but not really"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	mint := s.until("pumpfun-mint-monitor", plugin.Running)
	if mint.Version == "" || mint.Group != "medium" || !strings.HasPrefix(mint.Digest, "sha256:") || mint.Declared == nil || len(mint.Manifest) == 0 {
		t.Errorf("little is known of a running monitor: %+v", mint)
	}
	s.until("raydium-account-monitor", plugin.Running)
	if v := s.until("broken", plugin.Failed); v.Reason == "" {
		t.Error("a failed monitor gives no reason")
	}
	if _, err := s.Get("nobody"); !errors.Is(err, plugin.ErrUnknown) {
		t.Errorf("an unknown name gives %v", err)
	}
	for {
		if wants := <-s.wants; len(wants) == 2 {
			break
		}
	}
}

func TestDisabledMonitorStaysSoOverARestartAndItsCodeIsNotRun(t *testing.T) {
	s := newStage(t, "pumpfun-mint-monitor")
	s.start()
	s.until("pumpfun-mint-monitor", plugin.Running)
	if err := s.Disable(t.Context(), "pumpfun-mint-monitor"); err != nil {
		t.Fatal(err)
	}
	s.until("pumpfun-mint-monitor", plugin.Disabled)
	s.end()

	file := filepath.Join(s.folder, "pumpfun-mint-monitor.wasm")
	if err := os.WriteFile(file, []byte("anything at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	v := s.until("pumpfun-mint-monitor", plugin.Disabled)
	if v.Version == "" || v.Group != "medium" {
		t.Errorf("version %q and group %q of a disabled monitor are forgotten", v.Version, v.Group)
	}
	if err := s.Enable(t.Context(), "pumpfun-mint-monitor"); err != nil {
		t.Fatal(err)
	}
	s.until("pumpfun-mint-monitor", plugin.Failed) // now it was read
	good, err := os.ReadFile(filepath.Join(plugintest.Monitors(t), "pumpfun-mint-monitor.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, good, 0o600); err != nil {
		t.Fatal(err)
	}
	s.until("pumpfun-mint-monitor", plugin.Running)
	if err := s.Disable(t.Context(), "pumpfun-mint-monitor"); err != nil {
		t.Fatal(err)
	}
	if err := s.Enable(t.Context(), "pumpfun-mint-monitor"); err != nil { // while it may still drain
		t.Fatal(err)
	}
	s.until("pumpfun-mint-monitor", plugin.Running)
}

func TestFilesThatComeChangeAndGo(t *testing.T) {
	s := newStage(t, "pumpfun-mint-monitor")
	s.start()
	first := s.until("pumpfun-mint-monitor", plugin.Running)
	file := filepath.Join(s.folder, "pumpfun-mint-monitor.wasm")

	t.Log("a refused version leaves the old one running")
	replace(t, file, []byte("no module"))
	v := s.when("pumpfun-mint-monitor", "shown with a reload error", func(v plugin.View) bool { return v.ReloadError != "" })
	if v.State != plugin.Running || v.Digest != first.Digest {
		t.Errorf("state %s, digest %s; want the first version running", v.State, v.Digest)
	}

	t.Log("another module under the same file name takes over")
	other, err := os.ReadFile(filepath.Join(plugintest.Monitors(t), "raydium-account-monitor.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	replace(t, file, other)
	s.when("raydium-account-monitor", "running with another digest", func(v plugin.View) bool {
		return v.State == plugin.Running && v.Digest != first.Digest && v.ReloadError == ""
	})

	t.Log("a new file is found, a removed one goes")
	copied := plugintest.Copy(t, "graduation-monitor")
	if err := os.Rename(filepath.Join(copied, "graduation-monitor.wasm"), filepath.Join(s.folder, "graduation-monitor.wasm")); err != nil {
		t.Fatal(err)
	}
	s.until("graduation-monitor", plugin.Running)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); !slices.Equal(s.names(), []string{"graduation-monitor"}); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("still there: %v", s.names())
		}
	}
}

// replace swaps a file for another in one step.
func replace(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestSecondClaimantOfANameFails(t *testing.T) {
	s := newStage(t, "pumpfun-mint-monitor")
	s.start()
	s.until("pumpfun-mint-monitor", plugin.Running)
	copied := plugintest.Copy(t, "pumpfun-mint-monitor")
	if err := os.Rename(filepath.Join(copied, "pumpfun-mint-monitor.wasm"), filepath.Join(s.folder, "copy.wasm")); err != nil {
		t.Fatal(err)
	}
	v := s.until("copy", plugin.Failed)
	if !strings.Contains(v.Reason, "pumpfun-mint-monitor is taken by") {
		t.Errorf("reason %q", v.Reason)
	}
	s.until("pumpfun-mint-monitor", plugin.Running)
}

func TestConfigurationDecidesNameGroupAndConfig(t *testing.T) {
	s := newStage(t, "pumpfun-mint-monitor", "raydium-account-monitor")
	off := false
	s.named["mints"] = plugin.Named{File: "pumpfun-mint-monitor.wasm", Options: plugin.Options{Group: "high", Config: []byte(`{"commitment":"FINALIZED"}`)}}
	s.named["all-mints"] = plugin.Named{File: "pumpfun-mint-monitor.wasm"}
	s.named["raydium-account-monitor"] = plugin.Named{Enabled: &off}
	s.start()
	if v := s.until("mints", plugin.Running); v.Group != "high" || v.Declared.Lane().String() != "finalized" {
		t.Errorf("group %s, lane %s", v.Group, v.Declared.Lane())
	}
	if v := s.until("all-mints", plugin.Running); v.Group != "medium" || v.Declared.Lane().String() != "confirmed" {
		t.Errorf("group %s, lane %s", v.Group, v.Declared.Lane())
	}
	s.until("raydium-account-monitor", plugin.Disabled)
	if err := s.Enable(t.Context(), "raydium-account-monitor"); !errors.Is(err, plugin.ErrRuled) {
		t.Errorf("weir.yaml says no, enabling it gives %v", err)
	}
}
