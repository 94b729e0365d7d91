package guest

// Cursor reads the fields of a borsh or packed C layout in order. The first read past the end makes it not OK, and from then on
// every read returns zero: read what there may be, then look at OK once, or at Remaining before an optional tail.
type Cursor struct {
	b   []byte
	bad bool
}

// NewCursor returns a cursor at the start of b.
func NewCursor(b []byte) Cursor { return Cursor{b: b} }

// OK reports whether every read so far was within the bytes.
func (c *Cursor) OK() bool { return !c.bad }

// Remaining returns the number of bytes not yet read.
func (c *Cursor) Remaining() int { return len(c.b) }

// Rest returns the bytes not yet read.
func (c *Cursor) Rest() []byte { return c.b }

// take returns the next n bytes, nil past the end.
func (c *Cursor) take(n int) []byte {
	if uint(n) > uint(len(c.b)) {
		c.b, c.bad = nil, true
		return nil
	}
	b := c.b[:n:n]
	c.b = c.b[n:]
	return b
}

// Skip passes over n bytes.
func (c *Cursor) Skip(n int) { c.take(n) }

// U8 reads one byte.
func (c *Cursor) U8() uint8 {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

// Bool reads one byte, true unless it is zero.
func (c *Cursor) Bool() bool { return c.U8() != 0 }

// U16 reads a little-endian 16-bit integer.
func (c *Cursor) U16() uint16 {
	if b := c.take(2); b != nil {
		return uint16(b[0]) | uint16(b[1])<<8
	}
	return 0
}

// U32 reads a little-endian 32-bit integer.
func (c *Cursor) U32() uint32 {
	if b := c.take(4); b != nil {
		return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
	}
	return 0
}

// U64 reads a little-endian 64-bit integer.
func (c *Cursor) U64() uint64 {
	if b := c.take(8); b != nil {
		return load64(b)
	}
	return 0
}

// I64 reads a little-endian signed 64-bit integer.
func (c *Cursor) I64() int64 { return int64(c.U64()) }

// U128 reads a little-endian 128-bit integer.
func (c *Cursor) U128() (hi, lo uint64) {
	if b := c.take(16); b != nil {
		return load64(b[8:]), load64(b)
	}
	return 0, 0
}

// Key reads a key of 32 bytes, nil past the end. The slice points into the cursor's bytes.
func (c *Cursor) Key() []byte { return c.take(32) }

// Bytes reads n bytes, nil past the end. The slice points into the cursor's bytes.
func (c *Cursor) Bytes(n int) []byte { return c.take(n) }

// String reads a 32-bit length and as many bytes, nil past the end. They need not be UTF-8. The slice points into the cursor's
// bytes.
func (c *Cursor) String() []byte {
	n := c.U32()
	if uint64(n) > uint64(len(c.b)) {
		c.b, c.bad = nil, true
		return nil
	}
	return c.take(int(n))
}

// U64At reads a little-endian 64-bit integer at an offset; false where b ends before it does.
func U64At(b []byte, offset int) (uint64, bool) {
	if offset < 0 || offset > len(b)-8 {
		return 0, false
	}
	return load64(b[offset:]), true
}

// U32At reads a little-endian 32-bit integer at an offset; false where b ends before it does.
func U32At(b []byte, offset int) (uint32, bool) {
	if offset < 0 || offset > len(b)-4 {
		return 0, false
	}
	b = b[offset : offset+4]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24, true
}

// I64At reads a little-endian signed 64-bit integer at an offset; false where b ends before it does.
func I64At(b []byte, offset int) (int64, bool) {
	v, ok := U64At(b, offset)
	return int64(v), ok
}

// KeyAt returns the 32 bytes at an offset, nil where b ends before they do.
func KeyAt(b []byte, offset int) []byte {
	if offset < 0 || offset > len(b)-32 {
		return nil
	}
	return b[offset : offset+32 : offset+32]
}

// ParseU64 reads decimal text; false where it is anything but the digits of a 64-bit integer.
func ParseU64(text []byte) (uint64, bool) {
	v := uint64(0)
	for _, c := range text {
		d := uint64(c - '0')
		if d > 9 || v > (1<<64-1-d)/10 {
			return 0, false
		}
		v = v*10 + d
	}
	return v, len(text) > 0
}
