// Pumpfun-price-monitor reports the price after every trade on a pump.fun bonding curve: one event per TradeEvent, however the trade
// was made (directly, by a router, as one hop of many), counted once.
//
// The price is in whole units of the quote currency per whole token. It is left out where the decimals of the quote currency cannot be
// told: those of SOL are known, those of another mint are taken from the transaction's token balances.
package main

import (
	"weir/abi/guest"
	"weir/plugins/internal/option"
	"weir/plugins/internal/price"
	"weir/plugins/internal/pumpfun"
	"weir/plugins/internal/tally"
	"weir/plugins/internal/token"
)

var manifest = guest.Manifest{
	Name:        "pumpfun-price-monitor",
	Version:     "1.0.0",
	Description: "Price of a token after every trade on a pump.fun bonding curve",
	Group:       guest.High,
	Subscribe:   pumpfun.SubscribeTrades(option.Keys{}, guest.Confirmed),
	Events: guest.Events{{Name: "price", Fields: guest.Fields{
		{Name: "mint", Type: guest.TypePubkey},
		{Name: "price", Type: guest.TypeDecimal},
		{Name: "quote_mint", Type: guest.TypePubkey},
		{Name: "virtual_quote_reserves", Type: guest.TypeU64},
		{Name: "virtual_token_reserves", Type: guest.TypeU64},
		{Name: "is_buy", Type: guest.TypeBool},
	}}},
	Config: guest.Options{
		{Name: "mints", Type: guest.ConfigArray, Default: "[]", Doc: "report these tokens only"},
		option.Commitment,
	},
}

var (
	mints  option.Keys
	events = pumpfun.Events(pumpfun.TradeEvent)
	count  = tally.New()
	trade  pumpfun.Trade
	text   []byte // of the quote mint, then of the price
)

func init() {
	guest.Register(guest.Monitor{Manifest: manifest, Match: match, Configure: configure})
}

func configure(c *guest.Config, m *guest.Manifest) (err error) {
	if mints, err = option.ReadKeys(c, "mints"); err != nil {
		return err
	}
	level, err := option.ReadCommitment(c)
	m.Subscribe = pumpfun.SubscribeTrades(mints, level)
	return err
}

func match(u *guest.Update) int32 {
	count.Reset()
	tx, ok := u.Transaction()
	if !ok || tx.Failed() {
		return count.Result(u)
	}
	for _, payload := range events.Payloads(tx) {
		switch {
		case !trade.Decode(payload):
			count.Malformed("a TradeEvent is too short")
		case mints.Allows(trade.Mint):
			count.Tail(trade.Tail)
			emit(tx)
		}
	}
	if events.Undecodable() > 0 {
		count.Malformed("a logged TradeEvent is no base64")
	}
	return count.Result(u)
}

func emit(tx *guest.Transaction) {
	e := guest.NewEvent("price").Key("mint", trade.Mint)
	if text, ok := appendPrice(text[:0], tx); ok {
		e.Text("price", text)
	}
	count.Emit(e.Key("quote_mint", trade.QuoteMint).
		U64String("virtual_quote_reserves", trade.VirtualQuote).
		U64String("virtual_token_reserves", trade.VirtualToken).
		Bool("is_buy", trade.IsBuy))
}

// appendPrice appends the trade's price; false where it is not known.
func appendPrice(dst []byte, tx *guest.Transaction) (_ []byte, ok bool) {
	decimals, dst, ok := token.Decimals(tx, trade.QuoteMint, dst)
	if !ok {
		return dst, false
	}
	text, ok = price.AppendRatio(dst[:0], trade.VirtualQuote, decimals, trade.VirtualToken, pumpfun.TokenDecimals)
	return text, ok
}

func main() {}
