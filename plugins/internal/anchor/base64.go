package anchor

// The standard library's base64 brings reflect with it, which would be most of a monitor's module.

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// base64Values maps a character to its six bits plus one.
var base64Values = func() (v [256]uint8) {
	for i := range len(base64Alphabet) {
		v[base64Alphabet[i]] = uint8(i) + 1
	}
	return v
}()

// decodeBase64 appends the bytes of a padded base64 text (RFC 4648, section 4). It is false, with what it has appended so far,
// where the text is none.
func decodeBase64(dst, text []byte) (_ []byte, ok bool) {
	if len(text)%4 != 0 {
		return dst, false
	}
	for len(text) > 4 {
		bits, ok := quantum(text, 4)
		if !ok {
			return dst, false
		}
		dst = append(dst, byte(bits>>16), byte(bits>>8), byte(bits))
		text = text[4:]
	}
	if len(text) == 0 {
		return dst, true
	}
	n := 4
	for n > 2 && text[n-1] == '=' {
		n--
	}
	bits, ok := quantum(text, n)
	if !ok {
		return dst, false
	}
	last := [3]byte{byte(bits >> 16), byte(bits >> 8), byte(bits)}
	return append(dst, last[:n-1]...), true
}

// quantum returns the 24 bits of a group of 4 characters, of which the first n count.
func quantum(text []byte, n int) (bits uint32, ok bool) {
	for i := range 4 {
		bits <<= 6
		if i >= n {
			continue
		}
		v := base64Values[text[i]]
		if v == 0 {
			return 0, false
		}
		bits |= uint32(v - 1)
	}
	return bits, true
}

// appendBase64 appends the base64 text of b. Only whole groups of 3 bytes and the first 6 bits of the next byte are of use to
// logPrefix, so it writes no padding.
func appendBase64(dst, b []byte) []byte {
	bits, have := uint32(0), 0
	for _, c := range b {
		bits = bits<<8 | uint32(c)
		for have += 8; have >= 6; have -= 6 {
			dst = append(dst, base64Alphabet[bits>>(have-6)&63])
		}
	}
	return dst
}
