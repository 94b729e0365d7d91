package sandbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"

	"weir/abi"
)

// Instance is one running monitor. It belongs to one goroutine at a time; only Metrics may be called beside it.
type Instance struct {
	module *Module
	lim    *Limits
	guest  Guest
	ctx    *guestContext // what host functions find the instance by

	mod            api.Module // nil until bound
	memory         api.Memory
	slice, reserve api.MutableGlobal
	limit          int64 // fuel that the running call got

	alloc, describe, match, configure, tick, save, load entry

	stack   [3]uint64 // parameters and results of the running call
	dead    bool
	closed  bool
	faulted error // set by a host function just before it panics

	input  buffer
	output output
	clock  clock
	random *rand.PCG
	stdio  [2]line
	logs   quota
	events quota
	sets   metricSet
	pages  uint32 // memory size last reported
}

// entry is an export that the host calls.
type entry struct {
	name string
	f    api.Function // nil when the module lacks it
}

// resolve makes the function anew: wazero builds a call engine with a stack for it.
func (e *entry) resolve(mod api.Module) { e.f = mod.ExportedFunction(e.name) }

// guestContext hands the instance to the host functions. It is made once, so that a call allocates nothing.
type guestContext struct {
	context.Context
	instance *Instance
}

type instanceKey struct{}

// Value answers for the instance and has nothing else: guests run without the caller's context.
func (c *guestContext) Value(key any) any {
	if _, ok := key.(instanceKey); ok {
		return c.instance
	}
	return nil
}

func newInstance(m *Module, g Guest) *Instance {
	i := &Instance{module: m, lim: &m.limits, guest: g, random: rand.NewPCG(g.Seed, 0x9e3779b97f4a7c15)}
	i.ctx = &guestContext{Context: context.Background(), instance: i}
	i.alloc.name, i.describe.name, i.match.name, i.configure.name = abi.ExportAlloc, abi.ExportDescribe, abi.ExportMatch, abi.ExportConfigure
	i.tick.name, i.save.name, i.load.name = abi.ExportTick, abi.ExportSave, abi.ExportLoad
	i.stdio = [2]line{{level: abi.LogInfo}, {level: abi.LogWarn}}
	return i
}

func (i *Instance) entries() [7]*entry {
	return [7]*entry{&i.alloc, &i.describe, &i.match, &i.configure, &i.tick, &i.save, &i.load}
}

// bind finds the fuel globals; a start function's host calls need them before instantiation is over.
func (i *Instance) bind(mod api.Module) {
	if i.mod == nil {
		i.mod = mod
		i.slice = mod.ExportedGlobal(exportSlice).(api.MutableGlobal)
		i.reserve = mod.ExportedGlobal(exportReserve).(api.MutableGlobal)
	}
}

// deepFuel is what a call must have used before its stack may have grown large. A frame's bytes cost at least a fuel per 32
// (its locals are charged at entry, its operands when pushed), so below it the stack has at most 8 MiB.
const deepFuel = 250_000

// call runs an export with fuel; parameters and results are in i.stack. An error means that the instance is dead.
func (i *Instance) call(e *entry, fuel int64) error {
	first := min(fuel, i.module.runtime.settings.SliceFuel)
	i.limit = fuel
	i.slice.Set(uint64(first))
	i.reserve.Set(uint64(fuel - first))
	if err := e.f.CallWithStack(i.ctx, i.stack[:]); err != nil {
		return i.fail(e.name, err)
	}
	if i.used() > deepFuel {
		e.resolve(i.mod)
	}
	i.countMemory()
	return nil
}

// left is the fuel that the running call has left, negative when it is used up.
func (i *Instance) left() int64 { return int64(i.slice.Get()) + int64(i.reserve.Get()) }

// used is the fuel that the last call used.
func (i *Instance) used() int64 { return i.limit - i.left() }

func (i *Instance) countMemory() {
	if n := i.memory.Size(); n>>16 != i.pages && i.guest.Counts != nil {
		i.pages = n >> 16
		i.guest.Counts.GuestMemory.Set(int64(n))
	}
}

// fail buries the instance and says what killed it.
func (i *Instance) fail(export string, err error) error {
	i.die()
	var exit *sys.ExitError
	switch {
	case errors.As(err, &exit):
		return &ExitError{Export: export, Code: exit.ExitCode()}
	case errors.Is(i.faulted, errOutOfFuel) || i.mod != nil && i.left() < 0 || i.mod == nil && outOfFuel(err):
		return &FuelError{Export: export, Limit: i.limit}
	case i.faulted != nil:
		return &TrapError{Export: export, Reason: i.faulted.Error(), Stack: stackOf(err)}
	}
	reason, _, _ := strings.Cut(err.Error(), "\n")
	if _, cause, ok := strings.Cut(reason, "wasm error: "); ok {
		reason = cause
	}
	return &TrapError{Export: export, Reason: clean(strings.TrimSuffix(reason, " (recovered by wazero)")), Stack: stackOf(err)}
}

// outOfFuel recognises the meter's trap in a start function, when no host function was called before it: the globals of an
// instance that never was cannot be read, but the stack's innermost function can.
func outOfFuel(err error) bool {
	return strings.HasPrefix(stackOf(err), ".weir:fuel(")
}

const maxStackBytes = 4 << 10

func stackOf(err error) string {
	_, stack, _ := strings.Cut(err.Error(), "wasm stack trace:\n\t")
	stack, _, _ = strings.Cut(stack, "\n\n")
	if len(stack) > maxStackBytes {
		stack = strings.ToValidUTF8(stack[:maxStackBytes], "")
	}
	return strings.ReplaceAll(stack, "\n\t", "\n")
}

// trapped buries the instance for a bad answer of an export.
func (i *Instance) trapped(export, reason string) error {
	i.die()
	return &TrapError{Export: export, Reason: reason}
}

func (i *Instance) die() {
	if !i.dead {
		i.dead = true
		i.flush()
	}
}

// Dead reports whether the instance must not be used any more.
func (i *Instance) Dead() bool { return i.dead || i.closed }

// MemoryBytes is the size of the guest's memory.
func (i *Instance) MemoryBytes() uint32 {
	if i.memory == nil {
		return 0
	}
	return i.memory.Size()
}

// Close frees the instance. Closing twice is allowed.
func (i *Instance) Close(ctx context.Context) error {
	if i.closed {
		return nil
	}
	i.closed = true
	i.flush()
	var err error
	if i.mod != nil {
		err = i.mod.Close(ctx)
	}
	return errors.Join(err, i.module.leave(ctx))
}
