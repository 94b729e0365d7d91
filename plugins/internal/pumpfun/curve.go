package pumpfun

import (
	"weir/abi/guest"
	"weir/plugins/internal/anchor"
)

// Curve is a BondingCurve account. Its slices point into the decoded bytes.
type Curve struct {
	VirtualToken uint64 // base units; all reserves are 0 once the token has migrated
	VirtualQuote uint64
	RealToken    uint64
	RealQuote    uint64
	TotalSupply  uint64
	Complete     bool
	Creator      []byte // since May 2025
	QuoteMint    []byte // since May 2026; 32 zero bytes are SOL

	Tail int // bytes beyond what is known
}

// CurveComplete is the offset of the flag that the curve has sold out, one byte.
const CurveComplete = 48

// Offsets of a BondingCurve.
const (
	curveVirtualToken = 8
	curveVirtualQuote = 16
	curveRealToken    = 24
	curveRealQuote    = 32
	curveTotalSupply  = 40
	curveBase         = 49 // the oldest length
	curveCreator      = 49
	curveQuoteMint    = 83
	curveEnd          = 166 // the newest length
)

// IsCurve reports whether an account's data are those of a bonding curve. The caller has made sure of the account's owner.
func IsCurve(data []byte) bool { return anchor.Of(data) == BondingCurveAccount }

// Decode reads an account's data. It is false where the data are no bonding curve or are too few for the oldest layout. The caller has
// made sure of the account's owner.
func (v *Curve) Decode(data []byte) bool {
	if len(data) < curveBase || !IsCurve(data) {
		return false
	}
	*v = Curve{}
	v.VirtualToken, _ = guest.U64At(data, curveVirtualToken)
	v.VirtualQuote, _ = guest.U64At(data, curveVirtualQuote)
	v.RealToken, _ = guest.U64At(data, curveRealToken)
	v.RealQuote, _ = guest.U64At(data, curveRealQuote)
	v.TotalSupply, _ = guest.U64At(data, curveTotalSupply)
	v.Complete = data[CurveComplete] != 0
	v.Creator = guest.KeyAt(data, curveCreator)
	v.QuoteMint = guest.KeyAt(data, curveQuoteMint)
	v.Tail = unknownTail(data)
	return true
}

// unknownTail returns the number of bytes beyond the known fields, without the zeros of an account that is larger than its fields.
func unknownTail(data []byte) int {
	end := len(data)
	for end > curveEnd && data[end-1] == 0 {
		end--
	}
	return max(end-curveEnd, 0)
}
