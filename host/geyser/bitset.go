package geyser

import "math/bits"

// bitset is a set of filters of one kind, by their index.
type bitset []uint64

// words is the length of a bitset for n filters.
func words(n int) int { return (n + 63) / 64 }

func newBitset(n int) bitset { return make(bitset, words(n)) }

// scratch returns an empty bitset for n filters, in room where it fits.
func scratch(n int, room *[4]uint64) bitset {
	if n <= 64*len(room) {
		return room[:words(n)]
	}
	return newBitset(n)
}

func (b bitset) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bitset) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// word returns the i-th word; a nil bitset is empty.
func (b bitset) word(i int) uint64 {
	if b == nil {
		return 0
	}
	return b[i]
}

// pick returns the names, of which there is one per filter, at the places in b. It allocates only for a true subset of
// two or more.
func (b bitset) pick(names []string) []string {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	if n == len(names) {
		return names
	}
	var picked []string
	for at, w := range b {
		for ; w != 0; w &= w - 1 {
			i := at*64 + bits.TrailingZeros64(w)
			if n == 1 {
				return names[i : i+1 : i+1]
			}
			if picked == nil {
				picked = make([]string, 0, n)
			}
			picked = append(picked, names[i])
		}
	}
	return picked
}

// keyIndex maps pubkeys to the filters that list them. Most keys that are looked up are in no list: a small Bloom filter
// over bytes of the key, which are random for all but a few system accounts, answers for those.
type keyIndex struct {
	filters map[Pubkey]bitset
	bloom   [1 << bloomBits / 64]uint64
}

const bloomBits = 12

func bloomPlace(k *Pubkey) uint {
	return (uint(k[12]) | uint(k[13])<<8 ^ uint(k[20])<<2) & (1<<bloomBits - 1)
}

// add notes that filter i of n lists the keys.
func (x *keyIndex) add(keys []Pubkey, i, n int) {
	if x.filters == nil && len(keys) > 0 {
		x.filters = make(map[Pubkey]bitset, len(keys))
	}
	for j := range keys {
		at := bloomPlace(&keys[j])
		x.bloom[at/64] |= 1 << (at % 64)
		b := x.filters[keys[j]]
		if b == nil {
			b = newBitset(n)
			x.filters[keys[j]] = b
		}
		b.set(i)
	}
}

// lookup returns the filters that list k, nil for none.
func (x *keyIndex) lookup(k *Pubkey) bitset {
	at := bloomPlace(k)
	if x.bloom[at/64]&(1<<(at%64)) == 0 {
		return nil
	}
	return x.filters[*k]
}
