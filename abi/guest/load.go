//go:build !wasip1

package guest

import "encoding/binary"

// load64 reads a little-endian 64-bit integer.
func load64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// loadAt is load64(b[i:]).
func loadAt(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }
