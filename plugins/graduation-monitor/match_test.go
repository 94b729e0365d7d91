package main

import (
	"fmt"
	"testing"

	"weir/abi/guest"
	"weir/abi/guest/guesttest"
	"weir/plugins/internal/handmade"
	"weir/plugins/internal/pumpfun"
	"weir/plugins/internal/raydium"
	"weir/plugins/internal/recorded"
	"weir/plugins/internal/token"
)

var (
	program   = guest.MustKey(pumpfun.Program)
	authority = guest.MustKey(pumpfun.EventAuthority)
	router    = handmade.Key("router")
)

// vectors makes a transaction of each recorded graduation event: called, and, where logged says so, logged only.
func vectors(t *testing.T, logged bool) (updates [][]byte, want []recorded.Event) {
	for _, v := range recorded.Vectors(t) {
		e := recorded.Event{"type": "graduation"}.Copy(v.Facts, "user", "mint", "bonding_curve")
		switch v.Event {
		case "CompleteEvent":
			e["stage"] = "complete"
		case "CompletePumpAmmMigrationEvent":
			e["stage"], e["to"] = "migrated", "pumpswap"
			e.Copy(v.Facts, "pool")
		default:
			continue
		}
		var tx handmade.Transaction
		call := tx.Do(router, []byte{1}, program).Call(program, []byte{0x9b, 0xea, 0xe7, 0x92, 0xec, 0x9e, 0xa2, 0x1e})
		if !logged {
			call.Report(program, authority, v.Payload)
		}
		tx.Logs = []string{
			"Program " + router.String() + " invoke [1]", "Program " + pumpfun.Program + " invoke [2]",
			handmade.LogData(v.Payload), "Program " + pumpfun.Program + " success", "Program " + router.String() + " success",
		}
		updates, want = append(updates, tx.Update()), append(want, e)
	}
	if len(updates) < 4 {
		t.Fatalf("%d vectors of graduations", len(updates))
	}
	return updates, want
}

func TestVectors(t *testing.T) {
	for _, logged := range []bool{false, true} {
		t.Run(fmt.Sprintf("logged=%v", logged), func(t *testing.T) {
			g := guesttest.Open(t, "")
			updates, want := vectors(t, logged)
			for i, u := range updates {
				recorded.Same(t, g.Match(u).Events, want[i])
			}
		})
	}
}

// TestCompleteAndMigrated has both stages in one transaction.
func TestCompleteAndMigrated(t *testing.T) {
	var tx handmade.Transaction
	x := tx.Do(program, []byte{1})
	var want []recorded.Event
	for _, v := range recorded.Vectors(t) {
		e := recorded.Event{"type": "graduation", "stage": "complete"}.Copy(v.Facts, "user", "mint", "bonding_curve")
		if v.Event == "CompletePumpAmmMigrationEvent" {
			e["stage"], e["to"], e["pool"] = "migrated", "pumpswap", v.Facts["pool"]
		} else if v.Event != "CompleteEvent" {
			continue
		}
		x.Report(program, authority, v.Payload)
		want = append(want, e)
	}
	r := guesttest.Open(t, "").Match(tx.Update())
	if int(r.Verdict) != len(want) {
		t.Errorf("verdict %d", r.Verdict)
	}
	recorded.Same(t, r.Events, want...)
}

// TestImitation has another program log and call what only pump.fun's own make a graduation.
func TestImitation(t *testing.T) {
	var payload []byte
	for _, v := range recorded.Vectors(t) {
		if v.Event == "CompletePumpAmmMigrationEvent" {
			payload = v.Payload
		}
	}
	var tx handmade.Transaction
	tx.Do(router, []byte{1}, program).Report(router, authority, payload)
	tx.Logs = []string{
		"Program " + router.String() + " invoke [1]", "Program log: Program " + pumpfun.Program + " invoke [2]",
		handmade.LogData(payload), "Program " + router.String() + " success",
	}
	if r := guesttest.Open(t, "").Match(tx.Update()); r.Verdict != 0 {
		t.Errorf("verdict %d: %s", r.Verdict, r.Events)
	}
}

// raydiumPool is an initialize2 of n accounts in which the creator and the mints are given.
func raydiumPool(tx *handmade.Transaction, n int, creator, base, quote guest.Pubkey) {
	var list []guest.Pubkey
	for i := range n {
		list = append(list, handmade.Key(fmt.Sprint(i)))
	}
	at := map[int][3]int{21: {8, 9, 17}, 19: {7, 8, 15}}[n]
	list[at[0]], list[at[1]], list[at[2]] = base, quote, creator
	tx.Do(guest.MustKey(raydium.AMMv4), append([]byte{1, 254}, make([]byte, 24)...), list...)
}

func TestRaydium(t *testing.T) {
	migrator, other, mint := pumpfun.MigratorKey, handmade.Key("other"), handmade.Key("mint")
	for _, c := range []struct {
		name     string
		signers  []guest.Pubkey
		accounts int
		creator  guest.Pubkey
		failed   bool
		want     int32
	}{
		{"the migrator's", []guest.Pubkey{migrator}, 21, migrator, false, 1},
		{"the migrator's, of 19 accounts", []guest.Pubkey{migrator}, 19, migrator, false, 1},
		{"the migrator signs beside the payer", []guest.Pubkey{other, migrator}, 21, migrator, false, 1},
		{"the migrator is named only", []guest.Pubkey{other}, 21, other, false, 0},
		{"the migrator signs for another's pool", []guest.Pubkey{other, migrator}, 21, other, false, 0},
		{"another's, in the migrator's name", []guest.Pubkey{other}, 21, migrator, false, 0},
		{"failed", []guest.Pubkey{migrator}, 21, migrator, true, 0},
	} {
		for _, sides := range [][2]guest.Pubkey{{token.WrappedSOL, mint}, {mint, token.WrappedSOL}} {
			tx := handmade.Transaction{Failed: c.failed}
			tx.Sign(c.signers...).Name(migrator)
			raydiumPool(&tx, c.accounts, c.creator, sides[0], sides[1])
			r := guesttest.Open(t, "").Match(tx.Update())
			if r.Verdict != c.want {
				t.Errorf("%s: verdict %d, want %d", c.name, r.Verdict, c.want)
			}
			if c.want > 0 {
				recorded.Same(t, r.Events, recorded.Event{"type": "graduation", "stage": "migrated", "to": "raydium_v4",
					"mint": mint.String(), "user": pumpfun.Migrator, "pool": handmade.Key("4").String()})
			}
		}
	}
}

func TestConfig(t *testing.T) {
	updates, want := vectors(t, false)
	mint := want[0]["mint"].(string)
	g := guesttest.Open(t, `{"mints":["`+mint+`"]}`)
	for i, u := range updates {
		if r := g.Match(u); (r.Verdict > 0) != (want[i]["mint"] == mint) {
			t.Errorf("%v: verdict %d", want[i]["mint"], r.Verdict)
		}
	}
	if err := guesttest.Configure(`{"mints":["` + mint[:20] + `"]}`); err == nil {
		t.Error("half a key is taken")
	}
}
