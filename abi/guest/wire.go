package guest

// Protobuf wire types, the low three bits of a tag (protobuf.dev, Encoding).
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireStart   = 3
	wireEnd     = 4
	wireFixed32 = 5
)

// maxGroups bounds the nesting of groups that a skip follows. The protocol has none: they can only be unknown fields.
const maxGroups = 64

// A span is a run of bytes of an update's buffer. No payload starts at offset 0, so the zero span means absent.
type span struct{ off, n uint32 }

func (s span) absent() bool { return s.off == 0 }

// fields walks the fields of one message. After next returned true, tag holds the field's number and wire type; a bytes field's
// payload is b[lo:hi]; v is the value of a varint or fixed field.
type fields struct {
	b       []byte
	i, end  int
	tag     uint64
	v       uint64
	at      uint32 // where v's varint is
	lo, hi  int
	invalid bool
}

// next reads one field, skipping groups. It returns false at the end and, with invalid set, at the first malformed field.
func (f *fields) next() bool {
	for {
		i := f.i
		if i >= f.end {
			return false
		}
		tag := uint64(f.b[i])
		if i++; tag >= 0x80 {
			if tag, i = varint(f.b, i-1, f.end); i < 0 {
				return f.fail()
			}
		}
		f.tag = tag
		switch tag & 7 {
		case wireVarint:
			if i >= f.end {
				return f.fail()
			}
			f.at = uint32(i)
			v := uint64(f.b[i])
			if i++; v >= 0x80 {
				if v, i = varint(f.b, i-1, f.end); i < 0 {
					return f.fail()
				}
			}
			f.v, f.i = v, i
		case wireBytes:
			if i >= f.end {
				return f.fail()
			}
			n := uint64(f.b[i])
			if i++; n >= 0x80 {
				if n, i = varint(f.b, i-1, f.end); i < 0 {
					return f.fail()
				}
			}
			if n > uint64(f.end-i) {
				return f.fail()
			}
			f.lo, f.hi = i, i+int(n)
			f.i = f.hi
		default:
			if !f.rare(i) {
				return false
			}
			if tag&7 == wireStart {
				continue
			}
		}
		if tag>>3-1 >= 1<<29-1 { // field numbers are 1 to 2^29-1
			return f.fail()
		}
		return true
	}
}

// rare reads a fixed field's value or skips a group whose start tag was read; i is the offset behind the tag.
func (f *fields) rare(i int) bool {
	size := 0
	switch f.tag & 7 {
	case wireFixed64:
		size = 8
	case wireFixed32:
		size = 4
	case wireStart:
		if f.i = skipGroup(f.b, i, f.end, f.tag>>3); f.i < 0 {
			return f.fail()
		}
		return true
	}
	if size == 0 || f.end-i < size {
		return f.fail()
	}
	f.v, f.i = 0, i+size
	for k := range size {
		f.v |= uint64(f.b[i+k]) << (8 * k)
	}
	return true
}

func (f *fields) fail() bool {
	f.invalid, f.i = true, f.end
	return false
}

// span returns the current bytes field's payload.
func (f *fields) span() span { return span{uint32(f.lo), uint32(f.hi - f.lo)} }

// varint reads a varint of b[i:end] and returns the offset behind it, -1 when it is cut or longer than 64 bits.
func varint(b []byte, i, end int) (v uint64, next int) {
	for shift := uint(0); i < end && shift < 70; shift += 7 {
		c := b[i]
		i++
		if shift == 63 && c > 1 {
			break
		}
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, i
		}
	}
	return 0, -1
}

// skipGroup returns the offset behind the end tag that closes the group of the given number, -1 when there is none.
func skipGroup(b []byte, i, end int, number uint64) int {
	var open [maxGroups]uint64
	open[0] = number
	depth := 1
	for depth > 0 {
		tag, next := varint(b, i, end)
		if next < 0 || tag>>3-1 >= 1<<29-1 {
			return -1
		}
		i = next
		switch tag & 7 {
		case wireVarint:
			_, i = varint(b, i, end)
		case wireFixed64:
			i += 8
		case wireFixed32:
			i += 4
		case wireBytes:
			var n uint64
			if n, i = varint(b, i, end); i < 0 || n > uint64(end-i) {
				return -1
			}
			i += int(n)
		case wireStart:
			if depth == maxGroups {
				return -1
			}
			open[depth] = tag >> 3
			depth++
		case wireEnd:
			if depth--; open[depth] != tag>>3 {
				return -1
			}
		default:
			return -1
		}
		if i < 0 || i > end {
			return -1
		}
	}
	return i
}
