package main

import (
	"testing"

	"weir/abi/guest"
	"weir/abi/guest/guesttest"
	"weir/plugins/internal/handmade"
	"weir/plugins/internal/raydium"
)

func account(owner guest.Pubkey, size int) []byte {
	data := make([]byte, size)
	for i, name := range map[int]string{400: "coin", 432: "pc"} {
		k := handmade.Key(name)
		if i+32 <= size {
			copy(data[i:], k[:])
		}
	}
	return handmade.Account(handmade.Key("pubkey"), owner, data)
}

func TestMatch(t *testing.T) {
	g := guesttest.Open(t, "")
	for name, c := range map[string]struct {
		update []byte
		want   int32
	}{
		"a pool":            {account(raydium.AMMv4Key, 752), 1},
		"another size":      {account(raydium.AMMv4Key, 753), 0},
		"another's":         {account(guest.MustKey(raydium.CPMM), 752), 0},
		"no account at all": {new(handmade.Transaction).Update(), 0},
	} {
		if r := g.Match(c.update); r.Verdict != c.want {
			t.Errorf("%s: verdict %d %s, want %d", name, r.Verdict, r.Reason, c.want)
		}
	}
}

func TestConfig(t *testing.T) {
	for name, want := range map[string]int32{"coin": 1, "pc": 1, "lp": 0} {
		g := guesttest.Open(t, `{"mints":["`+handmade.Key(name).String()+`"]}`)
		if r := g.Match(account(raydium.AMMv4Key, 752)); r.Verdict != want {
			t.Errorf("%s: verdict %d, want %d", name, r.Verdict, want)
		}
	}
}
