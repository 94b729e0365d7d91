package guest

import "unsafe"

// load64 reads a little-endian 64-bit integer. The compiler does not join byte loads for wasm, which has unaligned ones.
func load64(b []byte) uint64 {
	_ = b[7]
	return *(*uint64)(unsafe.Pointer(&b[0]))
}

// loadAt is load64(b[i:]).
func loadAt(b []byte, i int) uint64 {
	_ = b[i+7]
	return *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))
}
