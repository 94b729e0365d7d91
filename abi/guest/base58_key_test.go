package guest

import (
	"math/rand/v2"
	"testing"
)

func TestKeysAreWrittenAsAnyBytesAre(t *testing.T) {
	random := rand.New(rand.NewPCG(58, 32))
	for n := range 20_000 {
		var k [32]byte
		for i := range k {
			k[i] = byte(random.Uint32())
		}
		fill := []byte{0, 255}[n%2]
		for i := range random.IntN(33) { // leading zeros, and the largest values
			k[i] = fill
		}
		if got, want := string(AppendBase58(nil, k[:])), string(appendBase58(nil, k[:])); got != want {
			t.Fatalf("%x is written %s, want %s", k, got, want)
		}
	}
}
