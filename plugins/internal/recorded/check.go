package recorded

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"weir/abi/guest/guesttest"
)

// Event is one expected event: the members of its JSON object. A value of type Price stands for a decimal text.
type Event map[string]any

// Price is the exact value of a price.
type Price struct{ *big.Rat }

// tolerance is the largest relative error of a price.
var tolerance = big.NewRat(1, 1_000_000_000_000)

// Check runs the test's monitor, with its default config, over a recording of the fixtures and over mixed.pbld. Only what passes the
// monitor's own filters reaches it. expected says which events a message makes, from its facts; the monitor has to find exactly these,
// and at least least of them in the recording of its own.
func Check(t *testing.T, recording string, least int, expected func(Row) []Event) {
	for _, file := range []string{recording, "mixed.pbld"} {
		t.Run(strings.TrimSuffix(file, "/samples.pbld"), func(t *testing.T) {
			found, passed := check(t, file, expected)
			if file == recording && found < least {
				t.Errorf("%d events, want at least %d: the recording is not what this test is for", found, least)
			}
			t.Logf("%d events, all as the manifest says; %d messages passed the filters", found, passed)
		})
	}
}

func check(t *testing.T, file string, expected func(Row) []Event) (found, passed int) {
	g := guesttest.Open(t, "")
	filters := parseFilters(t, g.Manifest())
	messages, list := guesttest.Fixture(t, file), rows(t, file)
	if len(messages) != len(list) {
		t.Fatalf("%d messages, %d rows in MANIFEST.tsv", len(messages), len(list))
	}
	for i, row := range list {
		want := expected(row)
		var got []json.RawMessage
		if mask := filters.mask(messages[i]); mask != 0 {
			passed++
			r := g.MatchMask(messages[i], mask)
			if r.Verdict < 0 || len(r.Logs) > 0 {
				t.Errorf("%d %s: verdict %d %s, logs %v", i, row.ID, r.Verdict, r.Reason, r.Logs)
			}
			got = r.Events
		}
		compare(t, fmt.Sprintf("%d %s (%s)", i, row.ID, row.Class), got, want)
		found += len(got)
	}
	checkCompiled(t, g.Manifest().Name, file, list, expected)
	return found, passed
}

// Same fails the test unless the events are exactly the wanted ones, in any order.
func Same(t *testing.T, got []json.RawMessage, want ...Event) {
	t.Helper()
	compare(t, t.Name(), got, want)
}

func compare(t *testing.T, where string, got []json.RawMessage, want []Event) {
	t.Helper()
	missing := append([]Event(nil), want...)
next:
	for _, text := range got {
		var event map[string]any
		if err := json.Unmarshal(text, &event); err != nil {
			t.Errorf("%s: an event that is no JSON object: %v: %s", where, err, text)
			continue
		}
		for i, w := range missing {
			if w.is(event) {
				missing = append(missing[:i], missing[i+1:]...)
				continue next
			}
		}
		t.Errorf("%s: not a fact of the manifest: %s", where, text)
	}
	for _, w := range missing {
		t.Errorf("%s: not found: %v", where, w)
	}
}

func (e Event) is(got map[string]any) bool {
	if len(e) != len(got) {
		return false
	}
	for name, want := range e {
		if p, ok := want.(Price); ok {
			if !p.is(got[name]) {
				return false
			}
		} else if !reflect.DeepEqual(got[name], want) {
			return false
		}
	}
	return true
}

// is reports whether a value is the price as plain decimal text with at least 12 significant digits.
func (p Price) is(value any) bool {
	text, _ := value.(string)
	got, ok := new(big.Rat).SetString(text)
	if !ok || strings.ContainsAny(text, "eE/+") {
		return false
	}
	if p.Sign() == 0 {
		return got.Sign() == 0
	}
	if digits := strings.TrimLeft(strings.Replace(text, ".", "", 1), "0"); len(digits) < 12 {
		return false
	}
	off := new(big.Rat).Sub(got, p.Rat)
	return off.Abs(off).Quo(off, new(big.Rat).Abs(p.Rat)).Cmp(tolerance) <= 0
}

// Copy takes members of facts over, those that are there.
func (e Event) Copy(f Facts, names ...string) Event {
	for _, name := range names {
		if v, ok := f[name]; ok {
			e[name] = v
		}
	}
	return e
}

// First takes the first of several members that is there, under another name.
func (e Event) First(name string, f Facts, from ...string) Event {
	for _, n := range from {
		if v, ok := f[n]; ok {
			e[name] = v
			return e
		}
	}
	return e
}
