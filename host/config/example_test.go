package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const examplePath = "../../weir.example.yaml"

func load(t *testing.T, text string) (*Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(Options{File: file, Environ: []string{"XDG_DATA_HOME=/data"}})
}

func mustLoad(t *testing.T, text string) *Config {
	t.Helper()
	c, err := load(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func readExample(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// withExamples takes the "#: " away.
func withExamples(text string) string {
	text = regexp.MustCompile(`(?m)^(endpoints: \[\]|monitors: \{\})\n`).ReplaceAllString(text, "")
	return strings.ReplaceAll(text, "#: ", "")
}

// TestExampleHoldsDefaults holds the reference to the code: with and without its examples it is valid and changes nothing.
func TestExampleHoldsDefaults(t *testing.T) {
	text := readExample(t)
	for _, text := range []string{text, withExamples(text)} {
		for _, e := range Describe(mustLoad(t, text)) {
			if strings.HasPrefix(e.Name, "endpoints") || strings.HasPrefix(e.Name, "monitors.") || e.Name == "data" || e.Name == "plugins" {
				continue
			}
			if e.Value != e.Default && e.Value != canonicalDuration(e.Default) {
				t.Errorf("%s is %q in %s, its default is %q", e.Name, e.Value, examplePath, e.Default)
			}
		}
	}
}

func canonicalDuration(s string) string {
	if s == "60s" {
		return "1m"
	}
	return s
}

// TestExampleHoldsEveryKey finds keys that are missing from the reference.
func TestExampleHoldsEveryKey(t *testing.T) {
	c := mustLoad(t, withExamples(readExample(t)))
	for _, k := range Keys() {
		name := strings.Replace(strings.Replace(k.Name, "[]", "[0]", 1), "monitors.NAME", "monitors.pumpfun-mint-monitor", 1)
		if c.source[name] != FromFile {
			t.Errorf("%s is missing from %s", k.Name, examplePath)
		}
	}
	if len(c.Endpoints) != 1 || len(c.Monitors) != 1 {
		t.Errorf("the examples hold %d endpoints and %d monitors, want one each", len(c.Endpoints), len(c.Monitors))
	}
}

// TestExampleSaysRange holds the ranges in the comments to the code.
func TestExampleSaysRange(t *testing.T) {
	text := strings.Join(strings.Fields(strings.NewReplacer("#: ", " ", "# ", " ").Replace(readExample(t))), " ")
	for _, k := range Keys() {
		if k.Range == "" || strings.HasPrefix(k.Name, "monitors.NAME.sandbox.") || strings.HasPrefix(k.Name, "monitors.NAME.queue.") {
			continue
		}
		if !strings.Contains(text, "("+k.Range+")") {
			t.Errorf("%s: its range (%s) stands nowhere in %s", k.Name, k.Range, examplePath)
		}
	}
}

// TestKeysAreDocumented holds each key to having a description and a variable of its own.
func TestKeysAreDocumented(t *testing.T) {
	seen := make(map[string]string)
	for _, k := range Keys() {
		if k.Doc == "" || k.Type == "" {
			t.Errorf("%s has no description or type", k.Name)
		}
		if other := seen[k.Env]; k.Env != "" && other != "" {
			t.Errorf("%s and %s share %s", k.Name, other, k.Env)
		}
		seen[k.Env] = k.Name
	}
	for name := range limitDocs {
		if _, ok := fieldByKey("limits." + name); !ok {
			t.Errorf("limits.%s is described but is no key", name)
		}
	}
}
