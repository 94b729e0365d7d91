package pumpfun

import "weir/abi/guest"

// tradeBase is the length of the oldest known TradeEvent (early 2024): up to the virtual reserves.
const tradeBase = 113

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
	c := guest.NewCursor(payload[8:])
	*t = Trade{}
	t.Mint = c.Key()
	t.QuoteAmount = c.U64()
	t.TokenAmount = c.U64()
	t.IsBuy = c.Bool()
	t.User = c.Key()
	t.Timestamp = c.I64()
	t.VirtualQuote = c.U64()
	t.VirtualToken = c.U64()
	t.decodeFees(&c)
	t.decodeQuote(&c)
	t.Tail = c.Remaining()
	return true
}

// Runs of fields that are of no use here, in bytes.
const (
	tradeBeforeFee   = 8 + 8 + 32 + 8      // real_sol_reserves, real_token_reserves, fee_recipient, fee_basis_points
	tradeBeforeName  = 8 + 8 + 1 + 8*3 + 8 // creator_fee_basis_points, creator_fee, track_volume, three volumes, last_update_timestamp
	tradeBeforeShare = 1 + 8 + 8 + 8 + 8   // mayhem_mode, cashback_fee_basis_points, cashback, buyback_fee_basis_points, buyback_fee
	shareholder      = 32 + 2              // address, share in basis points
	tradeHolders     = 8 + 8               // holder_rewards_basis_points, holder_rewards; since September 2026
	tradeUnclaimed   = 8                   // creator_fee_unclaimed; since October 2026
)

// decodeFees reads from the real reserves (2024) to the fields of March 2026.
func (t *Trade) decodeFees(c *guest.Cursor) {
	c.Skip(tradeBeforeFee)
	t.Fee = c.U64()
	t.HasFee = c.OK()
	t.Creator = c.Key()
	c.Skip(tradeBeforeName)
	t.IxName = c.String()
	c.Skip(tradeBeforeShare)
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
