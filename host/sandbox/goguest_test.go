package sandbox

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// goGuest builds the Go guest once per test run.
var buildGoGuest = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "goguest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "goguest.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", out, "./testdata/goguest")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return nil, &exec.Error{Name: stderr.String(), Err: err}
	}
	return os.ReadFile(out)
})

func goGuest(t testing.TB) []byte {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command: the Go guest cannot be built")
	}
	wasm, err := buildGoGuest()
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

func newRuntime(t testing.TB) *Runtime {
	t.Helper()
	r, err := New(t.Context(), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(t.Context()) })
	return r
}

func instantiate(t testing.TB, r *Runtime, wasm []byte, lim Limits, g Guest) *Instance {
	t.Helper()
	m, err := r.Compile(t.Context(), wasm, lim)
	if err != nil {
		t.Fatal(err)
	}
	i, err := m.Instantiate(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close(t.Context()); m.Close(t.Context()) })
	return i
}
