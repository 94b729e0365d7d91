package sandbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"weir/abi"
)

// hostFunction is one function that guests may import. It takes its parameters from the stack and puts its result there.
// Whatever a guest passes, it must not panic but through Instance.fault, fuel and exit.
type hostFunction struct {
	typ  funcType
	call func(i *Instance, stack []uint64)
}

// hostFunctions are all functions that guests may import, by module and name.
var hostFunctions = map[string]map[string]hostFunction{
	abi.ImportModule: weirFunctions(),
	abi.ImportWASI:   wasiFunctions(),
}

// linkHost puts the host functions into a runtime. Guests see those that they import, no others.
func linkHost(ctx context.Context, r wazero.Runtime) error {
	for module, functions := range hostFunctions {
		b := r.NewHostModuleBuilder(module)
		for name, f := range functions {
			b.NewFunctionBuilder().WithGoModuleFunction(glue(f.call), f.typ.params, f.typ.results).Export(name)
		}
		if _, err := b.Instantiate(ctx); err != nil {
			return fmt.Errorf("%s: %w", module, err)
		}
	}
	return nil
}

func glue(call func(*Instance, []uint64)) api.GoModuleFunc {
	return func(ctx context.Context, mod api.Module, stack []uint64) {
		i := instanceOf(ctx)
		i.bind(mod)
		call(i, stack)
	}
}

func instanceOf(ctx context.Context) *Instance {
	if c, ok := ctx.(*guestContext); ok {
		return c.instance
	}
	return ctx.Value(instanceKey{}).(*Instance)
}

var errOutOfFuel = errors.New("out of fuel in a host function")

// charge takes fuel for what a host function is going to do, before it does it.
func (i *Instance) charge(n int64) {
	i.slice.Set(uint64(int64(i.slice.Get()) - n))
	if i.left() < 0 {
		i.stop(errOutOfFuel)
	}
}

func (i *Instance) chargeBytes(n uint32) { i.charge(int64(n) / bytesPerFuel) }

// fault ends the call for a guest's mistake that the ABI calls a trap.
func (i *Instance) fault(format string, args ...any) { i.stop(fmt.Errorf(format, args...)) }

// stop leaves the guest: wazero unwinds it and returns the error from the call.
func (i *Instance) stop(err error) {
	i.faulted = err
	panic(err)
}

// mem is the guest's memory during a host call; a start function's calls come before the instance has it.
func (i *Instance) mem() api.Memory {
	if i.memory == nil {
		i.memory = i.mod.ExportedMemory(abi.ExportMemory)
	}
	return i.memory
}

// bytes returns n bytes of the guest's memory, valid until the guest runs on. Outside of the memory is a trap.
func (i *Instance) bytes(function string, ptr, n uint64) []byte {
	b, ok := i.mem().Read(uint32(ptr), uint32(n))
	if !ok {
		i.fault("%s was given %d bytes at %#x, outside of the memory of %d bytes", function, uint32(n), uint32(ptr), i.memory.Size())
	}
	return b
}
