// Package price writes exact prices.
package price

import "math/bits"

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

// significant returns a / b as 0.d1d2…d18 × 10^exponent: number holds the 18 digits, the first of them not zero.
func significant(a, b uint64) (number uint64, exponent int) {
	whole, rest := a/b, a%b
	for w := whole; w > 0; w /= 10 {
		exponent++
	}
	if exponent > digits { // at most 20 digits: the last ones are rounded away
		cut := uint64(10)
		if exponent > digits+1 {
			cut = 100
		}
		number = whole / cut
		if whole%cut >= cut/2 {
			number++
		}
		return carried(number, exponent)
	}
	number = whole
	for n := exponent; n < digits; {
		var d uint64
		if d, rest = digit(rest, b); number == 0 && d == 0 {
			exponent--
			continue
		}
		number, n = number*10+d, n+1
	}
	if d, _ := digit(rest, b); d >= 5 {
		number++
	}
	return carried(number, exponent)
}

// digit returns the next decimal digit of rest/b, which is below 1, and what is left.
func digit(rest, b uint64) (d, left uint64) {
	hi, lo := bits.Mul64(rest, 10)
	return bits.Div64(hi, lo, b)
}

// carried makes 18 digits of the 19 that rounding up 999… gives.
func carried(number uint64, exponent int) (uint64, int) {
	if number == 1e18 {
		return 1e17, exponent + 1
	}
	return number, exponent
}

// appendScaled appends 0.d1…d18 × 10^exponent without an exponent.
func appendScaled(dst []byte, number uint64, exponent int) []byte {
	var text [digits]byte
	for i := digits - 1; i >= 0; i-- {
		text[i] = '0' + byte(number%10)
		number /= 10
	}
	if exponent <= 0 {
		dst = append(dst, "0."...)
		for ; exponent < 0; exponent++ {
			dst = append(dst, '0')
		}
		return append(dst, text[:]...)
	}
	if exponent >= digits {
		dst = append(dst, text[:]...)
		for ; exponent > digits; exponent-- {
			dst = append(dst, '0')
		}
		return dst
	}
	dst = append(dst, text[:exponent]...)
	dst = append(dst, '.')
	return append(dst, text[exponent:]...)
}
