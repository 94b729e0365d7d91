package main

import (
	"testing"

	"weir/abi/guest"
	"weir/abi/guest/guesttest"
)

// BenchmarkMatch looks at the recorded trades in turn, without the host's part.
func BenchmarkMatch(b *testing.B) {
	guesttest.Open(b, "")
	messages := guesttest.Fixture(b, "pumpfun_price/samples.pbld")
	updates := make([]*guest.Update, len(messages))
	for i, m := range messages {
		b.SetBytes(int64(len(m)))
		updates[i] = guest.NewUpdate(m, 1)
	}
	for i := 0; b.Loop(); i++ {
		if match(updates[i%len(updates)]) <= 0 {
			b.Fatal("no trade")
		}
	}
}
