package pumpfun

import "weir/abi/guest"

// Offsets of a TradeEvent's fields, as far as they are fixed.
const (
	tradeMint         = 8
	tradeSOLAmount    = 40
	tradeTokenAmount  = 48
	tradeIsBuy        = 56
	tradeUser         = 57
	tradeTimestamp    = 89
	tradeVirtualSOL   = 97
	tradeVirtualToken = 105
	tradeBase         = 113 // the length of the oldest known layout (early 2024)
	tradeFee          = 169
	tradeCreator      = 177
	tradeName         = 258
)

// Runs of fields behind the name, in bytes.
const (
	tradeFees      = 1 + 8 + 8 + 8 + 8 // mayhem_mode, cashback_fee_basis_points, cashback, buyback_fee_basis_points, buyback_fee
	shareholder    = 32 + 2            // address, share in basis points
	tradeHolders   = 8 + 8             // holder_rewards_basis_points, holder_rewards; since September 2026
	tradeUnclaimed = 8                 // creator_fee_unclaimed; since October 2026
)

// Trade is a TradeEvent: one buy or sell on a bonding curve. Its slices point into the decoded bytes.
type Trade struct {
	Mint  []byte
	User  []byte
	IsBuy bool

	// Amounts in base units of the quote currency (lamports where that is SOL) and of the token. QuoteAmount and VirtualQuote are the
	// fields of that name where the bytes have them, else sol_amount and virtual_sol_reserves: before May 2026 all quotes were SOL.
	QuoteAmount  uint64
	TokenAmount  uint64
	VirtualQuote uint64 // of the curve, after the trade
	VirtualToken uint64

	Fee       uint64 // the protocol's, in quote base units
	HasFee    bool
	Creator   []byte // since May 2025
	IxName    []byte // since October 2025; "buy" for every kind of buy but buy_exact_*
	QuoteMint []byte // since May 2026; 32 zero bytes are SOL

	Timestamp int64 // seconds since 1970
	Tail      int   // bytes beyond what is known
}

// Decode reads an event's payload from its discriminator on. It is false where the bytes are too few for the oldest layout; t is then
// in any state.
func (t *Trade) Decode(payload []byte) bool {
	if len(payload) < tradeBase {
		return false
	}
	*t = Trade{
		Mint:  payload[tradeMint : tradeMint+32 : tradeMint+32],
		User:  payload[tradeUser : tradeUser+32 : tradeUser+32],
		IsBuy: payload[tradeIsBuy] != 0,
	}
	t.QuoteAmount, _ = guest.U64At(payload, tradeSOLAmount)
	t.TokenAmount, _ = guest.U64At(payload, tradeTokenAmount)
	t.Timestamp, _ = guest.I64At(payload, tradeTimestamp)
	t.VirtualQuote, _ = guest.U64At(payload, tradeVirtualSOL)
	t.VirtualToken, _ = guest.U64At(payload, tradeVirtualToken)
	t.Fee, t.HasFee = guest.U64At(payload, tradeFee)
	t.Creator = guest.KeyAt(payload, tradeCreator)
	if len(payload) > tradeName {
		c := guest.NewCursor(payload[tradeName:])
		t.IxName = c.String()
		c.Skip(tradeFees)
		t.decodeQuote(&c)
		t.Tail = c.Remaining()
	}
	return true
}

// decodeQuote reads the fields since May 2026.
func (t *Trade) decodeQuote(c *guest.Cursor) {
	shareholders := c.U32()
	if uint64(shareholders)*shareholder > uint64(c.Remaining()) {
		return // what follows cannot be found; it is counted as a tail
	}
	c.Skip(int(shareholders) * shareholder)
	t.QuoteMint = c.Key()
	amount, virtual := c.U64(), c.U64()
	if c.OK() && t.QuoteMint != nil {
		t.QuoteAmount, t.VirtualQuote = amount, virtual
	}
	c.Skip(8) // real_quote_reserves
	for _, n := range [...]int{tradeHolders, tradeUnclaimed} {
		if c.Remaining() >= n {
			c.Skip(n)
		}
	}
}
