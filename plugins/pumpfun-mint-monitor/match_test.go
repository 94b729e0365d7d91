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

// arguments are those of create and create_v2.
func arguments(d uint64) []byte {
	return handmade.Begin(d).String("Name").String("\"S\"").String("uri").Key(handmade.Key("creator"))
}

// accounts are n accounts, the first of them the mint, of a creation with the user in the given place.
func accounts(n, user int) []guest.Pubkey {
	list := make([]guest.Pubkey, n)
	for i := range list {
		list[i] = handmade.Key("account")
	}
	list[0], list[2], list[user] = handmade.Key("mint"), handmade.Key("curve"), handmade.Key("user")
	return list
}

func payload() []byte {
	return handmade.Begin(uint64(pumpfun.CreateEvent)).String("Name").String("\"S\"").String("uri").
		Key(handmade.Key("mint")).Key(handmade.Key("curve")).Key(handmade.Key("user")).Key(handmade.Key("creator"))
}

func event() recorded.Event {
	return recorded.Event{"type": "mint", "mint": handmade.Key("mint").String(), "name": "Name", "symbol": "\"S\"", "uri": "uri",
		"creator": handmade.Key("creator").String(), "user": handmade.Key("user").String(), "bonding_curve": handmade.Key("curve").String()}
}

const create1, create2 = uint64(pumpfun.CreateInstruction), uint64(pumpfun.CreateV2Instruction)

func TestVectors(t *testing.T) {
	g := guesttest.Open(t, "")
	n := 0
	for _, v := range recorded.Vectors(t) {
		if v.Event != "CreateEvent" {
			continue
		}
		n++
		var tx handmade.Transaction
		tx.Do(program, nil).Report(program, authority, v.Payload)
		recorded.Same(t, g.Match(tx.Update()).Events, recorded.Event{"type": "mint"}.
			Copy(v.Facts, "mint", "name", "symbol", "uri", "creator", "user", "bonding_curve", "quote_mint"))
	}
	if n == 0 {
		t.Error("no vector of a CreateEvent")
	}
}

// TestOnce has instruction, call and log line of one creation.
func TestOnce(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(program, arguments(create1), accounts(14, 7)...).Report(program, authority, payload())
	tx.Logs = []string{
		"Program " + pumpfun.Program + " invoke [1]", handmade.LogData(payload()), "Program " + pumpfun.Program + " success",
	}
	recorded.Same(t, guesttest.Open(t, "").Match(tx.Update()).Events, event())
}

// TestInstructionOnly has neither the call nor the log line.
func TestInstructionOnly(t *testing.T) {
	withQuote := event()
	withQuote["quote_mint"] = handmade.Key("quote").String()
	list := accounts(19, 5)
	list[16] = handmade.Key("quote")
	for name, c := range map[string]struct {
		data     []byte
		accounts []guest.Pubkey
		want     recorded.Event
	}{
		"create":                    {arguments(create1), accounts(14, 7), event()},
		"create_v2":                 {append(arguments(create2), 0), accounts(16, 5), event()},
		"create_v2 with quote mint": {append(arguments(create2), 0), list, withQuote},
	} {
		t.Run(name, func(t *testing.T) {
			var direct, routed handmade.Transaction
			direct.Do(program, c.data, c.accounts...)
			routed.Do(handmade.Key("router"), nil).Call(program, c.data, c.accounts...)
			routed.Logs = []string{"Log truncated"}
			for _, tx := range []handmade.Transaction{direct, routed} {
				recorded.Same(t, guesttest.Open(t, "").Match(tx.Update()).Events, c.want)
			}
		})
	}
}

// TestOthers has what shares bytes with a creation.
func TestOthers(t *testing.T) {
	var tx handmade.Transaction
	tx.Name(program)
	tx.Do(handmade.Key("other"), arguments(create1), accounts(14, 7)...).Report(handmade.Key("other"), authority, payload())
	tx.Do(program, handmade.Begin(0x66063d1201daebea).U64(1, 2), accounts(16, 6)...)
	if r := guesttest.Open(t, "").Match(tx.Update()); r.Verdict != 0 {
		t.Errorf("verdict %d: %s", r.Verdict, r.Events)
	}
}

func TestFailed(t *testing.T) {
	tx := handmade.Transaction{Failed: true}
	tx.Do(program, arguments(create1), accounts(14, 7)...).Report(program, authority, payload())
	if r := guesttest.Open(t, "").Match(tx.Update()); r.Verdict != 0 {
		t.Errorf("verdict %d", r.Verdict)
	}
}

func TestMalformed(t *testing.T) {
	for name, c := range map[string]struct {
		data     []byte
		accounts []guest.Pubkey
	}{
		"cut texts":    {arguments(create1)[:13], accounts(14, 7)},
		"few accounts": {arguments(create1), accounts(5, 4)},
	} {
		var tx handmade.Transaction
		tx.Do(program, c.data, c.accounts...)
		if r := guesttest.Open(t, "").Match(tx.Update()); r.Verdict >= 0 || r.Reason == "" {
			t.Errorf("%s: verdict %d %q", name, r.Verdict, r.Reason)
		}
	}
}

// TestOldCreate has no creator among the arguments, as before May 2025.
func TestOldCreate(t *testing.T) {
	var tx handmade.Transaction
	data := arguments(create1)
	tx.Do(program, data[:len(data)-32], accounts(14, 7)...)
	want := event()
	delete(want, "creator")
	recorded.Same(t, guesttest.Open(t, "").Match(tx.Update()).Events, want)
}

func TestConfig(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(program, nil).Report(program, authority, payload())
	for config, want := range map[string]int32{
		`{"creators":["` + handmade.Key("creator").String() + `"]}`: 1,
		`{"creators":["` + handmade.Key("user").String() + `"]}`:    1,
		`{"creators":["` + handmade.Key("mint").String() + `"]}`:    0,
	} {
		if r := guesttest.Open(t, config).Match(tx.Update()); r.Verdict != want {
			t.Errorf("%s: verdict %d, want %d", config, r.Verdict, want)
		}
	}
}
