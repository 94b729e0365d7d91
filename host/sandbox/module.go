package sandbox

import (
	"context"
	"sync"

	"github.com/tetratelabs/wazero"

	"weir/abi"
)

// Module is a compiled module. Its methods may be called from any goroutine.
type Module struct {
	runtime  *Runtime
	engine   *engine
	compiled wazero.CompiledModule
	limits   Limits
	report   *Report

	mu     sync.Mutex // guards the fields below
	users  int        // instances that are not closed
	closed bool
}

// Report tells what the module's bytes say. It must not be changed.
func (m *Module) Report() *Report { return m.report }

// Limits returns the limits that the module was compiled with.
func (m *Module) Limits() Limits { return m.limits }

func (m *Module) use() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	m.users++
	return nil
}

// leave is called once per instance; the last one out of a closed module frees the code.
func (m *Module) leave(ctx context.Context) error {
	m.mu.Lock()
	m.users--
	last := m.closed && m.users == 0
	m.mu.Unlock()
	if last {
		return m.compiled.Close(ctx)
	}
	return nil
}

// Close frees the compiled code, at once or when the last instance is closed. Closing twice is allowed.
func (m *Module) Close(ctx context.Context) error {
	m.mu.Lock()
	first := !m.closed
	m.closed = true
	idle := m.users == 0
	m.mu.Unlock()
	if first && idle {
		return m.compiled.Close(ctx)
	}
	return nil
}

// Instantiate makes an instance and runs the module's start function and _initialize, each with LoadFuel. It waits while too
// many others compile or start. The instance is the caller's, to be closed.
func (m *Module) Instantiate(ctx context.Context, g Guest) (*Instance, error) {
	release, err := m.runtime.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := m.use(); err != nil {
		return nil, err
	}
	i := newInstance(m, g)
	if err := i.start(); err != nil {
		i.Close(context.Background())
		return nil, err
	}
	return i, nil
}

// start runs what a module runs before its first call. The globals hold LoadFuel from the start.
func (i *Instance) start() error {
	i.limit = i.lim.LoadFuel
	mod, err := i.module.engine.InstantiateModule(i.ctx, i.module.compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return i.fail("start", err)
	}
	i.bind(mod)
	i.memory = mod.ExportedMemory(abi.ExportMemory)
	for _, f := range i.entries() {
		f.resolve(mod)
	}
	if !i.module.report.Has(abi.ExportInitialize) {
		return nil
	}
	init := entry{name: abi.ExportInitialize}
	init.resolve(mod)
	return i.call(&init, i.lim.LoadFuel)
}
