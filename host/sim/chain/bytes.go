package chain

import (
	"encoding/binary"
	"strconv"
)

// chunkSize is how much memory the small byte slices of updates are cut from at a time.
const chunkSize = 64 << 10

// memory hands out zeroed byte slices that nobody else gets. What it has given out lives as long as anything of the same
// chunk does.
type memory struct{ rest []byte }

func (m *memory) take(n int) []byte {
	if n > len(m.rest) {
		if n > chunkSize/4 {
			return make([]byte, n)
		}
		m.rest = make([]byte, chunkSize)
	}
	b := m.rest[:n:n]
	m.rest = m.rest[n:]
	return b
}

func le64(b []byte, v uint64) { binary.LittleEndian.PutUint64(b, v) }

// enc appends in Borsh: little-endian, strings and vectors behind a u32 length.
type enc []byte

func (e *enc) raw(b ...byte) { *e = append(*e, b...) }
func (e *enc) u8(v uint8)    { *e = append(*e, v) }
func (e *enc) u16(v uint16)  { *e = binary.LittleEndian.AppendUint16(*e, v) }
func (e *enc) u32(v uint32)  { *e = binary.LittleEndian.AppendUint32(*e, v) }
func (e *enc) u64(v uint64)  { *e = binary.LittleEndian.AppendUint64(*e, v) }
func (e *enc) i64(v int64)   { e.u64(uint64(v)) }
func (e *enc) key(k Key)     { *e = append(*e, k[:]...) }
func (e *enc) str(s string) {
	e.u32(uint32(len(s)))
	*e = append(*e, s...)
}
func (e *enc) flag(b bool) {
	if b {
		e.u8(1)
	} else {
		e.u8(0)
	}
}

// disc appends an eight-byte discriminator that is written the way documents print it, most significant byte first.
func (e *enc) disc(d uint64) { *e = binary.BigEndian.AppendUint64(*e, d) }

// zeros appends n zero bytes.
func (e *enc) zeros(n int) {
	for range n {
		*e = append(*e, 0)
	}
}

// uiAmount formats a token amount as a validator does: base units, decimal without trailing zeros, and that as a number.
func uiAmount(v uint64, decimals uint8) (base, ui string, f float64) {
	var buf [48]byte
	digits := strconv.AppendUint(buf[:0], v, 10)
	base = string(digits)
	d := int(decimals)
	if d == 0 || v == 0 {
		return base, base, float64(v)
	}
	var out [48]byte
	w := out[:0]
	if len(digits) <= d {
		w = append(w, "0."...)
		for range d - len(digits) {
			w = append(w, '0')
		}
		w = append(w, digits...)
	} else {
		w = append(w, digits[:len(digits)-d]...)
		w = append(w, '.')
		w = append(w, digits[len(digits)-d:]...)
	}
	for w[len(w)-1] == '0' {
		w = w[:len(w)-1]
	}
	if w[len(w)-1] == '.' {
		w = w[:len(w)-1]
	}
	return base, string(w), float64(v) / pow10[d]
}

var pow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12}
