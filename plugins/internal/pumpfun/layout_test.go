package pumpfun_test

import (
	"strconv"
	"testing"

	"weir/abi/guest"
	"weir/plugins/internal/handmade"
	"weir/plugins/internal/pumpfun"
)

func decimal(v uint64) string { return strconv.FormatUint(v, 10) }

// trade is a TradeEvent of every known field, with one shareholder.
func trade() handmade.Layout {
	l := handmade.Begin(uint64(pumpfun.TradeEvent)).Key(handmade.Key("mint")).U64(11, 12).Bytes(1).Key(handmade.Key("user"))
	l = l.U64(13, 14, 15, 16, 17).Key(handmade.Key("fee recipient")).U64(95, 18).Key(handmade.Key("creator")).U64(30, 19)
	l = l.Bytes(1).U64(20, 21, 22, 23).String("buy").Bytes(0).U64(24, 25, 26, 27)
	l = l.U32(1).Key(handmade.Key("shareholder")).Bytes(0x10, 0x27)
	return l.Key(handmade.Key("quote")).U64(28, 29, 30).U64(31, 32).U64(33)
}

// TestTradeLengths decodes a trade cut to every length: what the bytes lack is absent, and nothing else is.
func TestTradeLengths(t *testing.T) {
	full := trade()
	// Where each field ends, in the layout above.
	const fee, creator, name, quote, amounts, holders, unclaimed = 177, 209, 265, 368, 392, 408, 416
	if len(full) != unclaimed {
		t.Fatalf("the layout has %d bytes", len(full))
	}
	for n := range len(full) + 1 {
		var e pumpfun.Trade
		ok := e.Decode(full[:n])
		if ok != (n >= 113) {
			t.Fatalf("%d bytes: decoded %v", n, ok)
		}
		if !ok {
			continue
		}
		wantAmount, wantVirtual := uint64(11), uint64(14)
		if n >= amounts-8 {
			wantAmount, wantVirtual = 28, 29
		}
		if e.QuoteAmount != wantAmount || e.VirtualQuote != wantVirtual || e.VirtualToken != 15 || e.TokenAmount != 12 {
			t.Errorf("%d bytes: amounts %d %d, reserves %d %d", n, e.QuoteAmount, e.TokenAmount, e.VirtualQuote, e.VirtualToken)
		}
		if e.HasFee != (n >= fee) || (e.Creator != nil) != (n >= creator) || (e.IxName != nil) != (n >= name) ||
			(e.QuoteMint != nil) != (n >= quote) {
			t.Errorf("%d bytes: fee %v, creator %v, ix_name %q, quote mint %v", n, e.HasFee, e.Creator != nil, e.IxName, e.QuoteMint != nil)
		}
		if complete := n == amounts || n == holders || n == unclaimed; complete && e.Tail != 0 {
			t.Errorf("%d bytes: unknown tail %d", n, e.Tail)
		}
	}
}

func TestTradeTail(t *testing.T) {
	var e pumpfun.Trade
	if !e.Decode(trade().U64(34, 35)) || e.Tail != 16 || e.QuoteAmount != 28 {
		t.Errorf("tail %d, quote amount %d", e.Tail, e.QuoteAmount)
	}
}

// TestTradeShareholders has a count of shareholders that the bytes cannot hold: what is before it stands.
func TestTradeShareholders(t *testing.T) {
	l := trade()
	const count = 265 + 33
	copy(l[count:], []byte{0xff, 0xff, 0xff, 0xff})
	var e pumpfun.Trade
	if !e.Decode(l) || e.QuoteMint != nil || e.QuoteAmount != 11 || string(e.IxName) != "buy" || e.Tail == 0 {
		t.Errorf("%+v", e)
	}
}

func create() handmade.Layout {
	l := handmade.Begin(uint64(pumpfun.CreateEvent)).String("n").String("").String("u")
	l = l.Key(handmade.Key("mint")).Key(handmade.Key("curve")).Key(handmade.Key("user")).Key(handmade.Key("creator"))
	l = l.U64(1, 2, 3, 4, 5).Key(handmade.Key("token program")).Bytes(0, 0).Key(handmade.Key("quote")).U64(6)
	return l.U64(7).Bytes(0).Bytes(2)
}

