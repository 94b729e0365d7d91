package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/host/control"
	"weir/host/plugin/plugintest"
)

// patience bounds waits for things that take no time unless something is broken.
const patience = 30 * time.Second

// weir runs the program and returns its exit code and what it printed.
func weir(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestExitCodesAndWhatToDoNext(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	junk := write("junk.wasm", "this is no module")
	typo := write("typo.yaml", "pool:\n  max_connectoins: 3\n")
	range_ := write("range.yaml", "pool:\n  max_connections: 0\n")
	missing := filepath.Join(dir, "missing")
	good := filepath.Join(plugintest.Monitors(t), "pumpfun-mint-monitor.wasm")
	for _, c := range []struct {
		name string
		args []string
		code int
		says []string
	}{
		{"no such command", []string{"frobnicate"}, exitUsage, []string{"frobnicate"}},
		{"no such flag", []string{"list", "--frobnicate"}, exitUsage, []string{"frobnicate"}},
		{"missing name", []string{"show"}, exitUsage, []string{"one monitor's name"}},
		{"bad output", []string{"list", "-o", "xml", "--data", dir}, exitUsage, []string{"table or json"}},
		{"no host", []string{"list", "--data", dir}, exitFailed, []string{"no host is running", "weir run"}},
		{"missing module", []string{"inspect", missing}, exitUsage, []string{"missing"}},
		{"refused module", []string{"inspect", junk}, exitFailed, []string{"junk.wasm", "refused"}},
		{"test without recording", []string{"test", good}, exitUsage, []string{"--replay"}},
		{"test with a missing recording", []string{"test", good, "--replay", missing}, exitUsage, []string{"missing"}},
		{"test with a damaged recording", []string{"test", good, "--replay", junk}, exitUsage, []string{"junk.wasm"}},
		{"test of a refused module", []string{"test", junk, "--replay", write("empty.pbld", "")}, exitFailed, []string{"refused"}},
		{"misspelt key", []string{"run", "--config", typo, "--data", dir}, exitUsage, []string{"typo.yaml", "2", "max_connectoins", "max_connections"}},
		{"value out of range", []string{"config", "--config", range_}, exitUsage, []string{"range.yaml", "2", "pool.max_connections"}},
		{"no endpoint", []string{"run", "--data", dir, "--plugins", dir}, exitUsage, []string{"--endpoint", "--demo"}},
		{"token on the command line", []string{"run", "--data", dir, "--set", "x_token=secret"}, exitUsage, []string{"x_token", "WEIR_X_TOKEN"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, _, stderr := weir(t, c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d; it said: %s", code, c.code, stderr)
			}
			for _, word := range c.says {
				if !strings.Contains(stderr, word) {
					t.Errorf("nothing of %q in: %s", word, stderr)
				}
			}
			if strings.Contains(stderr, "secret\n") {
				t.Errorf("the secret is shown: %s", stderr)
			}
		})
	}
}

func TestInspectTellsWhatAModuleIs(t *testing.T) {
	file := filepath.Join(plugintest.Monitors(t), "graduation-monitor.wasm")
	code, stdout, stderr := weir(t, "inspect", file, "-o", "json")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var in struct {
		Digest   string
		Manifest struct{ Name string }
		Requests []struct{ Kind, Name string }
		Module   struct{ Exports, Imports []any }
	}
	if err := json.Unmarshal([]byte(stdout), &in); err != nil {
		t.Fatal(err)
	}
	if in.Manifest.Name != "graduation-monitor" || len(in.Requests) == 0 || len(in.Module.Exports) == 0 || len(in.Module.Imports) == 0 {
		t.Errorf("little is told: %+v", in)
	}
	if code, stdout, _ = weir(t, "inspect", file); code != exitOK || !strings.Contains(stdout, "weir_match") {
		t.Errorf("exit code %d, table %s", code, stdout)
	}
}

func TestConfigListsEveryKeyAndHidesSecrets(t *testing.T) {
	t.Setenv("WEIR_X_TOKEN", "canary-token")
	code, stdout, stderr := weir(t, "config", "--set", "pool.max_connections=7", "-o", "json")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var rows []configRow
	if err := json.Unmarshal([]byte(stdout), &rows); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rows, func(r configRow) bool { return r.Key == "pool.max_connections" })
	if i < 0 || rows[i].Value != "7" || rows[i].Default != "10" || rows[i].Source != "flag" {
		t.Errorf("the flag's row is %+v", rows[max(i, 0)])
	}
	if strings.Contains(stdout+stderr, "canary") {
		t.Error("the token is shown")
	}
}

// pipe hands lines over as they are written.
type pipe struct {
	mu   sync.Mutex // guards rest
	rest []byte
	line chan string
}

func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, b...)
	for {
		line, rest, ok := bytes.Cut(p.rest, []byte("\n"))
		if !ok {
			return len(b), nil
		}
		p.line <- string(line)
		p.rest = append([]byte(nil), rest...)
	}
}

// demo runs `weir run --demo` with two monitors until the test ends.
func demo(t *testing.T, data, plugins string) (stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	lines := &pipe{line: make(chan string, 1000)}
	code := make(chan int, 1)
	args := []string{"run", "--demo", "--data", data, "--plugins", plugins, "--set", "sandbox.cache_dir=" + plugintest.Cache(t)}
	go func() { code <- run(ctx, args, io.Discard, lines) }()
	deadline := time.After(patience)
	for {
		select {
		case line := <-lines.line:
			if strings.Contains(line, "weir runs") {
				var once sync.Once
				result := 0
				stop := func() int { once.Do(func() { cancel(); result = <-code }); return result }
				t.Cleanup(func() { stop() })
				return stop
			}
		case c := <-code:
			t.Fatalf("the host ended with %d", c)
		case <-deadline:
			t.Fatal("the host does not start")
		}
	}
}

