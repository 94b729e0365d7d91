package main

import (
	"math/big"
	"testing"

	"weir/abi/guest"
	"weir/abi/guest/guesttest"
	"weir/plugins/internal/handmade"
	"weir/plugins/internal/pumpfun"
	"weir/plugins/internal/recorded"
	"weir/plugins/internal/token"
)

var (
	program   = guest.MustKey(pumpfun.Program)
	authority = guest.MustKey(pumpfun.EventAuthority)
	stock     = handmade.Key("stock")
)

func hop(mint string, quote guest.Pubkey) handmade.Trade {
	return handmade.Trade{
		Mint: handmade.Key(mint), User: handmade.Key("user"), Creator: handmade.Key("creator"), Quote: quote,
		QuoteAmount: 1000, TokenAmount: 2000, VirtualQuote: 7, VirtualTokens: 3_000_000, Buy: true,
	}
}

func event(e handmade.Trade, price *big.Rat) recorded.Event {
	want := recorded.Event{"type": "price", "mint": e.Mint.String(), "quote_mint": e.Quote.String(),
		"virtual_quote_reserves": "7", "virtual_token_reserves": "3000000", "is_buy": true}
	if e.VirtualTokens == 0 {
		want["virtual_token_reserves"] = "0"
	}
	if price != nil {
		want["price"] = recorded.Price{Rat: price}
	}
	return want
}

// TestMultiHop has one transaction of three hops, called by another program, each in another quote currency.
func TestMultiHop(t *testing.T) {
	trades := []handmade.Trade{
		hop("a", guest.Pubkey{}), hop("b", stock), hop("c", handmade.Key("unknown")), hop("d", token.WrappedSOL),
	}
	var tx handmade.Transaction
	tx.Token(stock, 2)
	x := tx.Do(handmade.Key("PumpSwap"), []byte{0x2b}, program)
	for _, e := range trades {
		x.Call(program, []byte{0xe1}).Report(program, authority, e.Payload())
	}
	r := guesttest.Open(t, "").Match(tx.Update())
	if r.Verdict != 4 {
		t.Errorf("verdict %d %s", r.Verdict, r.Reason)
	}
	recorded.Same(t, r.Events, event(trades[0], big.NewRat(7, 3e9)), event(trades[1], big.NewRat(7, 300)), event(trades[2], nil),
		event(trades[3], big.NewRat(7, 3e9)))
}

func TestNoTokensLeft(t *testing.T) {
	e := hop("a", guest.Pubkey{})
	e.VirtualTokens = 0
	var tx handmade.Transaction
	tx.Do(program, nil).Report(program, authority, e.Payload())
	recorded.Same(t, guesttest.Open(t, "").Match(tx.Update()).Events, event(e, nil))
}

// TestOtherPrograms has the same event of programs that share its name.
func TestOtherPrograms(t *testing.T) {
	var tx handmade.Transaction
	tx.Name(program)
	for _, other := range []string{"LanMV9sAd7wArD4vJFi2qDdfnVhFxYSUg6eADduJ3uj", "MoonCVVNZFSYkqNXP6bxHLPL6QQJiMagDL3qcqUQTrG"} {
		k := guest.MustKey(other)
		tx.Do(k, nil).Report(k, authority, hop("a", guest.Pubkey{}).Payload())
	}
	if r := guesttest.Open(t, "").Match(tx.Update()); r.Verdict != 0 {
		t.Errorf("verdict %d: %s", r.Verdict, r.Events)
	}
}

func TestFailed(t *testing.T) {
	tx := handmade.Transaction{Failed: true}
	tx.Do(program, nil).Report(program, authority, hop("a", guest.Pubkey{}).Payload())
	if r := guesttest.Open(t, "").Match(tx.Update()); r.Verdict != 0 || r.Dropped != 0 {
		t.Errorf("verdict %d, %d events", r.Verdict, r.Dropped)
	}
}

func TestMalformed(t *testing.T) {
	payload := hop("a", guest.Pubkey{}).Payload()
	var tx handmade.Transaction
	x := tx.Do(program, nil).Report(program, authority, payload[:112])
	g := guesttest.Open(t, "")
	if r := g.Match(tx.Update()); r.Verdict >= 0 || r.Reason == "" {
		t.Errorf("a cut event: verdict %d %q", r.Verdict, r.Reason)
	}
	x.Report(program, authority, payload)
	if r := g.Match(tx.Update()); r.Verdict != 1 || len(r.Logs) != 1 {
		t.Errorf("a cut event beside a good one: verdict %d, logs %v", r.Verdict, r.Logs)
	}
	raw := tx.Update()
	if r := g.Match(raw[:len(raw)-1]); r.Verdict >= 0 {
		t.Errorf("a cut update: verdict %d", r.Verdict)
	}
	if n, _ := g.Metric("malformed"); n != 3 {
		t.Errorf("%v malformed", n)
	}
}

func TestUnknownTail(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(program, nil).Report(program, authority, append(hop("a", guest.Pubkey{}).Payload(), make([]byte, 32)...))
	g := guesttest.Open(t, "")
	if r := g.Match(tx.Update()); r.Verdict != 1 {
		t.Errorf("verdict %d", r.Verdict)
	}
	if n, _ := g.Metric("unknown_tail"); n != 1 {
		t.Errorf("%v unknown tails", n)
	}
}

func TestConfig(t *testing.T) {
	a, b := hop("a", guest.Pubkey{}), hop("b", guest.Pubkey{})
	var tx handmade.Transaction
	tx.Do(program, nil).Report(program, authority, a.Payload()).Report(program, authority, b.Payload())
	g := guesttest.Open(t, `{"mints":["`+b.Mint.String()+`"],"commitment":"PROCESSED"}`)
	recorded.Same(t, g.Match(tx.Update()).Events, event(b, big.NewRat(7, 3e9)))
}

// TestNoAllocation: once warm, a trade costs no allocation in the monitor.
func TestNoAllocation(t *testing.T) {
	guesttest.Open(t, "")
	u := guest.NewUpdate(guesttest.Fixture(t, "pumpfun_price/samples.pbld")[0], 1)
	payloads := 0
	if n := testing.AllocsPerRun(100, func() {
		tx, _ := u.Transaction()
		for _, p := range events.Payloads(tx) {
			trade.Decode(p)
			text, _ = appendPrice(text[:0], tx)
			payloads++
		}
	}); n != 0 || payloads == 0 {
		t.Errorf("%v allocations, %d trades", n, payloads)
	}
}
