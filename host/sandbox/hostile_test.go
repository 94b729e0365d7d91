package sandbox

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"

	"strings"
	"testing"

	"weir/abi"
	"weir/host/metrics"
)

func testModule(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRefused: the modules that must not get as far as a compiler, with the exact word that each gets.
func TestRefused(t *testing.T) {
	const meters = "; indices above its own belong to the meter"
	r := newRuntime(t)
	for _, c := range []struct {
		module string
		class  Class
		want   string
	}{
		{"names_fuel", Reserved, `export weir:fuel: names that begin with "weir:" belong to the meter`},
		{"imports_fuel", Reserved, `import weir_v1.weir:fuel: names that begin with "weir:" belong to the meter`},
		{"global_beyond", Reserved, "byte 147: global 0, but the code has 0" + meters},
		{"global_read", Reserved, "byte 136: global 1, but the code has 0" + meters},
		{"global_export", Reserved, "export mine names global 0, but the module has 0" + meters},
		{"global_constant", Reserved, "a constant expression names global 1, but the module has 1" + meters},
		{"function_beyond", Reserved, "byte 140: function 4, but the code has 4" + meters},
		{"function_element", Reserved, "element segment names func 4, but the module has 4" + meters},
		{"local_beyond", Reserved, "byte 140: local 3, but the code has 3" + meters},
		{"import_global", WrongABI, "import weir_v1.fuel is a global; a monitor imports functions only"},
		{"import_memory", WrongABI, "import env.memory is a memory; a monitor imports functions only"},
		{"import_unknown", WrongABI, "import env.system is unknown; a monitor may import the functions of weir_v1 and wasi_snapshot_preview1"},
		{"import_wasi", WrongABI, "import wasi_snapshot_preview1.fd_steal is unknown; a monitor may import the functions of weir_v1 and wasi_snapshot_preview1"},
		{"import_version", WrongABI, "import weir_v2.emit: version 2 of the plugin ABI, this host speaks version 1; rebuild it with this version's SDK"},
		{"import_signature", WrongABI, "import weir_v1.emit has the signature (i64 i32) -> i32, want (i32 i32) -> i32"},
		{"start_export", WrongABI, "export _start: this is a command, a monitor is a reactor (Go: -buildmode=c-shared; Rust: crate-type cdylib)"},
		{"abi_v2", WrongABI, "built for version 2 of the plugin ABI, this host speaks version 1; rebuild it with this version's SDK"},
		{"abi_none", WrongABI, "no export weir_abi_v1: not a Weir monitor, or built without the SDK's exports"},
		{"match_missing", WrongABI, "no export weir_match"},
		{"match_signature", WrongABI, "export weir_match has the signature (i32 i32) -> i32, want (i32 i32 i64) -> i32"},
		{"tick_global", WrongABI, "export weir_tick is a global, want a function (i64) -> i32"},
		{"memory_missing", WrongABI, "no exported memory named memory"},
		{"memory_min", OverLimit, "memory of 65536 pages from the start, the limit is 1024"},
		{"table_min", OverLimit, "a table of 1000000000 elements, the limit is 65536"},
		{"table_many", OverLimit, "100 tables, the limit is 8"},
		{"locals_bomb", OverLimit, "function 4 has over 4999 locals, the limit is 4096"},
		{"invalid_type", Malformed, ""},
	} {
		t.Run(c.module, func(t *testing.T) {
			m, err := r.Compile(t.Context(), testModule(t, c.module), DefaultLimits())
			if err == nil {
				m.Close(t.Context())
			}
			refused, ok := errors.AsType[*RefusedError](err)
			if !ok || !errors.Is(err, ErrRefused) {
				t.Fatalf("error = %v, want a refusal", err)
			}
			if refused.Class != c.class || (refused.Reason != c.want && c.want != "") {
				t.Errorf("refused as %s: %s\nwant          %s: %s", refused.Class, refused.Reason, c.class, c.want)
			}
		})
	}
}

// hostile is a module that is accepted and then misbehaves; its test asserts the exact end of it.
type hostile struct {
	module string
	limits func(*Limits)
	run    func(context.Context, *Instance) (Verdict, error)
	want   string // the error's text, empty for none
	value  int32
	class  error // errors.Is, nil for none
	alive  bool
}

func matchOnce(ctx context.Context, i *Instance) (Verdict, error) {
	return i.Match(ctx, Input{Pieces: [][]byte{[]byte("hello")}, Filters: 1, NowMs: 1_700_000_000_000})
}

func describeOnce(ctx context.Context, i *Instance) (Verdict, error) {
	_, err := i.Describe(ctx)
	return Verdict{}, err
}

func saveOnce(ctx context.Context, i *Instance) (Verdict, error) {
	_, err := i.Save(ctx)
	return Verdict{}, err
}

var fuelInText = regexp.MustCompile("after [0-9]+ ")

func littleFuel(l *Limits) { l.Fuel = 5_000_000 }

const (
	outOfLittleFuel = "weir_match: out of fuel after 5000000 (raise the limit, or make the monitor do less per call)"
	outOfMatchFuel  = "weir_match: out of fuel after 50000000 (raise the limit, or make the monitor do less per call)"
	wasmMemory      = ", outside of the memory of 262144 bytes"
)

var hostiles = []hostile{
	{module: "loop", want: outOfMatchFuel, class: ErrFuel},
	{module: "loop_nested", want: outOfMatchFuel, class: ErrFuel},
	{module: "recursion", limits: littleFuel, want: outOfLittleFuel, class: ErrFuel},
	{module: "recursion_indirect", limits: littleFuel, want: outOfLittleFuel, class: ErrFuel},
	{module: "recursion_before_loop", limits: littleFuel, want: outOfLittleFuel, class: ErrFuel},
	{module: "recursion_past_loop", limits: littleFuel, want: outOfLittleFuel, class: ErrFuel},
	{module: "stack", limits: littleFuel, want: outOfLittleFuel, class: ErrFuel},
	{module: "recursion", want: "weir_match: trapped: stack overflow", class: ErrTrap},
	{module: "recursion_indirect", want: "weir_match: trapped: stack overflow", class: ErrTrap},
	{module: "stack", want: "weir_match: trapped: stack overflow", class: ErrTrap},
	{module: "bulk_fill", want: outOfMatchFuel, class: ErrFuel},
	{module: "bulk_copy", want: outOfMatchFuel, class: ErrFuel},
	{module: "bulk_straight", want: outOfMatchFuel, class: ErrFuel},
	{module: "bulk_init", want: outOfMatchFuel, class: ErrFuel},
	{module: "table_fill", want: outOfMatchFuel, class: ErrFuel},
	{module: "random_bomb", want: outOfMatchFuel, class: ErrFuel},
	{module: "poll_bomb", want: outOfMatchFuel, class: ErrFuel},
	{module: "event_endless", want: outOfMatchFuel, class: ErrFuel},
	{module: "log_flood", want: outOfMatchFuel, class: ErrFuel},
	{module: "stdout_flood", want: outOfMatchFuel, class: ErrFuel},
	{module: "alloc_loop", want: "weir_alloc: out of fuel after 50000000 (raise the limit, or make the monitor do less per call)", class: ErrFuel},
	{module: "describe_loop", limits: func(l *Limits) { l.DescribeFuel = 1_000_000 }, run: describeOnce, class: ErrFuel,
		want: "weir_describe: out of fuel after 1000000 (raise the limit, or make the monitor do less per call)"},

	{module: "memory_bomb", limits: func(l *Limits) { l.MemoryPages = 100 }, value: 96, alive: true},
	{module: "table_bomb", value: 65_000, alive: true},
	{module: "event_flood", value: 256, alive: true},
	{module: "event_bad", value: 14, alive: true},
	{module: "metrics", value: abi.MaxMetrics, alive: true},
	{module: "match_error", value: -5, alive: true},
	{module: "wasi_pointers", value: 17, alive: true},

	{module: "trap", want: "weir_match: trapped: unreachable", class: ErrTrap},
	{module: "divide", want: "weir_match: trapped: integer divide by zero", class: ErrTrap},
	{module: "bounds", want: "weir_match: trapped: out of bounds memory access", class: ErrTrap},
	{module: "indirect", want: "weir_match: trapped: invalid table access", class: ErrTrap},
	{module: "exit", want: "weir_match: the guest exited with code 42", class: ErrExit},

	{module: "alloc_zero", want: "weir_alloc: trapped: returned 0 for 65536 bytes", class: ErrTrap},
	{module: "alloc_outside", want: "weir_alloc: trapped: returned 0x30008 for 65536 bytes" + wasmMemory, class: ErrTrap},
	{module: "alloc_wraps", want: "weir_alloc: trapped: returned 0xfffffff8 for 65536 bytes" + wasmMemory, class: ErrTrap},
	{module: "alloc_unaligned", want: "weir_alloc: trapped: returned 0x401, which is not aligned to 8 bytes", class: ErrTrap},
	{module: "emit_outside", want: "weir_match: trapped: emit was given 32 bytes at 0x3fff0" + wasmMemory, class: ErrTrap},
	{module: "set_error_outside", want: "weir_match: trapped: set_error was given 1 bytes at 0xffffffff" + wasmMemory, class: ErrTrap},
	{module: "log_outside", want: "weir_match: trapped: log was given 4294967295 bytes at 0x0" + wasmMemory, class: ErrTrap},
	{module: "metric_outside", want: "weir_match: trapped: metric_define was given 1 bytes at 0x40000" + wasmMemory, class: ErrTrap},
	{module: "describe_outside", run: describeOnce, want: "weir_describe: trapped: returned 1 bytes at 0x40000" + wasmMemory, class: ErrTrap},
	{module: "describe_wraps", run: describeOnce, want: "weir_describe: trapped: returned 4294967295 bytes at 0xffffffff" + wasmMemory, class: ErrTrap},
	{module: "save_outside", run: saveOnce, want: "weir_save: trapped: returned 32 bytes at 0xfffffff0" + wasmMemory, class: ErrTrap},

	{module: "describe_long", limits: func(l *Limits) { l.ManifestBytes = 1000 }, run: describeOnce, alive: true, class: ErrAnswer,
		want: "weir_describe: returned 262144 bytes, the limit is 1000"},
	{module: "describe_empty", run: describeOnce, want: "weir_describe: the manifest is empty", class: ErrAnswer, alive: true},
	{module: "describe_utf8", run: describeOnce, want: "weir_describe: the manifest is not UTF-8", class: ErrAnswer, alive: true},
	{module: "save_long", run: saveOnce, want: "weir_save: returned 2097152 bytes, the limit is 1048576", class: ErrAnswer, alive: true},
	{module: "state", run: func(ctx context.Context, i *Instance) (Verdict, error) {
		return Verdict{}, i.Configure(ctx, []byte("{}"))
	},
		want: "weir_configure: refused by the monitor (-2)", alive: true},
	{module: "state", run: func(ctx context.Context, i *Instance) (Verdict, error) { return Verdict{}, i.Load(ctx, []byte("{}")) },
		want: "weir_load: refused by the monitor (-3)", alive: true},
	{module: "good", run: func(ctx context.Context, i *Instance) (Verdict, error) { return Verdict{}, i.Load(ctx, []byte("{}")) },
		want: "weir_load: not exported by the monitor", class: ErrNotExported, alive: true},
	{module: "good", limits: func(l *Limits) { l.InputBytes = 4 }, want: "input too large: 5 bytes, the limit is 4", class: ErrInput, alive: true},
}

// TestHostile runs each hostile module beside a good one, which must not notice, on either engine.
func TestHostile(t *testing.T) {
	for _, engine := range []string{"compiler", "interpreter"} {
		t.Run(engine, func(t *testing.T) {
			r, err := New(t.Context(), Settings{Interpreter: engine == "interpreter"})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close(context.Background())
			if r.Engine() != engine {
				t.Skipf("runs on the %s here", r.Engine())
			}
			neighbour := instantiate(t, r, testModule(t, "good"), DefaultLimits(), Guest{})
			seen := int32(0)
			for _, h := range hostiles {
				t.Run(h.module, func(t *testing.T) { testHostile(t, r, h) })
				v, err := matchOnce(t.Context(), neighbour)
				if seen += 5; err != nil || v.Value != seen || len(v.Events) != 1 {
					t.Fatalf("the neighbour of %s: %+v, %v", h.module, v, err)
				}
			}
		})
	}
}

func testHostile(t *testing.T, r *Runtime, h hostile) {
	lim := DefaultLimits()
	if h.limits != nil {
		h.limits(&lim)
	}
	if h.run == nil {
		h.run = matchOnce
	}
	if r.Engine() == "interpreter" && h.class == ErrFuel {
		lim.Fuel = 1_000_000 // it is slow
		h.want = fuelInText.ReplaceAllString(h.want, "after 1000000 ")
	}
	var counts metrics.Monitor
	i := instantiate(t, r, testModule(t, h.module), lim, Guest{Counts: &counts, Log: func(abi.LogLevel, []byte) {}})
	v, err := h.run(t.Context(), i)
	text := ""
	if err != nil {
		text = err.Error()
	}
	if r.Engine() == "interpreter" && h.class == ErrFuel && errors.Is(err, ErrTrap) && strings.Contains(text, "stack overflow") {
		text, h.class = h.want, ErrTrap // its stack ends long before the fuel does
	}
	if text != h.want || (h.class != nil && !errors.Is(err, h.class)) {
		t.Fatalf("error %q (%T)\nwant  %q", text, err, h.want)
	}
	// The meter's own trap comes soon after the fuel's end; a stack that overflows long after it is not that.
	if errors.Is(err, ErrFuel) && i.faulted == nil && i.left() < -100_000 {
		t.Errorf("overdrawn by %d", -i.left())
	}
	if v.Value != h.value || i.Dead() == h.alive {
		t.Errorf("value %d, dead %v; want %d, %v", v.Value, i.Dead(), h.value, !h.alive)
	}
	if !h.alive {
		if _, err := matchOnce(t.Context(), i); !errors.Is(err, ErrDead) {
			t.Errorf("a dead instance answers %v", err)
		}
	}
	if got := i.MemoryBytes(); got > lim.MemoryPages<<16 {
		t.Errorf("memory of %d bytes", got)
	}
}

func TestStartFunctions(t *testing.T) {
	r := newRuntime(t)
	lim := DefaultLimits()
	lim.LoadFuel = 3_000_000
	after := " out of fuel after 3000000 (raise the limit, or make the monitor do less per call)"
	for module, want := range map[string]string{
		"start_loop": "start:" + after, "start_host": "start:" + after, "initialize_loop": "_initialize:" + after,
		"start_trap": "start: trapped: unreachable",
	} {
		m, err := r.Compile(t.Context(), testModule(t, module), lim)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Instantiate(t.Context(), Guest{Log: func(abi.LogLevel, []byte) {}}); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", module, err, want)
		}
		if m.users != 0 {
			t.Errorf("%s: %d instances are not given back", module, m.users)
		}
		m.Close(t.Context())
	}
}