func list(t *testing.T, data string) map[string]control.Monitor {
	t.Helper()
	code, stdout, stderr := weir(t, "list", "--data", data, "-o", "json")
	if code != exitOK {
		t.Fatalf("list: exit code %d: %s", code, stderr)
	}
	var rows []control.Monitor
	if err := json.Unmarshal([]byte(stdout), &rows); err != nil {
		t.Fatal(err)
	}
	all := map[string]control.Monitor{}
	for _, m := range rows {
		all[m.Name] = m
	}
	return all
}

// until repeats list until the monitor is as wanted.
func until(t *testing.T, data, name string, ok func(control.Monitor) bool) control.Monitor {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		m := list(t, data)[name]
		if ok(m) {
			return m
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s stays %+v", name, m)
		}
	}
}

func inState(s string) func(control.Monitor) bool {
	return func(m control.Monitor) bool { return m.State == s }
}

func TestAPersonsFirstHour(t *testing.T) {
	data, plugins := t.TempDir(), plugintest.Copy(t, "pumpfun-price-monitor", "raydium-mint-monitor")
	stop := demo(t, data, plugins)
	m := until(t, data, "pumpfun-price-monitor", func(m control.Monitor) bool { return m.State == "running" && m.Counts.Matched > 0 })
	if m.Group != "high" || m.Version == "" || len(m.Connections) != 1 || m.LastUpdateAgeMS == nil {
		t.Errorf("the row is %+v", m)
	}

	code, stdout, stderr := weir(t, "show", "pumpfun-price-monitor", "--data", data)
	for _, word := range []string{"Filters as sent", "fuel per update", "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P", "connection"} {
		if !strings.Contains(stdout, word) {
			t.Errorf("show (exit code %d, %s) says nothing of %q: %s", code, stderr, word, stdout)
		}
	}
	if code, stdout, stderr = weir(t, "status", "--data", data); code != exitOK || !strings.Contains(stdout, "tokens free") {
		t.Errorf("status: exit code %d, %s%s", code, stdout, stderr)
	}
	if code, _, stderr = weir(t, "show", "nobody", "--data", data); code != exitFailed || !strings.Contains(stderr, "nobody") {
		t.Errorf("show nobody: exit code %d, %s", code, stderr)
	}
	for _, raw := range []bool{false, true} {
		tailOnce(t, data, raw)
	}
	if code, _, stderr = weir(t, "run", "--demo", "--data", data, "--plugins", plugins); code != exitFailed || !strings.Contains(stderr, "in use by the host with pid") {
		t.Errorf("a second host: exit code %d, %s", code, stderr)
	}

	if code, stdout, stderr = weir(t, "disable", "raydium-mint-monitor", "--data", data); code != exitOK {
		t.Fatalf("disable: exit code %d, %s%s", code, stdout, stderr)
	}
	until(t, data, "raydium-mint-monitor", inState("disabled"))
	if code := stop(); code != exitOK {
		t.Errorf("the host ended with %d", code)
	}
	if code, _, stderr = weir(t, "list", "--data", data); code != exitFailed || !strings.Contains(stderr, "no host is running") {
		t.Errorf("list without a host: exit code %d, %s", code, stderr)
	}

	demo(t, data, plugins)
	until(t, data, "pumpfun-price-monitor", inState("running"))
	if got := list(t, data)["raydium-mint-monitor"].State; got != "disabled" {
		t.Errorf("after a restart it is %s", got)
	}
	if code, _, stderr = weir(t, "enable", "raydium-mint-monitor", "--data", data); code != exitOK {
		t.Fatalf("enable: exit code %d, %s", code, stderr)
	}
	until(t, data, "raydium-mint-monitor", inState("running"))
}

// tailOnce reads a few lines and interrupts the tail.
func tailOnce(t *testing.T, data string, raw bool) {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	lines := &pipe{line: make(chan string, 10_000)}
	args := []string{"tail", "pumpfun-price-monitor", "--data", data}
	if raw {
		args = append(args, "--raw")
	}
	code := make(chan int, 1)
	go func() { code <- run(ctx, args, lines, io.Discard) }()
	for range 3 {
		select {
		case line := <-lines.line:
			var object struct {
				Type        string
				Transaction json.RawMessage
			}
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Fatalf("no JSON: %v: %s", err, line)
			}
			if raw != (len(object.Transaction) > 0) || !raw && object.Type != "price" {
				t.Errorf("raw %v: %s", raw, line)
			}
		case <-time.After(patience):
			t.Fatal("no events")
		}
	}
	interrupt()
	if c := <-code; c != exitOK {
		t.Errorf("an interrupted tail ends with %d", c)
	}
}

func TestTokenIsNeededAndKeptPrivate(t *testing.T) {
	data := t.TempDir()
	demo(t, data, plugintest.Copy(t))
	info, err := os.Stat(filepath.Join(data, control.TokenFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("token file: %v, %v", info.Mode(), err)
	}
	token, err := os.ReadFile(filepath.Join(data, control.TokenFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, control.TokenFile), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := weir(t, "list", "--data", data)
	if code != exitFailed || !strings.Contains(stderr, "token") || strings.Contains(stderr, strings.TrimSpace(string(token))) {
		t.Errorf("with a wrong token: exit code %d, %s", code, stderr)
	}
}
