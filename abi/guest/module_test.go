package guest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"weir/abi"
	"weir/abi/guest"
	"weir/abi/guest/guesttest"
)

// module is testdata/hoarder, built and loaded as a host would: these tests hold the exports and imports of the wasip1 build, which
// native tests do not reach. The host's own sandbox is tested in host/sandbox.
type module struct {
	testing.TB
	api.Module
	input  uint32
	events []string
	logs   []string
	reason string
	keys   uint64
}

// maxPages is the memory that the module gets, in pages of 64 KiB: 16 MiB.
const maxPages = 256

func loadModule(t testing.TB, config string) *module {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command: the module cannot be built")
	}
	out := filepath.Join(t.TempDir(), "hoarder.wasm")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", out, "./testdata/hoarder")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	wasm, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(maxPages))
	t.Cleanup(func() { runtime.Close(ctx) })
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
	m := &module{TB: t}
	m.link(ctx, runtime)
	if m.Module, err = runtime.InstantiateWithConfig(ctx, wasm, wazero.NewModuleConfig().WithStartFunctions(abi.ExportInitialize)); err != nil {
		t.Fatal(err)
	}
	m.input = uint32(m.call(abi.ExportAlloc, abi.InputBuffer))
	if got := m.withInput(abi.ExportConfigure, config); int32(got) != 0 {
		t.Fatalf("configure: %d, %s", int32(got), m.reason)
	}
	return m
}

func (m *module) link(ctx context.Context, r wazero.Runtime) {
	text := func(mod api.Module, ptr, n uint32) string {
		b, ok := mod.Memory().Read(ptr, n)
		if !ok {
			m.Fatalf("the guest passed %d bytes at %d, outside its memory", n, ptr)
		}
		return string(b)
	}
	b := r.NewHostModuleBuilder(abi.ImportModule)
	for name, f := range map[string]any{
		abi.ImportEmit: func(_ context.Context, mod api.Module, ptr, n uint32) int32 {
			m.events = append(m.events, text(mod, ptr, n))
			return 0
		},
		abi.ImportSetError: func(_ context.Context, mod api.Module, ptr, n uint32) { m.reason = text(mod, ptr, n) },
		abi.ImportLog: func(_ context.Context, mod api.Module, _ int32, ptr, n uint32) {
			m.logs = append(m.logs, text(mod, ptr, n))
		},
		abi.ImportLogLevel: func() int32 { return int32(abi.LogInfo) },
		abi.ImportMetricDefine: func(_ context.Context, mod api.Module, _ int32, ptr, n uint32) int32 {
			return int32(len(text(mod, ptr, n)))
		},
		abi.ImportMetricAdd: func(id int32, delta int64) { m.keys += uint64(delta) },
		abi.ImportMetricSet: func(int32, float64) {},
		abi.ImportNowMs:     func() int64 { return 0 },
	} {
		b.NewFunctionBuilder().WithFunc(f).Export(name)
	}
	if _, err := b.Instantiate(ctx); err != nil {
		m.Fatal(err)
	}
}

func (m *module) call(name string, args ...uint64) uint64 {
	m.Helper()
	result, err := m.ExportedFunction(name).Call(context.Background(), args...)
	if err != nil {
		m.Fatalf("%s: %v", name, err)
	}
	if len(result) == 0 {
		return 0
	}
	return result[0]
}

func (m *module) withInput(name, input string, more ...uint64) uint64 {
	m.Helper()
	if !m.Memory().WriteString(m.input, input) {
		m.Fatal("the input buffer is outside the memory")
	}
	return m.call(name, append([]uint64{uint64(m.input), uint64(len(input))}, more...)...)
}

func (m *module) output(packed uint64) string {
	m.Helper()
	b, ok := m.Memory().Read(uint32(packed>>32), uint32(packed))
	if !ok {
		m.Fatalf("%x is outside the memory", packed)
	}
	return string(b)
}

