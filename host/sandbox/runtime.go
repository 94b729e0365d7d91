package sandbox

import (
	"context"
	"errors"
)

var errUnbuilt = errors.New("sandbox: not built yet")

const maxFuel = 1 << 60

// Settings of a Runtime.
type Settings struct {
	// CacheDir keeps compiled modules across restarts; made with mode 0700 when missing. Empty: no cache.
	CacheDir string
	// Compiles bounds how many modules are compiled, or instantiated and run for the first time, at once. 0 means 2.
	Compiles int
	// SliceFuel is how much fuel a guest gets between two passes through Go. 0 means the package's default.
	SliceFuel int64
	// Interpreter forces the slow engine, which is otherwise taken only where the compiler does not run.
	Interpreter bool
}

// Runtime compiles modules. Its methods may be called from any goroutine.
type Runtime struct{}

// New makes a Runtime.
func New(ctx context.Context, s Settings) (*Runtime, error) { return &Runtime{}, nil }

// Engine names what runs the guests: "compiler" or "interpreter".
func (r *Runtime) Engine() string { return "compiler" }

// Close frees everything; instances and modules must be closed before.
func (r *Runtime) Close(ctx context.Context) error { return nil }

// Compile checks, meters and compiles a module.
func (r *Runtime) Compile(ctx context.Context, wasm []byte, lim Limits) (*Module, error) {
	return nil, errUnbuilt
}

// Inspect checks a module's bytes and runs nothing of it.
func Inspect(wasm []byte, lim Limits) (*Report, error) { return nil, errUnbuilt }

// ReadFile reads a module, refusing by size before it reads.
func ReadFile(path string, lim Limits) ([]byte, error) { return nil, errUnbuilt }

// Module is a compiled module.
type Module struct{}

// Report tells what the module's bytes say.
func (m *Module) Report() *Report { return nil }

// Instantiate makes an instance and runs its start function and _initialize.
func (m *Module) Instantiate(ctx context.Context, g Guest) (*Instance, error) { return nil, errUnbuilt }

// Close frees the module once its last instance is closed.
func (m *Module) Close(ctx context.Context) error { return nil }

// Instance is one running monitor. It belongs to one goroutine at a time; only Metrics may be called beside it.
type Instance struct{}

// Configure hands the operator's config, JSON, to the guest; call it before Describe.
func (i *Instance) Configure(ctx context.Context, config []byte) error { return errUnbuilt }

// Describe returns the manifest's bytes, valid UTF-8, the caller's own.
func (i *Instance) Describe(ctx context.Context) ([]byte, error) { return nil, errUnbuilt }

// Match asks the guest about one update.
func (i *Instance) Match(ctx context.Context, in Input) (Verdict, error) { return Verdict{}, errUnbuilt }

// Tick tells the guest the time; a guest without weir_tick answers 0.
func (i *Instance) Tick(ctx context.Context, unixMs int64) (Verdict, error) {
	return Verdict{}, errUnbuilt
}

// Save returns the guest's state for its successor, nil when it has none.
func (i *Instance) Save(ctx context.Context) ([]byte, error) { return nil, errUnbuilt }

// Load hands a predecessor's state over; ErrNotExported when the guest takes none.
func (i *Instance) Load(ctx context.Context, state []byte) error { return errUnbuilt }

// Dead reports whether the instance must not be used any more.
func (i *Instance) Dead() bool { return true }

// MemoryBytes is the size of the guest's memory.
func (i *Instance) MemoryBytes() uint32 { return 0 }

// Metrics copies the metrics that the guest defined. May be called from any goroutine.
func (i *Instance) Metrics() []MetricValue { return nil }

// Close frees the instance. Closing twice is allowed.
func (i *Instance) Close(ctx context.Context) error { return nil }
