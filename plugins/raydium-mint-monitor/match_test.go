package main

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"weir/abi/guest"
	"weir/abi/guest/guesttest"
	"weir/plugins/internal/handmade"
	"weir/plugins/internal/raydium"
	"weir/plugins/internal/recorded"
)

func keys(n int) (list []guest.Pubkey) {
	for i := range n {
		list = append(list, handmade.Key(fmt.Sprint(i)))
	}
	return list
}

func text(i int) string { return handmade.Key(fmt.Sprint(i)).String() }

func withPermission() []byte {
	sum := sha256.Sum256([]byte("global:initialize_with_permission"))
	return append(sum[:8:8], make([]byte, 24)...)
}

var initialize2 = append([]byte{1, 254}, make([]byte, 24)...)

// TestSeveral has two pools in one transaction, one of them made by a call of a program that is loaded from a table.
func TestSeveral(t *testing.T) {
	var tx handmade.Transaction
	tx.Name(keys(30)...)
	tx.Name(handmade.Key("router"))
	tx.Load(guest.MustKey(raydium.CPMM), guest.MustKey(raydium.AMMv4), guest.MustKey(raydium.CPMMFee))
	tx.Do(handmade.Key("router"), nil).Call(guest.MustKey(raydium.CPMM), withPermission(), keys(21)...)
	tx.Do(guest.MustKey(raydium.AMMv4), initialize2, keys(19)...)
	r := guesttest.Open(t, "").Match(tx.Update())
	if r.Verdict != 2 {
		t.Errorf("verdict %d", r.Verdict)
	}
	recorded.Same(t, r.Events,
		recorded.Event{"type": "pool", "program": "cpmm", "pool": text(4), "base_mint": text(5), "quote_mint": text(6),
			"base_vault": text(11), "quote_vault": text(12), "lp_mint": text(7), "creator": text(1)},
		recorded.Event{"type": "pool", "program": "amm_v4", "pool": text(4), "base_mint": text(7), "quote_mint": text(8),
			"base_vault": text(9), "quote_vault": text(10), "lp_mint": text(6), "creator": text(15)})
}

func TestFailed(t *testing.T) {
	tx := handmade.Transaction{Failed: true}
	tx.Do(guest.MustKey(raydium.AMMv4), initialize2, keys(21)...)
	if r := guesttest.Open(t, "").Match(tx.Update()); r.Verdict != 0 || r.Dropped != 0 {
		t.Errorf("verdict %d, %d events dropped", r.Verdict, r.Dropped)
	}
}

func TestMalformed(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(guest.MustKey(raydium.AMMv4), initialize2, keys(10)...)
	g := guesttest.Open(t, "")
	if r := g.Match(tx.Update()); r.Verdict >= 0 || !strings.Contains(r.Reason, "too few accounts") {
		t.Errorf("verdict %d, %q", r.Verdict, r.Reason)
	}
	tx.Do(guest.MustKey(raydium.AMMv4), initialize2, keys(21)...)
	if r := g.Match(tx.Update()); r.Verdict != 1 || len(r.Logs) != 1 {
		t.Errorf("beside a good pool: verdict %d, logs %v", r.Verdict, r.Logs)
	}
	if n, _ := g.Metric("malformed"); n != 2 {
		t.Errorf("%v malformed", n)
	}
}

func TestConfig(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(guest.MustKey(raydium.AMMv4), initialize2, keys(21)...)
	for config, want := range map[string]int32{
		`{"programs":["amm_v4"]}`:           1,
		`{"programs":["cpmm","launchlab"]}`: 0,
		`{"mints":["` + text(8) + `"]}`:     1,
		`{"mints":["` + text(9) + `"]}`:     1,
		`{"mints":["` + text(10) + `"]}`:    0,
		`{"commitment":"PROCESSED"}`:        1,
	} {
		if r := guesttest.Open(t, config).Match(tx.Update()); r.Verdict != want {
			t.Errorf("%s: verdict %d, want %d", config, r.Verdict, want)
		}
	}
	if m := guesttest.Open(t, `{"programs":["cpmm"]}`).Manifest(); strings.Contains(string(m.Subscribe), raydium.LaunchLab) {
		t.Errorf("LaunchLab is asked for: %s", m.Subscribe)
	}
	for _, bad := range []string{
		`{"programs":[]}`, `{"programs":["clmm"]}`, `{"programs":[1]}`, `{"programs":["cpmm","cpmm"]}`, `{"mints":["x"]}`,
		`{"commitment":"confirmed"}`,
	} {
		if err := guesttest.Configure(bad); err == nil {
			t.Errorf("%s: taken", bad)
		}
	}
}
