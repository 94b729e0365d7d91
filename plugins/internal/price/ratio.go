// Package price writes exact prices.
package price

import (
	"math/bits"
	"strconv"
)

// digits is the number of significant digits that AppendRatio writes: what a 64-bit reserve can tell, and a little more.
const digits = 18

// AppendRatio appends (quote / 10^quoteDecimals) / (token / 10^tokenDecimals) as a plain decimal number with 18 significant digits,
// the last one rounded half up; "0" for zero. It is computed in integers, so all digits are exact. It is false, and appends nothing,
// where token is zero. Decimals are those of mints, 0 to 255.
func AppendRatio(dst []byte, quote uint64, quoteDecimals int, token uint64, tokenDecimals int) (_ []byte, ok bool) {
	if token == 0 {
		return dst, false
	}
	if quote == 0 {
		return append(dst, '0'), true
	}
	number, exponent := significant(quote, token)
	return appendScaled(dst, number, exponent+tokenDecimals-quoteDecimals), true
}

// powers holds the powers of ten that fit 64 bits.
var powers = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// length returns the number of decimal digits of v, which is not zero.
func length(v uint64) int {
	n := bits.Len64(v) * 1233 >> 12 // log10(2) is a little more than 1233/4096
	if v >= powers[n] {
		n++
	}
	return n
}

// significant returns a / b as 0.d1d2…d18 × 10^exponent: number holds the 18 digits, the first of them not zero. Neither a nor b is.
func significant(a, b uint64) (number uint64, exponent int) {
	// a / b is between 10^(exponent-1) and 10^(exponent+1), both excluded, so a × 10^shift / b has 18 or 19 digits before the point.
	exponent = length(a) - length(b)
	hi, lo, b := scaled(a, digits-exponent, b)
	number, rest := bits.Div64(hi, lo, b)
	if number >= powers[digits] {
		number, exponent = (number+5)/10, exponent+1
	} else if rest >= b-rest {
		number++
	}
	if number == powers[digits] { // 999… rounded up
		number, exponent = powers[digits-1], exponent+1
	}
	return number, exponent
}

// scaled returns a × 10^shift in 128 bits, for a shift that makes it less than b × 10^19, with b. A shift of -1, at most, makes b ten times
// as large instead.
func scaled(a uint64, shift int, b uint64) (hi, lo, divisor uint64) {
	if shift < 0 {
		return 0, a, b * 10
	}
	first := min(shift, len(powers)-1)
	hi, lo = bits.Mul64(a, powers[first])
	if more := shift - first; more > 0 {
		carry, low := bits.Mul64(lo, powers[more])
		hi, lo = hi*powers[more]+carry, low
	}
	return hi, lo, b
}

// appendScaled appends 0.d1…d18 × 10^exponent without an exponent.
func appendScaled(dst []byte, number uint64, exponent int) []byte {
	var space [20]byte
	text := strconv.AppendUint(space[:0], number, 10)
	if exponent <= 0 {
		dst = append(dst, "0."...)
		for ; exponent < 0; exponent++ {
			dst = append(dst, '0')
		}
		return append(dst, text...)
	}
	if exponent >= digits {
		dst = append(dst, text...)
		for ; exponent > digits; exponent-- {
			dst = append(dst, '0')
		}
		return dst
	}
	dst = append(dst, text[:exponent]...)
	dst = append(dst, '.')
	return append(dst, text[exponent:]...)
}
