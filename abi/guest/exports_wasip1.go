package guest

import (
	"runtime"
	"unsafe"

	"weir/abi"
)

// The guest yields to its own garbage collector, which runs at no other time, after callsPerYield calls, and earlier where updates
// are large: each bytesPerCall count as a call more (abi/RATIONALE.md has the measurements).
const (
	callsPerYield = 16
	bytesPerCall  = 16 << 10
)

var (
	input []byte // what weir_alloc returned last
	held  []byte // what the last describe or save returned: the host reads it after the call
	calls int32  // since the last yield
)

//go:wasmexport weir_abi_v1
func exportMarker() {}

//go:wasmexport weir_alloc
func exportAlloc(size int32) int32 {
	if size < 0 {
		return 0
	}
	if n := max(int(size), abi.InputAlign); n > cap(input) {
		input = nil // let the collector have it before the new one is there
		input = make([]byte, n)
	}
	return address(input)
}

//go:wasmexport weir_describe
func exportDescribe() int64 {
	held = callDescribe()
	return pointer(held)
}

//go:wasmexport weir_match
func exportMatch(ptr, n int32, filters int64) int32 {
	if calls += 1 + n/bytesPerCall; calls >= callsPerYield {
		calls = 0
		runtime.Gosched()
	}
	b, ok := given(ptr, n)
	if !ok {
		return -1
	}
	return callMatch(b, uint64(filters))
}

//go:wasmexport weir_configure
func exportConfigure(ptr, n int32) int32 {
	b, ok := given(ptr, n)
	if !ok {
		return -1
	}
	return callConfigure(b)
}

//go:wasmexport weir_tick
func exportTick(unixMs int64) int32 {
	runtime.Gosched()
	return callTick(unixMs)
}

//go:wasmexport weir_save
func exportSave() int64 {
	held = callSave()
	return pointer(held)
}

//go:wasmexport weir_load
func exportLoad(ptr, n int32) int32 {
	b, ok := given(ptr, n)
	if !ok {
		return -1
	}
	return callLoad(b)
}

// given returns what the host wrote to the input buffer. Anywhere else in memory is a mistake of the host's.
func given(ptr, n int32) ([]byte, bool) {
	if n < 0 || int(n) > len(input) || n > 0 && ptr != address(input) {
		SetError("the host passed bytes outside the buffer of weir_alloc")
		return nil, false
	}
	return input[:n], true
}

func address(b []byte) int32 { return int32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

// pointer packs an address and a length as the ABI returns them.
func pointer(b []byte) int64 {
	if len(b) == 0 {
		return 0
	}
	return int64(uint64(uint32(address(b)))<<32 | uint64(uint32(len(b))))
}