func TestModuleExports(t *testing.T) {
	m := loadModule(t, `{"bytes":0}`)
	m.call(abi.ExportMarker)
	text := m.output(m.call(abi.ExportDescribe))
	manifest, err := abi.ParseManifest([]byte(text))
	if err != nil || manifest.Name != "hoarder" || len(manifest.Events) != 1 {
		t.Fatalf("%v, in %s", err, text)
	}
	if m.input%abi.InputAlign != 0 || uint32(m.call(abi.ExportAlloc, 100)) != m.input {
		t.Error("a smaller buffer is another one, or not aligned")
	}
	if uint32(m.call(abi.ExportAlloc, api.EncodeI32(-1))) != 0 {
		t.Error("a negative size has a buffer")
	}
	m.call(abi.ExportTick, 123)
	if len(m.logs) != 1 || m.logs[0] != "tick at=123" {
		t.Errorf("logs %q", m.logs)
	}
	if int32(m.withInput(abi.ExportLoad, "41")) != 0 {
		t.Errorf("load: %s", m.reason)
	}
	m.withInput(abi.ExportMatch, "", 1)
	if got := m.output(m.call(abi.ExportSave)); got != "42" {
		t.Errorf("saved %q", got)
	}
	if int32(m.withInput(abi.ExportLoad, "x")) >= 0 || m.reason == "" {
		t.Error("a bad state is taken")
	}
	if int32(m.call(abi.ExportMatch, uint64(m.input)+8, 8, 1)) >= 0 || !strings.Contains(m.reason, "outside the buffer") {
		t.Errorf("bytes outside the buffer are read: %s", m.reason)
	}
	if int32(m.call(abi.ExportMatch, uint64(m.input), abi.InputBuffer+1, 1)) >= 0 {
		t.Error("more bytes than the buffer has are read")
	}
}

// The module reads every recorded transaction as the native build does.
func TestModuleAgreesWithNativeBuild(t *testing.T) {
	m := loadModule(t, ``)
	keys := uint64(0)
	for i, raw := range guesttest.Fixture(t, "mixed.pbld") {
		m.events = nil
		got := int32(m.withInput(abi.ExportMatch, string(raw), 2))
		tx, ok := guest.NewUpdate(raw, 2).Transaction()
		if !ok {
			if got != 0 || m.events != nil {
				t.Fatalf("message %d: %d %s", i, got, m.events)
			}
			continue
		}
		keys += uint64(tx.NumKeys())
		sum := uint64(0)
		for _, x := range tx.All() {
			for _, c := range x.Data() {
				sum = sum*31 + uint64(c)
			}
		}
		want := string(guest.NewEvent("seen").Key("signature", tx.Signature()).U64String("data", sum).JSON())
		if int(got) != len(tx.All()) || len(m.events) != 1 || m.events[0] != want {
			t.Fatalf("message %d: %d %s, want %d %s", i, got, m.events, len(tx.All()), want)
		}
	}
	if m.keys != keys {
		t.Errorf("%d keys, want %d", m.keys, keys)
	}
}

// A guest that allocates at every call lives within its memory: without the SDK's yields its garbage is never collected.
func TestModuleSurvivesAllocation(t *testing.T) {
	const total = 512 << 20
	for _, size := range []string{"1000", "20000", "60000"} {
		m := loadModule(t, `{"bytes":`+size+`}`)
		m.Memory().WriteString(m.input, string(slotUpdate(t)))
		f := m.ExportedFunction(abi.ExportMatch)
		n := len(slotUpdate(t))
		bytes := map[string]int{"1000": 1000, "20000": 20000, "60000": 60000}[size]
		for i := range total / bytes {
			if _, err := f.Call(context.Background(), uint64(m.input), uint64(n), 1); err != nil {
				t.Fatalf("%s bytes a call: dead after %d calls, %d MiB: %.200s", size, i, i*bytes>>20, err)
			}
		}
	}
}
