package sandbox

import "unicode/utf8"

// reader walks over a part of a module. The first failure sticks: everything read after it is zero, so that callers check
// err once per item and not once per byte. Offsets in errors count from the start of the file.
type reader struct {
	b    []byte
	pos  int
	base int // offset of b[0] in the file
	err  *RefusedError
}

func (r *reader) fail(c Class, format string, args ...any) {
	if r.err == nil {
		r.err = refuse(c, format, args...)
		r.pos = len(r.b)
	}
}

func (r *reader) truncated(what string) {
	r.fail(Malformed, "truncated at byte %d: %s ends early", r.base+r.pos, what)
}

// left is how many bytes there are to read; 0 after a failure.
func (r *reader) left() int { return len(r.b) - r.pos }

func (r *reader) byte(what string) byte {
	if r.pos >= len(r.b) {
		r.truncated(what)
		return 0
	}
	c := r.b[r.pos]
	r.pos++
	return c
}

// bytes returns the next n bytes, not copied.
func (r *reader) bytes(n int, what string) []byte {
	if n < 0 || n > r.left() {
		r.truncated(what)
		return nil
	}
	b := r.b[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return b
}

// u32 reads an unsigned LEB128 of at most 5 bytes whose unused bits are zero, as the binary format demands.
func (r *reader) u32(what string) uint32 {
	var v uint32
	for shift := 0; shift < 35; shift += 7 {
		c := r.byte(what)
		if shift == 28 && c > 0x0f {
			break
		}
		v |= uint32(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	r.fail(Malformed, "byte %d: %s is no 32-bit integer", r.base+r.pos, what)
	return 0
}

// signed reads a signed LEB128 of the given number of bits (32, 33 or 64). The last possible byte must be a clean sign
// extension.
func (r *reader) signed(bits int, what string) int64 {
	var v int64
	for shift := 0; shift < bits; shift += 7 {
		c := r.byte(what)
		v |= int64(c&0x7f) << shift
		if room := bits - shift; room < 7 {
			// Of the seven bits, those above the sign bit must repeat it.
			if rest := int8(c<<1) >> room; c >= 0x80 || (rest != 0 && rest != -1) {
				break
			}
		}
		if c < 0x80 {
			if shift+7 < 64 && c&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			return v
		}
	}
	r.fail(Malformed, "byte %d: %s is no %d-bit integer", r.base+r.pos, what, bits)
	return 0
}

// count reads the length of a vector whose items take at least one byte each, so that no length leads to more work or
// memory than the file has bytes.
func (r *reader) count(what string) int {
	n := r.u32(what)
	if int64(n) > int64(r.left()) {
		r.fail(Malformed, "byte %d: %d %s in %d bytes", r.base+r.pos, n, what, r.left())
		return 0
	}
	return int(n)
}

// limited is count with a limit of ours.
func (r *reader) limited(limit int, what string) int {
	n := r.count(what)
	if n > limit {
		r.fail(OverLimit, "%d %s, the limit is %d", n, what, limit)
		return 0
	}
	return n
}

func (r *reader) name(what string) string {
	n := r.u32(what)
	if int64(n) > int64(r.left()) {
		r.truncated(what)
		return ""
	}
	b := r.bytes(int(n), what)
	if !utf8.Valid(b) {
		r.fail(Malformed, "byte %d: %s is not UTF-8", r.base+r.pos, what)
		return ""
	}
	return string(b)
}

// sub returns a reader over the next n bytes.
func (r *reader) sub(n uint32, what string) *reader {
	if int64(n) > int64(r.left()) {
		r.truncated(what)
		return &reader{err: r.err}
	}
	start := r.pos
	r.pos += int(n)
	return &reader{b: r.b[start:r.pos:r.pos], base: r.base + start}
}

// appendU32 and appendSigned write the shortest form: everything that we emit has one reading only, whoever reads it.
func appendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

func appendSigned(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if (v == 0 && c&0x40 == 0) || (v == -1 && c&0x40 != 0) {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

func appendName(b []byte, s string) []byte {
	b = appendU32(b, uint32(len(s)))
	return append(b, s...)
}
