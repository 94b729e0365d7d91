package handmade

import (
	"encoding/binary"

	"weir/abi/guest"
)

// Layout is borsh data under construction.
type Layout []byte

// Begin starts with a discriminator, written as monitors' notes write it: first byte first.
func Begin(discriminator uint64) Layout { return binary.BigEndian.AppendUint64(nil, discriminator) }

// Key appends a key.
func (l Layout) Key(k guest.Pubkey) Layout { return append(l, k[:]...) }

// U64 appends integers of 64 bits.
func (l Layout) U64(values ...uint64) Layout {
	for _, v := range values {
		l = binary.LittleEndian.AppendUint64(l, v)
	}
	return l
}

// U32 appends an integer of 32 bits.
func (l Layout) U32(v uint32) Layout { return binary.LittleEndian.AppendUint32(l, v) }

// Bytes appends bytes.
func (l Layout) Bytes(b ...byte) Layout { return append(l, b...) }

// String appends a text behind its length.
func (l Layout) String(s string) Layout { return append(l.U32(uint32(len(s))), s...) }
