package anchor_test

import (
	"bytes"
	"slices"
	"testing"

	"weir/abi/guest"
	"weir/plugins/internal/anchor"
	"weir/plugins/internal/handmade"
)

const wanted, unwanted = 0x0102030405060708, 0x0102030405060709

var (
	program   = handmade.Key("program")
	foreign   = handmade.Key("foreign")
	authority = handmade.Key("authority")
)

func event(d uint64, n uint64) []byte { return handmade.Begin(d).U64(n) }

func invoke(k guest.Pubkey, depth string) string {
	return "Program " + k.String() + " invoke [" + depth + "]"
}
func success(k guest.Pubkey) string { return "Program " + k.String() + " success" }

// payloads reads the numbers of the wanted events.
func payloads(t *testing.T, tx *handmade.Transaction) (numbers []uint64, r *anchor.Reader) {
	t.Helper()
	r = anchor.NewReader(program, authority, wanted)
	u := guest.NewUpdate(tx.Update(), 1)
	parsed, ok := u.Transaction()
	if !ok || u.Malformed() {
		t.Fatal("the handmade transaction is none")
	}
	for range 2 { // a reader's scratch space must not show
		numbers = nil
		for _, p := range r.Payloads(parsed) {
			if anchor.Of(p) != wanted || len(p) != 16 {
				t.Fatalf("payload %x", p)
			}
			n, _ := guest.U64At(p, 8)
			numbers = append(numbers, n)
		}
	}
	return numbers, r
}

