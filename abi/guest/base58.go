package guest

const base58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58Values maps a character to its digit plus one.
var base58Values = func() (v [128]uint8) {
	for i := range len(base58Alphabet) {
		v[base58Alphabet[i]] = uint8(i) + 1
	}
	return v
}()

// base58Chunk is 58^5: the largest power whose product with a 32-bit limb, plus a carry, fits 64 bits with room to spare.
const base58Chunk = 58 * 58 * 58 * 58 * 58

// AppendBase58 appends the base58 text of b (Bitcoin's alphabet, one '1' for each leading zero byte). Keys take 32 to 44
// characters, signatures 64 to 88. The cost grows with the square of len(b): it is for keys and signatures.
func AppendBase58(dst, b []byte) []byte {
	if len(b) == 32 {
		return appendKey(dst, (*[32]byte)(b))
	}
	return appendBase58(dst, b)
}

// appendBase58 is AppendBase58 for any length.
func appendBase58(dst, b []byte) []byte {
	zeros := 0
	for zeros < len(b) && b[zeros] == 0 {
		dst = append(dst, '1')
		zeros++
	}
	var space [32]uint32
	limbs := space[:0]
	if n := len(b) - zeros; n > 0 { // big-endian 32-bit limbs, the first one of the odd bytes
		limb, have := uint32(0), (4-n%4)%4
		for _, c := range b[zeros:] {
			limb = limb<<8 | uint32(c)
			if have++; have == 4 {
				limbs = append(limbs, limb)
				limb, have = 0, 0
			}
		}
	}
	start := len(dst)
	for len(limbs) > 0 { // five digits at a time, the least first
		rem := uint64(0)
		for i, limb := range limbs {
			v := rem<<32 | uint64(limb)
			limbs[i] = uint32(v / base58Chunk)
			rem = v % base58Chunk
		}
		for len(limbs) > 0 && limbs[0] == 0 {
			limbs = limbs[1:]
		}
		for k := 0; k < 5 && (rem > 0 || len(limbs) > 0); k++ {
			dst = append(dst, base58Alphabet[rem%58])
			rem /= 58
		}
	}
	for i, j := start, len(dst)-1; i < j; i, j = i+1, j-1 {
		dst[i], dst[j] = dst[j], dst[i]
	}
	return dst
}

// DecodeBase58 writes the bytes that a base58 text names to the front of dst and returns their number. It is false, with dst in
// any state, where the text has a character outside the alphabet or names more bytes than dst holds.
func DecodeBase58(dst []byte, text string) (n int, ok bool) {
	zeros := 0
	for zeros < len(text) && text[zeros] == '1' {
		zeros++
	}
	if zeros > len(dst) {
		return 0, false
	}
	size := 0 // the number so far, little-endian in dst[zeros:]
	for i := zeros; i < len(text); i++ {
		c := text[i]
		if c >= 128 || base58Values[c] == 0 {
			return 0, false
		}
		carry := uint32(base58Values[c] - 1)
		for j := zeros; j < zeros+size; j++ {
			carry += uint32(dst[j]) * 58
			dst[j] = byte(carry)
			carry >>= 8
		}
		if carry > 0 {
			if zeros+size == len(dst) {
				return 0, false
			}
			dst[zeros+size] = byte(carry)
			size++
		}
	}
	for i := range zeros {
		dst[i] = 0
	}
	for i, j := zeros, zeros+size-1; i < j; i, j = i+1, j-1 {
		dst[i], dst[j] = dst[j], dst[i]
	}
	return zeros + size, true
}
