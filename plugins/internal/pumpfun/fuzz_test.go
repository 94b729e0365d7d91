package pumpfun_test

import (
	"testing"

	"weir/plugins/internal/pumpfun"
)

// FuzzDecode: no bytes make a decoder panic, and what it returns lies within them.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(trade()))
	f.Add([]byte(create()))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		var tr pumpfun.Trade
		var cr pumpfun.Create
		var co pumpfun.Complete
		var mi pumpfun.Migration
		var cu pumpfun.Curve
		tails := []int{}
		if tr.Decode(b) {
			tails = append(tails, tr.Tail)
		}
		if cr.Decode(b) {
			tails = append(tails, cr.Tail)
		}
		if co.Decode(b) {
			tails = append(tails, co.Tail)
		}
		if mi.Decode(b) {
			tails = append(tails, mi.Tail)
		}
		if cu.Decode(b) {
			tails = append(tails, cu.Tail)
		}
		for _, n := range tails {
			if n < 0 || n > len(b) {
				t.Errorf("unknown tail of %d bytes in %d", n, len(b))
			}
		}
	})
}
