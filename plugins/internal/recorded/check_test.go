package recorded

import (
	"math/big"
	"testing"
)

// TestIs: an event is the expected one only with all of its members and no others.
func TestIs(t *testing.T) {
	want := Event{"type": "x", "n": "1", "b": true}
	for name, got := range map[string]map[string]any{
		"a member less":    {"type": "x", "n": "1"},
		"a member more":    {"type": "x", "n": "1", "b": true, "c": "2"},
		"another name":     {"type": "x", "n": "1", "c": true},
		"another value":    {"type": "x", "n": "2", "b": true},
		"a number as such": {"type": "x", "n": 1.0, "b": true},
	} {
		if want.is(got) {
			t.Errorf("%s: taken", name)
		}
	}
	if !want.is(map[string]any{"b": true, "n": "1", "type": "x"}) {
		t.Error("the event itself: not taken")
	}
}

func TestPriceIs(t *testing.T) {
	third := Price{big.NewRat(1, 3000)}
	for text, want := range map[any]bool{
		"0.000333333333333": true, "0.000333333333333333": true,
		"0.0003333333333":   false, // not 12 digits
		"0.000333333333433": false, "3.33333333333333e-4": false, "1/3000": false, "": false, nil: false, 0.000333333333333: false,
	} {
		if got := third.is(text); got != want {
			t.Errorf("%v: %v", text, got)
		}
	}
	if zero := (Price{new(big.Rat)}); !zero.is("0") || zero.is("0.000000000001") {
		t.Error("zero")
	}
}
