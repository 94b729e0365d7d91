package pumpfun_test

import (
	"testing"

	"weir/abi/guest"
	"weir/plugins/internal/pumpfun"
	"weir/plugins/internal/recorded"
)

// TestVectors holds the decoders against recorded events, each at its own length.
func TestVectors(t *testing.T) {
	seen := map[string]int{}
	for _, v := range recorded.Vectors(t) {
		f := fields{t, v.Event + " of " + v.Facts.Text("mint"), v.Facts}
		switch v.Event {
		case "TradeEvent":
			var e pumpfun.Trade
			f.decoded(e.Decode(v.Payload), e.Tail)
			f.key("mint", e.Mint).key("user", e.User).key("creator", e.Creator).key("quote_mint", e.QuoteMint)
			f.number("quote_amount", e.QuoteAmount).number("token_amount", e.TokenAmount).number("fee", e.Fee)
			f.number("virtual_quote_reserves", e.VirtualQuote).number("virtual_token_reserves", e.VirtualToken)
			f.number("timestamp", uint64(e.Timestamp)).text("ix_name", e.IxName)
			if want := v.Facts["is_buy"]; want != e.IsBuy || !e.HasFee {
				t.Errorf("%s: is_buy %v, want %v; fee known: %v", f.what, e.IsBuy, want, e.HasFee)
			}
		case "CreateEvent":
			var e pumpfun.Create
			f.decoded(e.Decode(v.Payload), e.Tail)
			f.key("mint", e.Mint).key("bonding_curve", e.BondingCurve).key("user", e.User).key("creator", e.Creator)
			f.text("name", e.Name).text("symbol", e.Symbol).text("uri", e.URI).key("quote_mint", e.QuoteMint)
		case "CompleteEvent":
			var e pumpfun.Complete
			f.decoded(e.Decode(v.Payload), e.Tail)
			f.key("user", e.User).key("mint", e.Mint).key("bonding_curve", e.BondingCurve)
		case "CompletePumpAmmMigrationEvent":
			var e pumpfun.Migration
			f.decoded(e.Decode(v.Payload), e.Tail)
			f.key("user", e.User).key("mint", e.Mint).key("bonding_curve", e.BondingCurve).key("pool", e.Pool)
		default:
			continue
		}
		seen[v.Event]++
	}
	if len(seen) < 4 {
		t.Errorf("vectors of %v, want all four events", seen)
	}
}

// fields compares decoded fields with facts.
type fields struct {
	t     *testing.T
	what  string
	facts recorded.Facts
}

func (f fields) decoded(ok bool, tail int) {
	f.t.Helper()
	if !ok || tail != 0 {
		f.t.Fatalf("%s: decoded: %v, unknown tail %d", f.what, ok, tail)
	}
}

func (f fields) text(name string, got []byte) fields {
	f.t.Helper()
	if want := f.facts.Text(name); want != string(got) {
		f.t.Errorf("%s: %s is %q, want %q", f.what, name, got, want)
	}
	return f
}

func (f fields) key(name string, got []byte) fields {
	f.t.Helper()
	return f.text(name, guest.AppendBase58(nil, got))
}

func (f fields) number(name string, got uint64) fields {
	f.t.Helper()
	if want := f.facts.Text(name); want != decimal(got) {
		f.t.Errorf("%s: %s is %d, want %s", f.what, name, got, want)
	}
	return f
}
