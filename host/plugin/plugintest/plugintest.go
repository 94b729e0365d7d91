// Package plugintest gives tests the real monitors as WebAssembly, and the recordings. It starts no goroutines.
package plugintest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// Names are the monitors of the plugins folder.
var Names = []string{
	"graduation-monitor", "pumpfun-account-monitor", "pumpfun-mint-monitor", "pumpfun-price-monitor",
	"pumpfun-transaction-monitor", "raydium-account-monitor", "raydium-mint-monitor",
}

var build = sync.OnceValues(func() (string, error) {
	if built := os.Getenv("WEIR_TEST_PLUGINS"); built != "" {
		return built, nil
	}
	dir, err := os.MkdirTemp("", "weir-plugins-")
	for _, name := range Names {
		if err == nil {
			err = compile(filepath.Join(dir, name+".wasm"), "./plugins/"+name)
		}
	}
	return dir, err
})

func compile(to, from string) error {
	c := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", to, from)
	c.Dir = root()
	c.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	c.Stderr = os.Stderr
	return c.Run()
}

// root is the repository's folder.
func root() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", "..")
}

// Monitors returns a folder with the seven monitors: WEIR_TEST_PLUGINS when that is set, else they are built, once for
// all tests of the process. Nobody may change what is in it.
func Monitors(tb testing.TB) string {
	tb.Helper()
	dir, err := build()
	if err != nil {
		tb.Fatalf("build the monitors: %v", err)
	}
	return dir
}

var cache = sync.OnceValues(func() (string, error) {
	if shared := os.Getenv("WEIR_TEST_CACHE"); shared != "" {
		return shared, os.MkdirAll(shared, 0o700)
	}
	return os.MkdirTemp("", "weir-cache-")
})

// Cache returns a folder for compiled modules: WEIR_TEST_CACHE when that is set, else one for all tests of the process.
// Compiling under the race detector takes ten times as long, so `make test` fills the cache before.
func Cache(tb testing.TB) string {
	tb.Helper()
	dir, err := cache()
	if err != nil {
		tb.Fatalf("make a cache folder: %v", err)
	}
	return dir
}

// Copy puts copies of the named monitors into a folder of the test's own.
func Copy(tb testing.TB, names ...string) string {
	tb.Helper()
	to := tb.TempDir()
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(Monitors(tb), name+".wasm"))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name+".wasm"), b, 0o600)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return to
}

// Recording returns the path of a recorded file; the test is skipped where there are none, and fails in CI.
func Recording(tb testing.TB, name string) string {
	tb.Helper()
	dir := os.Getenv("WEIR_FIXTURES")
	if dir == "" {
		dir = filepath.Join(root(), "..", "shared", "fixtures")
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("the recordings are missing: %v", err)
		}
		tb.Skipf("SKIPPED: no recordings (set WEIR_FIXTURES): %v", err)
	}
	return path
}
