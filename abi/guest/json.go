package guest

import (
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendString appends a JSON string. Bytes that are no UTF-8 become U+FFFD, one for each, so that any input makes valid JSON.
func appendString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			if size = runeSize(s, i); size > 0 {
				i += size
				continue
			}
			size = 1
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, c)
		i += size
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// runeSize returns the length of the valid multi-byte rune at s[i:], 0 where there is none.
func runeSize[T string | []byte](s T, i int) int {
	var b [utf8.UTFMax]byte
	n := copy(b[:], s[i:min(i+utf8.UTFMax, len(s))])
	if r, size := utf8.DecodeRune(b[:n]); r != utf8.RuneError || size > 1 {
		return size
	}
	return 0
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	if c >= utf8.RuneSelf {
		return append(dst, "\ufffd"...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// appendBase64 appends the padded base64 text of b (RFC 4648). encoding/base64 would bring reflect with it.
func appendBase64(dst, b []byte) []byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for ; len(b) >= 3; b = b[3:] {
		v := uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
		dst = append(dst, alphabet[v>>18], alphabet[v>>12&63], alphabet[v>>6&63], alphabet[v&63])
	}
	switch len(b) {
	case 1:
		return append(dst, alphabet[b[0]>>2], alphabet[b[0]&3<<4], '=', '=')
	case 2:
		return append(dst, alphabet[b[0]>>2], alphabet[b[0]&3<<4|b[1]>>4], alphabet[b[1]&15<<2], '=')
	}
	return dst
}

// object appends a JSON object, member by member.
type object struct {
	buf   []byte
	first bool
}

func (o *object) open() {
	o.buf = append(o.buf, '{')
	o.first = true
}

func (o *object) close() {
	o.buf = append(o.buf, '}')
	o.first = false
}

// name begins a member.
func (o *object) name(name string) {
	if !o.first {
		o.buf = append(o.buf, ',')
	}
	o.first = false
	o.buf = appendString(o.buf, name)
	o.buf = append(o.buf, ':')
}

func (o *object) text(name, value string) {
	o.name(name)
	o.buf = appendString(o.buf, value)
}

func (o *object) bool(name string, v bool) {
	o.name(name)
	o.buf = strconv.AppendBool(o.buf, v)
}

// u64 writes a 64-bit integer as protobuf JSON does, as a decimal string.
func (o *object) u64(name string, v uint64) {
	o.name(name)
	o.buf = append(o.buf, '"')
	o.buf = strconv.AppendUint(o.buf, v, 10)
	o.buf = append(o.buf, '"')
}

func (o *object) u32(name string, v uint32) {
	o.name(name)
	o.buf = strconv.AppendUint(o.buf, uint64(v), 10)
}

func (o *object) texts(name string, values []string) {
	o.name(name)
	o.buf = append(o.buf, '[')
	for i, v := range values {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = appendString(o.buf, v)
	}
	o.buf = append(o.buf, ']')
}
