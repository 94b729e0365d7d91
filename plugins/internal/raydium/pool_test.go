package raydium_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"weir/abi/guest"
	"weir/plugins/internal/handmade"
	"weir/plugins/internal/raydium"
)

var (
	ammV4     = guest.MustKey(raydium.AMMv4)
	cpmm      = guest.MustKey(raydium.CPMM)
	launchLab = guest.MustKey(raydium.LaunchLab)
	fee       = guest.MustKey(raydium.AMMv4Fee)
)

// accounts are n keys named by their positions.
func accounts(n int) (keys []guest.Pubkey) {
	for i := range n {
		keys = append(keys, handmade.Key(fmt.Sprint("account ", i)))
	}
	return keys
}

func with(keys []guest.Pubkey, i int, key guest.Pubkey) []guest.Pubkey {
	keys[i] = key
	return keys
}

func discriminator(name string) []byte {
	sum := sha256.Sum256([]byte("global:" + name))
	return append(sum[:8:8], make([]byte, 24)...)
}

var initialize2 = append([]byte{1, 254}, make([]byte, 24)...)

// find returns what the only top-level instruction makes.
func find(t *testing.T, program guest.Pubkey, data []byte, keys []guest.Pubkey) (raydium.Pool, bool, error) {
	t.Helper()
	var made handmade.Transaction
	made.Do(program, data, keys...)
	tx, _ := guest.NewUpdate(made.Update(), 1).Transaction()
	var f raydium.Finder
	var p raydium.Pool
	if !f.Reset(tx) {
		return p, false, nil
	}
	found, err := f.Find(tx.Instruction(0), &p)
	return p, found, err
}

func TestLayouts(t *testing.T) {
	for _, c := range []struct {
		name    string
		program guest.Pubkey
		data    []byte
		keys    []guest.Pubkey
		want    string // the program's name, then positions of pool, base, quote, vaults, LP mint (-1: none), creator
	}{
		{"AMM v4, 21 accounts", ammV4, initialize2, accounts(21), "amm_v4 4 8 9 10 11 7 17"},
		{"AMM v4, 21 accounts, fee in place", ammV4, initialize2, with(accounts(21), 14, fee), "amm_v4 4 8 9 10 11 7 17"},
		{"AMM v4, 19 accounts", ammV4, initialize2, accounts(19), "amm_v4 4 7 8 9 10 6 15"},
		{"AMM v4, 19 accounts, fee in place", ammV4, initialize2, with(accounts(19), 13, fee), "amm_v4 4 7 8 9 10 6 15"},
		{"AMM v4, 19 accounts and two of the caller's", ammV4, initialize2, with(accounts(21), 13, fee), "amm_v4 4 7 8 9 10 6 15"},
		{"AMM v4, longer arguments", ammV4, append(initialize2, 1, 2), accounts(21), "amm_v4 4 8 9 10 11 7 17"},
		{"CPMM", cpmm, discriminator("initialize"), accounts(20), "cpmm 3 4 5 10 11 6 0"},
		{"CPMM with permission", cpmm, discriminator("initialize_with_permission"), accounts(21), "cpmm 4 5 6 11 12 7 1"},
		{"LaunchLab", launchLab, discriminator("initialize"), accounts(18), "launchlab 5 6 7 8 9 -1 1"},
		{"LaunchLab v2", launchLab, discriminator("initialize_v2"), accounts(18), "launchlab 5 6 7 8 9 -1 1"},
		{"LaunchLab of Token-2022", launchLab, discriminator("initialize_with_token_2022"), accounts(15), "launchlab 5 6 7 8 9 -1 1"},
	} {
		p, found, err := find(t, c.program, c.data, c.keys)
		if got := describe(p, c.keys); !found || err != nil || got != c.want {
			t.Errorf("%s: %s (%v, %v), want %s", c.name, got, found, err, c.want)
		}
	}
}

func describe(p raydium.Pool, keys []guest.Pubkey) string {
	text := p.Program
	for _, k := range [][]byte{p.Pool, p.BaseMint, p.QuoteMint, p.BaseVault, p.QuoteVault, p.LPMint, p.Creator} {
		at := -1
		for i := range keys {
			if keys[i].Is(k) {
				at = i
			}
		}
		text += fmt.Sprint(" ", at)
	}
	return text
}

// TestOthers has instructions that make no pool, among them all that share a discriminator with one that does.
func TestOthers(t *testing.T) {
	for name, c := range map[string]struct {
		program guest.Pubkey
		data    []byte
	}{
		"AMM v4 swap":                         {ammV4, append([]byte{9}, make([]byte, 16)...)},
		"AMM v4 initialize":                   {ammV4, append([]byte{0}, make([]byte, 25)...)},
		"AMM v4 without data":                 {ammV4, nil},
		"AMM v4 with an Anchor name":          {ammV4, discriminator("initialize")},
		"CPMM with AMM v4's tag":              {cpmm, initialize2},
		"CPMM swap":                           {cpmm, discriminator("swap_base_input")},
		"CPMM with LaunchLab's name":          {cpmm, discriminator("initialize_v2")},
		"LaunchLab with CPMM's name":          {launchLab, discriminator("initialize_with_permission")},
		"LaunchLab trade":                     {launchLab, discriminator("buy_exact_in")},
		"another program's initialize":        {handmade.Key("other"), discriminator("initialize")},
		"another program's with AMM v4's tag": {handmade.Key("other"), initialize2},
	} {
		if _, found, err := find(t, c.program, c.data, accounts(21)); found || err != nil {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
	}
}

func TestUnreadable(t *testing.T) {
	for name, c := range map[string]struct {
		program guest.Pubkey
		data    []byte
		keys    int
		want    error
	}{
		"AMM v4 cut":             {ammV4, initialize2[:25], 21, raydium.ErrShortData},
		"AMM v4 of few accounts": {ammV4, initialize2, 15, raydium.ErrFewAccounts},
		"CPMM cut":               {cpmm, discriminator("initialize")[:31], 20, raydium.ErrShortData},
		"CPMM of few accounts":   {cpmm, discriminator("initialize"), 11, raydium.ErrFewAccounts},
		"LaunchLab of few":       {launchLab, discriminator("initialize"), 9, raydium.ErrFewAccounts},
	} {
		if _, found, err := find(t, c.program, c.data, accounts(c.keys)); found || !errors.Is(err, c.want) {
			t.Errorf("%s: found %v, %v, want %v", name, found, err, c.want)
		}
	}
}

func TestAMM(t *testing.T) {
	var a raydium.AMM
	for _, n := range []int{0, 751, 753} {
		if a.Decode(make([]byte, n)) {
			t.Errorf("%d bytes decoded", n)
		}
	}
	if !a.Decode(make([]byte, raydium.AMMBytes)) {
		t.Error("752 bytes not decoded")
	}
}

// FuzzFind: no instruction makes the finder panic, and a pool that it finds is whole.
func FuzzFind(f *testing.F) {
	f.Add(uint8(0), initialize2, uint8(21))
	f.Add(uint8(1), discriminator("initialize"), uint8(20))
	f.Add(uint8(2), discriminator("initialize_v2"), uint8(3))
	f.Fuzz(func(t *testing.T, program uint8, data []byte, keys uint8) {
		p, found, err := find(t, []guest.Pubkey{ammV4, cpmm, launchLab}[program%3], data, accounts(int(keys%40)))
		if found && (err != nil || p.Pool == nil || p.BaseMint == nil || p.QuoteMint == nil || p.Creator == nil) {
			t.Errorf("%+v, %v", p, err)
		}
	})
}
