// Pumpfun-transaction-monitor reports every trade on a pump.fun bonding curve: one event per TradeEvent, however the trade was made
// (directly, by a router, as one hop of many), counted once.
//
// Amounts are in base units. Fee, creator and ix_name are missing where the trade is older than those fields.
package main

import (
	"errors"

	"weir/abi/guest"
	"weir/plugins/internal/option"
	"weir/plugins/internal/pumpfun"
	"weir/plugins/internal/tally"
)

var manifest = guest.Manifest{
	Name:        "pumpfun-transaction-monitor",
	Version:     "1.0.0",
	Description: "Every buy and sell on a pump.fun bonding curve",
	Group:       guest.High,
	Subscribe:   pumpfun.SubscribeTrades(option.Keys{}, guest.Confirmed),
	Events: guest.Events{{Name: "trade", Fields: guest.Fields{
		{Name: "mint", Type: guest.TypePubkey},
		{Name: "user", Type: guest.TypePubkey},
		{Name: "is_buy", Type: guest.TypeBool},
		{Name: "quote_amount", Type: guest.TypeU64},
		{Name: "token_amount", Type: guest.TypeU64},
		{Name: "quote_mint", Type: guest.TypePubkey},
		{Name: "fee", Type: guest.TypeU64},
		{Name: "creator", Type: guest.TypePubkey},
		{Name: "ix_name", Type: guest.TypeString},
	}}},
	Config: guest.Options{
		{Name: "mints", Type: guest.ConfigArray, Default: "[]", Doc: "report trades of these tokens only"},
		{Name: "users", Type: guest.ConfigArray, Default: "[]", Doc: "report trades of these wallets only"},
		{Name: "min_quote_amount", Type: guest.ConfigNumber, Default: "0",
			Doc: "report trades of at least this much only, in base units of the quote currency (1e9 is 1 SOL)"},
		option.Commitment,
	},
}

var (
	mints, users   option.Keys
	minQuoteAmount uint64
	events         = pumpfun.Events(pumpfun.TradeEvent)
	count          = tally.New()
	trade          pumpfun.Trade
)

func init() {
	guest.Register(guest.Monitor{Manifest: manifest, Match: match, Configure: configure})
}

func configure(c *guest.Config, m *guest.Manifest) (err error) {
	if mints, err = option.ReadKeys(c, "mints"); err != nil {
		return err
	}
	if users, err = option.ReadKeys(c, "users"); err != nil {
		return err
	}
	least, ok := c.Int("min_quote_amount")
	if !ok || least < 0 {
		return errors.New("config.min_quote_amount: not a whole number of base units")
	}
	minQuoteAmount = uint64(least)
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
		case mints.Allows(trade.Mint) && users.Allows(trade.User) && trade.QuoteAmount >= minQuoteAmount:
			count.Tail(trade.Tail)
			emit()
		}
	}
	if events.Undecodable() > 0 {
		count.Malformed("a logged TradeEvent is no base64")
	}
	return count.Result(u)
}

func emit() {
	e := guest.NewEvent("trade").
		Key("mint", trade.Mint).
		Key("user", trade.User).
		Bool("is_buy", trade.IsBuy).
		U64String("quote_amount", trade.QuoteAmount).
		U64String("token_amount", trade.TokenAmount).
		Key("quote_mint", trade.QuoteMint)
	if trade.HasFee {
		e.U64String("fee", trade.Fee)
	}
	count.Emit(e.Key("creator", trade.Creator).Text("ix_name", trade.IxName))
}

func main() {}
