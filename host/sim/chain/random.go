package chain

import (
	"encoding/binary"
	"math/rand/v2"
)

// random is the seeded source of everything that a Chain makes up.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random {
	return random{rand.New(rand.NewPCG(seed, 0x77656972))}
}

func (r random) fill(b []byte) {
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, r.Uint64())
		b = b[8:]
	}
	for i := range b {
		b[i] = byte(r.Uint32())
	}
}

func (r random) key() (k Key) {
	r.fill(k[:])
	return k
}

// wallet returns a key that is a point of the curve, as one with a private key is.
func (r random) wallet() Key {
	for {
		if k := r.key(); onCurve(k) {
			return k
		}
	}
}

// base58 digits of the four letters that nearly all of pump.fun's mints end in, and what four digits count to.
const (
	pumpDigits = ((47*58+52)*58+44)*58 + 47
	fourDigits = 58 * 58 * 58 * 58
)

// vanity returns a wallet-like key whose base58 form ends in "pump".
func (r random) vanity() Key {
	for {
		k := r.key()
		rest := uint32(0)
		for _, b := range k {
			rest = uint32((uint64(rest)<<8 | uint64(b)) % fourDigits)
		}
		add := (uint32(pumpDigits) + fourDigits - rest) % fourDigits
		if low := binary.BigEndian.Uint64(k[24:]); low <= ^uint64(0)-uint64(add) {
			binary.BigEndian.PutUint64(k[24:], low+uint64(add))
			if onCurve(k) {
				return k
			}
		}
	}
}

// chance is true once in n calls, on average.
func (r random) chance(n int) bool { return n > 0 && r.IntN(n) == 0 }

// between returns a number of [lo, hi].
func (r random) between(lo, hi uint64) uint64 { return lo + r.Uint64N(hi-lo+1) }

// times turns a mean into a count: large means vary by a tenth, small ones come out as 0 or 1 as often as they should.
func (r random) times(mean float64) int {
	if mean <= 0 {
		return 0
	}
	return int(mean*(0.9+0.2*r.Float64()) + r.Float64())
}

func pick[T any](r random, from []T) T { return from[r.IntN(len(from))] }
