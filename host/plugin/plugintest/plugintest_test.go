package plugintest

import (
	"path/filepath"
	"testing"

	"weir/host/sandbox"
)

func TestMonitorsCompile(t *testing.T) {
	ctx := t.Context()
	rt, err := sandbox.New(ctx, sandbox.Settings{CacheDir: Cache(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close(ctx)
	for _, name := range Names {
		wasm, err := sandbox.ReadFile(filepath.Join(Monitors(t), name+".wasm"), sandbox.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		m, err := rt.Compile(ctx, wasm, sandbox.DefaultLimits())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := m.Close(ctx); err != nil {
			t.Error(err)
		}
	}
}
