package main

import (
	"testing"

	"weir/abi/guest"
	"weir/abi/guest/guesttest"
	"weir/plugins/internal/handmade"
	"weir/plugins/internal/pumpfun"
	"weir/plugins/internal/recorded"
)

var (
	program   = guest.MustKey(pumpfun.Program)
	authority = guest.MustKey(pumpfun.EventAuthority)
)

func sale(user string, amount uint64) handmade.Trade {
	return handmade.Trade{
		Mint: handmade.Key("mint"), User: handmade.Key(user), Creator: handmade.Key("creator"), Quote: handmade.Key("quote"),
		QuoteAmount: amount, TokenAmount: 2000,
	}
}

func event(e handmade.Trade, amount, fee string) recorded.Event {
	return recorded.Event{"type": "trade", "mint": e.Mint.String(), "user": e.User.String(), "is_buy": false, "quote_amount": amount,
		"token_amount": "2000", "quote_mint": e.Quote.String(), "fee": fee, "creator": e.Creator.String(), "ix_name": "multi_hop_swap"}
}

// TestLogOnly has a trade whose inner instructions the server left out, and another program that imitates one.
func TestLogOnly(t *testing.T) {
	e := sale("a", 1000)
	var tx handmade.Transaction
	tx.Do(program, []byte{1})
	tx.Logs = []string{
		"Program " + pumpfun.Program + " invoke [1]", handmade.LogData(e.Payload()), "Program " + pumpfun.Program + " success",
		"Program " + handmade.Key("x").String() + " invoke [1]", handmade.LogData(sale("b", 1).Payload()),
		"Program " + handmade.Key("x").String() + " success",
	}
	recorded.Same(t, guesttest.Open(t, "").Match(tx.Update()).Events, event(e, "1000", "10"))
}

func TestConfig(t *testing.T) {
	a, b := sale("a", 1000), sale("b", 5000)
	var tx handmade.Transaction
	tx.Do(program, nil).Report(program, authority, a.Payload()).Report(program, authority, b.Payload())
	wantA, wantB := event(a, "1000", "10"), event(b, "5000", "50")
	for config, want := range map[string][]recorded.Event{
		``:                                         {wantA, wantB},
		`{"min_quote_amount":1000}`:                {wantA, wantB},
		`{"min_quote_amount":1001}`:                {wantB},
		`{"min_quote_amount":1e9}`:                 nil,
		`{"users":["` + a.User.String() + `"]}`:    {wantA},
		`{"mints":["` + a.Mint.String() + `"]}`:    {wantA, wantB},
		`{"mints":["` + a.Creator.String() + `"]}`: nil,
	} {
		recorded.Same(t, guesttest.Open(t, config).Match(tx.Update()).Events, want...)
	}
	for _, bad := range []string{
		`{"min_quote_amount":-1}`, `{"min_quote_amount":0.5}`, `{"users":["x"]}`, `{"mints":[1]}`, `{"commitment":""}`,
	} {
		if err := guesttest.Configure(bad); err == nil {
			t.Errorf("%s: taken", bad)
		}
	}
}
