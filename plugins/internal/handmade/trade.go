package handmade

import "weir/abi/guest"

// Trade is a pump.fun TradeEvent of the layout since May 2026.
type Trade struct {
	Mint, User, Creator, Quote  guest.Pubkey
	QuoteAmount, TokenAmount    uint64
	VirtualQuote, VirtualTokens uint64
	Buy                         bool
}

// Payload returns the event's bytes from its discriminator on. The fields in SOL are zero where the quote mint is not the zero key, as
// the program writes them.
func (e Trade) Payload() []byte {
	var sol, virtualSOL uint64
	if e.Quote.IsZero() {
		sol, virtualSOL = e.QuoteAmount, e.VirtualQuote
	}
	buy := byte(0)
	if e.Buy {
		buy = 1
	}
	l := Begin(0xbddb7fd34ee661ee).Key(e.Mint).U64(sol, e.TokenAmount).Bytes(buy).Key(e.User)
	l = l.U64(1_780_000_000, virtualSOL, e.VirtualTokens, 0, 0)
	l = l.Key(guest.Pubkey{}).U64(95, e.QuoteAmount/100).Key(e.Creator).U64(30, 1)
	l = l.Bytes(0).U64(0, 0, 0, 0).String("multi_hop_swap").Bytes(0).U64(0, 0, 0, 0).U32(0)
	return l.Key(e.Quote).U64(e.QuoteAmount, e.VirtualQuote, 0)
}
