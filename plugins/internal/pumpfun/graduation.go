package pumpfun

import "weir/abi/guest"

// Complete is a CompleteEvent: the last token of a bonding curve is sold. Its slices point into the decoded bytes.
type Complete struct {
	User         []byte
	Mint         []byte
	BondingCurve []byte
	Tail         int // bytes beyond what is known
}

// Lengths of the events of a graduation. The first has had a quote mint since May 2026.
const (
	completeBase   = 112
	completeQuote  = 144
	migrationBase  = 168
	migrationQuote = 200
)

// Decode reads an event's payload from its discriminator on. It is false where the bytes are too few for the oldest layout.
func (e *Complete) Decode(payload []byte) bool {
	if len(payload) < completeBase {
		return false
	}
	e.User = guest.KeyAt(payload, 8)
	e.Mint = guest.KeyAt(payload, 40)
	e.BondingCurve = guest.KeyAt(payload, 72)
	e.Tail = tail(payload, completeBase, completeQuote)
	return true
}

// Migration is a CompletePumpAmmMigrationEvent: a graduated token now has its PumpSwap pool. Its slices point into the decoded bytes.
type Migration struct {
	User         []byte // who sent the migration; anyone can
	Mint         []byte
	BondingCurve []byte
	Pool         []byte
	Tail         int // bytes beyond what is known
}

// Decode reads an event's payload from its discriminator on. It is false where the bytes are too few for the oldest layout.
func (e *Migration) Decode(payload []byte) bool {
	if len(payload) < migrationBase {
		return false
	}
	e.User = guest.KeyAt(payload, 8)
	e.Mint = guest.KeyAt(payload, 40)
	e.BondingCurve = guest.KeyAt(payload, 96)
	e.Pool = guest.KeyAt(payload, 136)
	e.Tail = tail(payload, migrationBase, migrationQuote)
	return true
}

// tail returns how many bytes there are beyond the known lengths of a layout.
func tail(b []byte, lengths ...int) int {
	known := 0
	for _, n := range lengths {
		if len(b) >= n {
			known = n
		}
	}
	return len(b) - known
}
