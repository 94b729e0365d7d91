package guest

// base58Pairs holds the text of every two-digit number of base 58.
var base58Pairs = func() (p [58 * 58 * 2]byte) {
	for i := range 58 * 58 {
		p[2*i], p[2*i+1] = base58Alphabet[i/58], base58Alphabet[i%58]
	}
	return p
}()

// keyWeights holds, for each 32-bit limb of a key, the first limb the highest, its weight 2^(32*(7-i)) in limbs of base
// 58^5, the highest first.
var keyWeights = func() (w [8][9]uint32) {
	for i := range 8 {
		var n [9]uint64
		n[8] = 1
		for range 7 - i {
			carry := uint64(0)
			for k := 8; k >= 0; k-- {
				v := n[k]<<32 + carry
				n[k], carry = v%base58Chunk, v/base58Chunk
			}
		}
		for k := range 9 {
			w[i][k] = uint32(n[k])
		}
	}
	return w
}()

// appendKey is AppendBase58 for the length that monitors write most: a third of the work, since no limb is divided more
// than once. No sum overflows: the weights of each place add up to less than 2^32.
func appendKey(dst []byte, b *[32]byte) []byte {
	var sums [9]uint64
	for i := range 8 {
		limb := uint64(b[4*i])<<24 | uint64(b[4*i+1])<<16 | uint64(b[4*i+2])<<8 | uint64(b[4*i+3])
		w := &keyWeights[i]
		for k := 1; k < 9; k++ {
			sums[k] += limb * uint64(w[k])
		}
	}
	var text [45]byte
	carry := uint64(0)
	for k := 8; k >= 0; k-- {
		carry = fiveDigits(&text, 5*k, sums[k]+carry)
	}
	zeros, skip := 0, 0
	for zeros < 32 && b[zeros] == 0 {
		zeros++
	}
	for skip < 45 && text[skip] == '1' {
		skip++
	}
	return append(dst, text[skip-zeros:]...)
}

// fiveDigits writes the lowest five digits of v at text[at:] and returns the rest of v.
func fiveDigits(text *[45]byte, at int, v uint64) uint64 {
	rest := v / base58Chunk
	limb := uint32(v - rest*base58Chunk)
	high := limb / (58 * 58 * 58 * 58)
	limb -= high * (58 * 58 * 58 * 58)
	mid := limb / (58 * 58)
	low := limb - mid*(58*58)
	t := text[at : at+5 : at+5]
	t[0] = base58Alphabet[high]
	t[1], t[2] = base58Pairs[2*mid], base58Pairs[2*mid+1]
	t[3], t[4] = base58Pairs[2*low], base58Pairs[2*low+1]
	return rest
}
