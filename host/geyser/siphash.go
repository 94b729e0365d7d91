package geyser

import (
	"encoding/binary"
	"math/bits"
)

// sipState is the state of SipHash (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
type sipState struct{ v0, v1, v2, v3 uint64 }

func (s *sipState) rounds(n int) {
	for range n {
		s.v0 += s.v1
		s.v1 = bits.RotateLeft64(s.v1, 13) ^ s.v0
		s.v0 = bits.RotateLeft64(s.v0, 32)
		s.v2 += s.v3
		s.v3 = bits.RotateLeft64(s.v3, 16) ^ s.v2
		s.v0 += s.v3
		s.v3 = bits.RotateLeft64(s.v3, 21) ^ s.v0
		s.v2 += s.v1
		s.v1 = bits.RotateLeft64(s.v1, 17) ^ s.v2
		s.v2 = bits.RotateLeft64(s.v2, 32)
	}
}

func (s *sipState) word(m uint64) {
	s.v3 ^= m
	s.rounds(2)
	s.v0 ^= m
}

// sipHash is SipHash-2-4 of b with the two keys that Yellowstone derives from one seed.
func sipHash(seed uint64, b []byte) uint64 { return sipHash24(seed, bits.RotateLeft64(seed, 32), b) }

func sipHash24(k0, k1 uint64, b []byte) uint64 {
	s := sipState{
		v0: k0 ^ 0x736f6d6570736575, v1: k1 ^ 0x646f72616e646f6d,
		v2: k0 ^ 0x6c7967656e657261, v3: k1 ^ 0x7465646279746573,
	}
	last := uint64(len(b)) << 56
	for len(b) >= 8 {
		s.word(binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	for i, c := range b {
		last |= uint64(c) << (8 * i)
	}
	s.word(last)
	s.v2 ^= 0xff
	s.rounds(4)
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3
}
