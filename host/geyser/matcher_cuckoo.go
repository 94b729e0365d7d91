package geyser

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// CuckooBits is a cuckoo filter as a request carries it (message CuckooFilter): a set of accounts with false positives
// but no false negatives. Data holds buckets of four little-endian 16-bit fingerprints, 0 for a free place; the number
// of buckets is a power of two.
//
// The hash is SipHash-2-4 with the keys Seed and Seed rotated by 32 bits. An account's hash is over the 8-byte
// little-endian number 32 and its 32 bytes (Rust's hash of a byte array); its fingerprint is bits 32 to 47 of that, 1
// for 0; its first bucket the hash's low bits, its second that one xor the hash of the fingerprint's two bytes. Read in
// yellowstone-grpc-proto, src/cuckoo; its tests have no vectors, so byte equality with the Rust code is not proven here.
type CuckooBits struct {
	Data []byte
	Seed uint64
}

// Layout of a cuckoo filter (yellowstone-grpc-proto, src/cuckoo/constants.rs).
const (
	bucketEntries   = 4
	fingerprintBits = 16
	bucketBytes     = bucketEntries * fingerprintBits / 8
	cuckooLoad      = 0.95
	cuckooKicks     = 500
)

// CuckooSeed is the seed that Yellowstone's own client uses ("yllwstn!").
const CuckooSeed uint64 = 0x796c6c7773746e21

// ErrCuckooFull means that a cuckoo filter was made for fewer accounts than it should hold.
var ErrCuckooFull = errors.New("cuckoo filter is full: make it for more accounts")

// NewCuckoo returns an empty filter with room for n accounts.
func NewCuckoo(n int, seed uint64) *CuckooBits {
	need := uint(float64(n)/(cuckooLoad*bucketEntries)) + 1
	buckets := 1 << bits.Len(need-1)
	return &CuckooBits{Data: make([]byte, buckets*bucketBytes), Seed: seed}
}

// Insert adds an account. After ErrCuckooFull another account may be missing: make a larger filter.
func (c *CuckooBits) Insert(key *Pubkey) error {
	fp, at := c.place(key)
	if c.put(at, fp) || c.put(c.other(at, fp), fp) {
		return nil
	}
	for n := range cuckooKicks {
		slot := (n + int(fp)) % bucketEntries
		old := c.entry(at, slot)
		c.setEntry(at, slot, fp)
		fp, at = old, c.other(at, old)
		if c.put(at, fp) {
			return nil
		}
	}
	return ErrCuckooFull
}

// Contains tells whether key may be in the set.
func (c *CuckooBits) Contains(key *Pubkey) bool {
	if c.buckets() == 0 {
		return false
	}
	fp, at := c.place(key)
	return c.has(at, fp) || c.has(c.other(at, fp), fp)
}

func (c *CuckooBits) buckets() int { return len(c.Data) / bucketBytes }

// index maps a hash to a bucket. The server masks also where a client's number of buckets is no power of two.
func (c *CuckooBits) index(hash uint64) int { return int(hash & uint64(c.buckets()-1)) }

// place returns the fingerprint of an account and its first bucket.
func (c *CuckooBits) place(key *Pubkey) (fp uint16, at int) {
	var b [8 + len(key)]byte
	binary.LittleEndian.PutUint64(b[:], uint64(len(key)))
	copy(b[8:], key[:])
	h := sipHash(c.Seed, b[:])
	return max(uint16(h>>32), 1), c.index(h)
}

// other returns the second bucket of a fingerprint. The xor of two indices stays in range only for powers of two.
func (c *CuckooBits) other(at int, fp uint16) int {
	return at ^ c.index(sipHash(c.Seed, []byte{byte(fp), byte(fp >> 8)}))
}

func (c *CuckooBits) entry(at, slot int) uint16 {
	return binary.LittleEndian.Uint16(c.Data[at*bucketBytes+slot*2:])
}

func (c *CuckooBits) setEntry(at, slot int, fp uint16) {
	binary.LittleEndian.PutUint16(c.Data[at*bucketBytes+slot*2:], fp)
}

func (c *CuckooBits) has(at int, fp uint16) bool {
	if at >= c.buckets() {
		return false
	}
	for slot := range bucketEntries {
		if c.entry(at, slot) == fp {
			return true
		}
	}
	return false
}

func (c *CuckooBits) put(at int, fp uint16) bool {
	for slot := range bucketEntries {
		if c.entry(at, slot) == 0 {
			c.setEntry(at, slot, fp)
			return true
		}
	}
	return false
}
