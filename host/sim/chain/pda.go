package chain

import (
	"crypto/sha256"
	"encoding/binary"
	"math/big"
)

// Key is an address: 32 bytes.
type Key [32]byte

// p25519 is the field's prime, and edwardsD the curve's constant d = -121665/121666.
var (
	p25519   = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	edwardsD = func() *big.Int {
		d := new(big.Int).ModInverse(big.NewInt(121666), p25519)
		return d.Mod(d.Mul(d, big.NewInt(-121665)), p25519)
	}()
	one = big.NewInt(1)
)

// onCurve tells whether k is the encoding of a point of ed25519. Of y it asks whether x² = (y²-1)/(dy²+1) has a root;
// a quotient is a square exactly when the product is one, so no inverse is needed.
func onCurve(k Key) bool {
	var be [32]byte
	for i, b := range k {
		be[31-i] = b
	}
	be[0] &= 0x7f // the top bit is x's sign
	y := new(big.Int).SetBytes(be[:])
	y.Mul(y, y)
	u := new(big.Int).Sub(y, one)
	v := y.Mul(y, edwardsD)
	v.Add(v, one)
	u.Mul(u, v.Mod(v, p25519))
	return big.Jacobi(u.Mod(u, p25519), p25519) >= 0
}

// findPDA is find_program_address: the first address of sha256(seeds, bump, program, "ProgramDerivedAddress"), counting
// bump down from 255, that is no point of the curve.
func findPDA(program Key, seeds ...[]byte) (Key, uint8) {
	buf := make([]byte, 0, 256)
	for _, s := range seeds {
		buf = append(buf, s...)
	}
	at := len(buf)
	buf = append(append(append(buf, 0), program[:]...), "ProgramDerivedAddress"...)
	for bump := 255; bump > 0; bump-- {
		buf[at] = byte(bump)
		if k := Key(sha256.Sum256(buf)); !onCurve(k) {
			return k, uint8(bump)
		}
	}
	panic("chain: no bump gives a program address") // 1 in 2^255
}

func pda(program Key, seeds ...[]byte) Key {
	k, _ := findPDA(program, seeds...)
	return k
}

// associated returns owner's associated token account for mint.
func associated(owner, mint, tokenProgram Key) Key {
	return pda(idATA, owner[:], tokenProgram[:], mint[:])
}

func u16le(v uint16) []byte { return binary.LittleEndian.AppendUint16(nil, v) }
