package price

import (
	"math/big"
	"strings"
	"testing"
)

func TestAppendRatio(t *testing.T) {
	for _, c := range []struct {
		quote   uint64
		places  int
		token   uint64
		decimal int
		want    string
	}{
		{30_000_000_000, 9, 1_073_000_000_000_000, 6, "0.0000000279589934762348555"},
		{1, 0, 2, 0, "0.500000000000000000"},
		{1, 0, 20, 0, "0.0500000000000000000"},
		{2, 0, 3, 0, "0.666666666666666667"},
		{7, 0, 1, 0, "7.00000000000000000"},
		{0, 9, 5, 6, "0"},
		{1<<64 - 1, 0, 1, 0, "18446744073709551600"},
		{1<<64 - 1, 6, 1, 6, "18446744073709551600"},
		{9_999_999_999_999_999_995, 0, 10, 0, "1000000000000000000"}, // all nines, rounded up
		{1, 0, 1<<64 - 1, 0, "0.0000000000000000000542101086242752217"},
		{123, 0, 1, 3, "123000.000000000000"},
		{1, 0, 1, 20, "100000000000000000000"},
	} {
		got, ok := AppendRatio(nil, c.quote, c.places, c.token, c.decimal)
		if !ok || string(got) != c.want {
			t.Errorf("(%d/1e%d)/(%d/1e%d) is %s, want %s", c.quote, c.places, c.token, c.decimal, got, c.want)
		}
	}
	if got, ok := AppendRatio([]byte("x"), 1, 9, 0, 6); ok || string(got) != "x" {
		t.Errorf("of no tokens: %s %v", got, ok)
	}
}

// FuzzAppendRatio holds the text against exact arithmetic.
func FuzzAppendRatio(f *testing.F) {
	f.Add(uint64(30_000_000_000), uint64(1_073_000_000_000_000), uint8(9), uint8(6))
	f.Add(uint64(1), uint64(1<<64-1), uint8(255), uint8(0))
	f.Add(uint64(1<<64-1), uint64(1), uint8(0), uint8(255))
	f.Add(uint64(1e18-1), uint64(1e18), uint8(3), uint8(2))
	f.Fuzz(func(t *testing.T, quote, token uint64, quotePlaces, tokenPlaces uint8) {
		text, ok := AppendRatio(nil, quote, int(quotePlaces), token, int(tokenPlaces))
		if !ok {
			if token != 0 {
				t.Fatal("no price")
			}
			return
		}
		want := new(big.Rat).SetFrac(new(big.Int).Mul(big10(tokenPlaces), new(big.Int).SetUint64(quote)),
			new(big.Int).Mul(big10(quotePlaces), new(big.Int).SetUint64(token)))
		got, ok := new(big.Rat).SetString(string(text))
		if !ok || strings.Trim(string(text), "0123456789.") != "" {
			t.Fatalf("%s is no plain decimal", text)
		}
		if want.Sign() == 0 {
			if got.Sign() != 0 {
				t.Fatalf("%s, want 0", text)
			}
			return
		}
		// Half a unit of the 18th digit is at most 5e-18 of the value.
		off := new(big.Rat).Sub(got, want)
		if off.Abs(off).Quo(off, want).Cmp(big.NewRat(5, 1e18)) > 0 {
			t.Fatalf("%s, want %s", text, want.FloatString(40))
		}
	})
}

func big10(places uint8) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
}