func TestCreateLengths(t *testing.T) {
	full := create()
	const base, creator, quote, newest = 8 + 14 + 96, 8 + 14 + 128, 8 + 14 + 128 + 40 + 32 + 2 + 32, 8 + 14 + 128 + 40 + 32 + 2 + 32 + 8 + 10
	if len(full) != newest {
		t.Fatalf("the layout has %d bytes", len(full))
	}
	for n := range len(full) + 1 {
		var e pumpfun.Create
		if ok := e.Decode(full[:n]); ok != (n >= base) {
			t.Fatalf("%d bytes: decoded %v", n, ok)
		} else if !ok {
			continue
		}
		if string(e.Name) != "n" || e.Symbol == nil || len(e.Symbol) != 0 || string(e.URI) != "u" {
			t.Errorf("%d bytes: texts %q %q %q", n, e.Name, e.Symbol, e.URI)
		}
		if (e.Creator != nil) != (n >= creator) || (e.QuoteMint != nil) != (n >= quote) {
			t.Errorf("%d bytes: creator %v, quote mint %v", n, e.Creator != nil, e.QuoteMint != nil)
		}
	}
	var e pumpfun.Create
	if !e.Decode(append(full, 1, 2, 3)) || e.Tail != 3 {
		t.Errorf("unknown tail %d", e.Tail)
	}
}

func TestCurveLengths(t *testing.T) {
	l := handmade.Begin(uint64(pumpfun.BondingCurveAccount)).U64(1, 2, 3, 4, 5).Bytes(1).Key(handmade.Key("creator"))
	l = l.Bytes(0, 1).Key(guest.Pubkey{}).U64(6).Bytes(0, 0).U64(7, 8).Bytes(1).U64(9, 10, 11)
	if len(l) != 166 {
		t.Fatalf("the layout has %d bytes", len(l))
	}
	for n := range len(l) + 1 {
		var v pumpfun.Curve
		if ok := v.Decode(l[:n]); ok != (n >= 49) {
			t.Fatalf("%d bytes: decoded %v", n, ok)
		} else if !ok {
			continue
		}
		if v.VirtualToken != 1 || v.VirtualQuote != 2 || v.RealToken != 3 || v.RealQuote != 4 || v.TotalSupply != 5 || !v.Complete {
			t.Errorf("%d bytes: %+v", n, v)
		}
		if (v.Creator != nil) != (n >= 81) || (v.QuoteMint != nil) != (n >= 115) || v.Tail != 0 {
			t.Errorf("%d bytes: creator %v, quote mint %v, tail %d", n, v.Creator != nil, v.QuoteMint != nil, v.Tail)
		}
	}
	var v pumpfun.Curve
	room := make([]byte, 256)
	copy(room, l)
	if !v.Decode(room) || v.Tail != 0 {
		t.Errorf("an account with room for more: tail %d", v.Tail)
	}
	room[200] = 1
	if !v.Decode(room) || v.Tail != 201-166 {
		t.Errorf("a field beyond the known: tail %d", v.Tail)
	}
}

func TestOldGraduationEvents(t *testing.T) {
	l := handmade.Begin(uint64(pumpfun.CompleteEvent)).Key(handmade.Key("user")).Key(handmade.Key("mint")).Key(handmade.Key("curve")).U64(1)
	var c pumpfun.Complete
	if !c.Decode(l) || c.Tail != 0 || c.Decode(l[:len(l)-1]) {
		t.Errorf("a CompleteEvent without quote mint: tail %d", c.Tail)
	}
	m := handmade.Begin(uint64(pumpfun.MigrationEvent)).Key(handmade.Key("user")).Key(handmade.Key("mint")).U64(1, 2, 3)
	m = m.Key(handmade.Key("curve")).U64(4).Key(handmade.Key("pool"))
	var e pumpfun.Migration
	if !e.Decode(m) || e.Tail != 0 || e.Decode(m[:len(m)-1]) {
		t.Errorf("a migration without quote mint: tail %d", e.Tail)
	}
	if pool := handmade.Key("pool"); e.Decode(m) && !pool.Is(e.Pool) {
		t.Errorf("pool %x", e.Pool)
	}
}