func expect(t *testing.T, tx *handmade.Transaction, want ...uint64) {
	t.Helper()
	if got, _ := payloads(t, tx); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

func TestCalls(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(program, []byte{9}).Report(program, authority, event(wanted, 1)).Report(program, authority, event(unwanted, 2))
	tx.Do(foreign, []byte{9}).Call(program, []byte{9}).Report(program, authority, event(wanted, 3)).
		Report(program, authority, event(wanted, 4))
	expect(t, &tx, 1, 3, 4)
}

func TestCallsOfLoadedProgram(t *testing.T) {
	var tx handmade.Transaction
	tx.Name(foreign)
	tx.Load(program, authority)
	tx.Do(foreign, []byte{9}).Report(program, authority, event(wanted, 1))
	expect(t, &tx, 1)
}

// TestImpostors has what looks like an event and is none.
func TestImpostors(t *testing.T) {
	var tx handmade.Transaction
	call := append([]byte{0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d}, event(wanted, 1)...)
	tx.Do(program, call, authority)                                         // at top level: the program would have refused
	tx.Do(foreign, []byte{9}).Report(foreign, authority, event(wanted, 2)). // of another program
										Report(program, foreign, event(wanted, 3)). // not signed by the authority
										Call(program, event(wanted, 4), authority). // without the tag
										Call(program, call[:15], authority)         // cut
	tx.Logs = []string{
		handmade.LogData(event(wanted, 5)), // nobody runs
		invoke(foreign, "1"), handmade.LogData(event(wanted, 6)),
		"Program log: " + invoke(program, "2"), handmade.LogData(event(wanted, 7)),
		invoke(program, "2"), success(program), handmade.LogData(event(wanted, 8)),
		success(foreign),
		invoke(program, "1"), "Program log: " + handmade.LogData(event(wanted, 9)), handmade.LogData(event(unwanted, 10)),
		success(program), handmade.LogData(event(wanted, 11)),
	}
	expect(t, &tx)
}

// TestLogsOnly has a server that leaves inner instructions out.
func TestLogsOnly(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(foreign, []byte{9}, program)
	tx.Logs = []string{
		invoke(foreign, "1"), "Program log: Instruction: Route",
		invoke(program, "2"), "Program log: Instruction: Buy",
		invoke(foreign, "3"), "Program " + foreign.String() + " consumed 4645 of 1390000 compute units", success(foreign),
		handmade.LogData(event(wanted, 1)),
		invoke(program, "3"), success(program), // the event's call
		handmade.LogData(event(wanted, 2)),
		"Program return: " + program.String() + " AAAA",
		success(program),
		handmade.LogData(event(wanted, 3)), // the router's own
		success(foreign),
	}
	expect(t, &tx, 1, 2)
}

// TestBoth has three instructions with an event each: two are called and logged, one is only logged, or logs are cut.
func TestBoth(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(program, []byte{9}).Report(program, authority, event(wanted, 1))
	tx.Do(program, []byte{9})
	tx.Do(program, []byte{9}).Report(program, authority, event(wanted, 3))
	lines := []string{
		invoke(program, "1"), handmade.LogData(event(wanted, 1)), success(program),
		invoke(program, "1"), handmade.LogData(event(wanted, 2)), success(program),
		invoke(program, "1"), handmade.LogData(event(wanted, 3)), success(program),
	}
	tx.Logs = lines
	expect(t, &tx, 1, 3, 2)
	tx.Logs = slices.Delete(slices.Clone(lines), 4, 5)
	expect(t, &tx, 1, 3)
	tx.Logs = []string{lines[0], lines[1], "Log truncated"}
	expect(t, &tx, 1, 3)
}

// TestTruncated trusts nothing behind "Log truncated": a short line can still get through, but who wrote it is lost.
func TestTruncated(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(program, []byte{9})
	tx.Logs = []string{
		invoke(program, "1"), handmade.LogData(event(wanted, 1)), "Log truncated", handmade.LogData(event(wanted, 2)),
	}
	expect(t, &tx, 1)
}

// TestTwins has two equal events, which are two.
func TestTwins(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(program, []byte{9}).Report(program, authority, event(wanted, 1)).Call(program, []byte{9})
	tx.Logs = []string{
		invoke(program, "1"), handmade.LogData(event(wanted, 1)), handmade.LogData(event(wanted, 1)), success(program),
	}
	expect(t, &tx, 1, 1)
}

func TestUndecodable(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(program, []byte{9})
	line := handmade.LogData(event(wanted, 1))
	tx.Logs = []string{invoke(program, "1"), line[:len(line)-1], success(program)}
	if got, r := payloads(t, &tx); len(got) != 0 || r.Undecodable() != 1 {
		t.Errorf("events %v, %d undecodable", got, r.Undecodable())
	}
}

// TestDeepCalls has logs that pretend a call stack without end.
func TestDeepCalls(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(program, []byte{9})
	for range 100 {
		tx.Logs = append(tx.Logs, invoke(program, "1"))
	}
	tx.Logs = append(tx.Logs, handmade.LogData(event(wanted, 1)))
	expect(t, &tx)
}

// TestNoAllocation: a reader that has seen one transaction allocates nothing for the next.
func TestNoAllocation(t *testing.T) {
	var tx handmade.Transaction
	tx.Do(program, []byte{9}).Report(program, authority, event(wanted, 1)).Call(program, []byte{9})
	tx.Logs = []string{
		invoke(program, "1"), handmade.LogData(event(wanted, 1)), handmade.LogData(event(wanted, 2)), success(program),
	}
	u := guest.NewUpdate(tx.Update(), 1)
	r := anchor.NewReader(program, authority, wanted)
	found := 0
	if n := testing.AllocsPerRun(100, func() {
		parsed, _ := u.Transaction()
		found = len(r.Payloads(parsed))
	}); n != 0 || found != 2 {
		t.Errorf("%v allocations, %d events", n, found)
	}
}

// FuzzLogs: no log lines make the reader panic, and no event comes of them where the program does not run.
func FuzzLogs(f *testing.F) {
	f.Add(invoke(foreign, "1")+"\x00"+handmade.LogData(event(wanted, 1)), true)
	f.Add(invoke(program, "1")+"\x00"+handmade.LogData(event(wanted, 1)), false)
	f.Add("Program \x00Program  success\x00Program data: \x00Log truncated", true)
	f.Fuzz(func(t *testing.T, lines string, named bool) {
		var tx handmade.Transaction
		if named {
			tx.Do(program, nil)
		}
		for line := range bytes.SplitSeq([]byte(lines), []byte{0}) {
			tx.Logs = append(tx.Logs, string(line))
		}
		r := anchor.NewReader(program, authority, wanted)
		parsed, _ := guest.NewUpdate(tx.Update(), 1).Transaction()
		found := r.Payloads(parsed)
		if len(found) > 0 && (!named || !bytes.Contains([]byte(lines), []byte(invoke(program, "")[:50]))) {
			t.Errorf("%d events of a program that did not run", len(found))
		}
	})
}
