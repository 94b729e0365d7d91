package main

import (
	"strings"
	"testing"

	"weir/abi/guest"
	"weir/abi/guest/guesttest"
	"weir/plugins/internal/handmade"
	"weir/plugins/internal/pumpfun"
)

func account(owner guest.Pubkey, complete byte, size int) []byte {
	l := handmade.Begin(uint64(pumpfun.BondingCurveAccount)).U64(1, 2, 3, 4, 5).Bytes(complete).Key(handmade.Key("creator"))
	return handmade.Account(handmade.Key("pubkey"), owner, append(l, make([]byte, 200)...)[:size])
}

func TestMatch(t *testing.T) {
	g := guesttest.Open(t, "")
	for name, c := range map[string]struct {
		update []byte
		want   int32
	}{
		"oldest":            {account(pumpfun.ProgramKey, 0, 49), 1},
		"with room":         {account(pumpfun.ProgramKey, 0, 256), 1},
		"another's":         {account(handmade.Key("owner"), 0, 151), 0},
		"too short":         {account(pumpfun.ProgramKey, 0, 48), -1},
		"of another kind":   {handmade.Account(handmade.Key("p"), pumpfun.ProgramKey, handmade.Begin(0xa7e8e8b1c86c727f).U64(1, 2, 3, 4, 5, 6)), 0},
		"without data":      {handmade.Account(handmade.Key("p"), pumpfun.ProgramKey, nil), 0},
		"no account at all": {new(handmade.Transaction).Update(), 0},
	} {
		if r := g.Match(c.update); r.Verdict != c.want {
			t.Errorf("%s: verdict %d %s, want %d", name, r.Verdict, r.Reason, c.want)
		}
	}
}

func TestConfig(t *testing.T) {
	g := guesttest.Open(t, `{"complete_only":true}`)
	if r := g.Match(account(pumpfun.ProgramKey, 0, 81)); r.Verdict != 0 {
		t.Errorf("a curve that goes on: verdict %d", r.Verdict)
	}
	if r := g.Match(account(pumpfun.ProgramKey, 1, 81)); r.Verdict != 1 {
		t.Errorf("a curve that has sold out: verdict %d", r.Verdict)
	}
	if s := string(g.Manifest().Subscribe); !strings.Contains(s, `"offset":"48"`) {
		t.Errorf("the server is not told: %s", s)
	}
	g = guesttest.Open(t, `{"creators":["`+handmade.Key("creator").String()+`"]}`)
	if r := g.Match(account(pumpfun.ProgramKey, 0, 81)); r.Verdict != 1 {
		t.Errorf("a watched creator's: verdict %d", r.Verdict)
	}
	if r := g.Match(account(pumpfun.ProgramKey, 0, 49)); r.Verdict != 0 {
		t.Errorf("a curve that does not tell its creator: verdict %d", r.Verdict)
	}
}