func TestDamagedFiles(t *testing.T) {
	wasm := testModule(t, "good")
	lim := DefaultLimits()
	// Behind the code come only data and names, which a module need not have: cut there, it is another, whole one.
	whole := 0
	for n := range wasm {
		_, err := Inspect(wasm[:n], lim)
		if err == nil {
			whole++
		} else if !errors.Is(err, ErrRefused) {
			t.Fatalf("the first %d bytes of a module: %v", n, err)
		}
	}
	if whole > 1 {
		t.Errorf("%d beginnings of a module pass for modules, want the one without its data section", whole)
	}
	for k := range wasm {
		for _, flip := range []byte{0x01, 0x40, 0x80, 0xff} {
			damaged := bytes.Clone(wasm)
			damaged[k] ^= flip
			if _, err := Inspect(damaged, lim); err != nil && !errors.Is(err, ErrRefused) {
				t.Fatalf("byte %d: %v", k, err)
			}
		}
	}
	lim.FileBytes = int64(len(wasm)) - 1
	if _, err := Inspect(wasm, lim); err == nil || !strings.Contains(err.Error(), "the limit is") {
		t.Errorf("oversized: %v", err)
	}
	path := filepath.Join(t.TempDir(), "big.wasm")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 1<<40); err != nil {
		t.Skip("no sparse files here")
	}
	if _, err := ReadFile(path, DefaultLimits()); !errors.Is(err, ErrRefused) {
		t.Errorf("a file of 1 TiB: %v", err)
	}
}

// TestTypeBeyond: a block of a type that the meter appends. No assembler writes it, so the test patches an empty block's.
func TestTypeBeyond(t *testing.T) {
	wasm := testModule(t, "block")
	at := bytes.Index(wasm, []byte{opBlock, blockEmpty, opEnd})
	if at < 0 {
		t.Fatal("no block in block.wasm")
	}
	wasm[at+1] = 4
	_, err := Inspect(wasm, DefaultLimits())
	if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Class != Reserved || !strings.Contains(refused.Reason, "type 4, but the code has 4") {
		t.Error(err)
	}
}

func TestEveryModuleIsTested(t *testing.T) {
	sources, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, path := range sources {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(string(source), `"`) {
			used[part] = true
		}
	}
	files, err := filepath.Glob("testdata/*.wat")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".wat"); !used[name] {
			t.Errorf("no test uses %s", f)
		}
	}

}
