package geyser

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/mr-tron/base58"
)

func longKey(i, j int) string {
	k := Pubkey{1: byte(i), 2: byte(j), 3: byte(j >> 8), 31: 1}
	return base58.Encode(k[:])
}

func TestPresets(t *testing.T) {
	for _, name := range LimitsPresets() {
		l, ok := LimitsPreset(name)
		if err := l.Validate(); err != nil || !ok || reflect.DeepEqual(l, Limits{}) {
			t.Errorf("%s: %v, %+v", name, err, l)
		}
		for _, k := range append(l.RejectAccounts, l.RejectOwners...) {
			if raw, _ := base58.Decode(k); len(raw) != 32 {
				t.Errorf("%s refuses %q, which is no address", name, k)
			}
		}
	}
	if _, ok := LimitsPreset("nobody"); ok {
		t.Error("there is a preset of nobody")
	}
	one, _ := LimitsPreset("chainstack")
	one.RejectAccounts[0] = "changed"
	if two, _ := LimitsPreset("chainstack"); two.RejectAccounts[0] == "changed" {
		t.Error("presets are shared")
	}
}

// TestLimitsTags: YAML and JSON have the same names, in snake case, and every number gets through.
func TestLimitsTags(t *testing.T) {
	var in Limits
	n := 0
	fill(reflect.ValueOf(&in).Elem(), &n)
	text, err := yaml.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out Limits
	if err := yaml.UnmarshalWithOptions(text, &out, yaml.Strict()); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("%v: %+v, want %+v", err, out, in)
	}
	asJSON, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	fromJSON := make(map[string]any)
	fromYAML := make(map[string]any)
	if json.Unmarshal(asJSON, &fromJSON) != nil || yaml.Unmarshal(text, &fromYAML) != nil {
		t.Fatal("does not read back")
	}
	for k := range fromYAML {
		if _, ok := fromJSON[k]; !ok || k != strings.ToLower(k) {
			t.Errorf("%s is not the JSON name, or no snake case", k)
		}
	}
}

func fill(v reflect.Value, n *int) {
	for i := range v.NumField() {
		*n++
		switch f := v.Field(i); f.Kind() {
		case reflect.Int:
			f.SetInt(int64(*n))
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{fmt.Sprint("k", *n)}))
		case reflect.Struct:
			fill(f, n)
		}
	}
}

// TestLimitsServer: zero limits nothing, a negative number allows none, each number lands in its own place.
func TestLimitsServer(t *testing.T) {
	if got, want := (Limits{}).Server(), UnlimitedServer(); !sameServer(got, want) {
		t.Errorf("no limits are %+v, want %+v", got, want)
	}
	for key, c := range map[string]struct {
		lim  Limits
		text string
		want string
	}{
		"accounts":   {Limits{Filters: FilterCount{Accounts: -1}}, `{"accounts":{"x":{}}}`, "only 0 allowed"},
		"slots":      {Limits{Filters: FilterCount{Slots: -1}}, `{"slots":{"x":{}}}`, "only 0 allowed"},
		"tx":         {Limits{Filters: FilterCount{Transactions: -1}}, including(1), "only 0 allowed"},
		"status":     {Limits{Filters: FilterCount{TransactionsStatus: -1}}, `{"transactionsStatus":{"x":{"vote":true}}}`, "only 0 allowed"},
		"blocks":     {Limits{Filters: FilterCount{Blocks: -1}}, `{"blocks":{"x":{}}}`, "only 0 allowed"},
		"meta":       {Limits{Filters: FilterCount{BlocksMeta: -1}}, `{"blocksMeta":{"x":{}}}`, "only 0 allowed"},
		"entry":      {Limits{Filters: FilterCount{Entry: -1}}, `{"entry":{"x":{}}}`, "only 0 allowed"},
		"no streams": {Limits{Streams: -1}, including(1), "no stream may be opened"},
		"slices":     {Limits{DataSlices: 1}, `{"accounts":{"x":{}},"accountsDataSlice":[{"length":1},{"offset":4,"length":1}]}`, "only 1 allowed"},
		"full":       {Limits{NoFullStreams: true}, `{"accounts":{"x":{}}}`, "full stream"},
		"full block": {Limits{NoFullBlocks: true}, `{"blocks":{"x":{}}}`, "full stream"},
		"block keys": {Limits{BlockInclude: 1}, `{"blocks":{"x":{"accountInclude":["` + strings.Join(text(1, 2), `","`) + `"]}}}`, "only 1 allowed"},
		"block tx":   {Limits{NoBlockTransactions: true}, `{"blocks":{"x":{"includeTransactions":true}}}`, "not allowed"},
		"owners":     {Limits{RejectOwners: text(1)}, `{"accounts":{"x":{"owner":["` + text(1)[0] + `"]}}}`, "not allowed"},
		"include":    {Limits{RejectAccounts: text(1)}, including(1, 2), "not allowed"},
	} {
		d := declare(t, c.text)
		if err := (Limits{}).Check(d); err != nil {
			t.Errorf("%s: without limits: %v", key, err)
		}
		err := c.lim.Check(d)
		if _, ok := errors.AsType[*RefusedError](err); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q in it", key, err, c.want)
		}
	}
}

func sameServer(a, b *ServerLimits) bool {
	strip := func(l ServerLimits) ServerLimits { // empty sets and none are the same
		l.Accounts.AccountReject, l.Accounts.OwnerReject, l.Blocks.IncludeReject = nil, nil, nil
		l.Transactions.IncludeReject, l.TransactionsStatus.IncludeReject = nil, nil
		return l
	}
	return reflect.DeepEqual(strip(*a), strip(*b))
}

func TestLimitsValidate(t *testing.T) {
	for _, l := range []Limits{{NameBytes: 7}, {NameBytes: -1}, {RejectAccounts: []string{"x"}}, {RejectOwners: []string{"0"}}} {
		if l.Validate() == nil {
			t.Errorf("%+v is taken", l)
		}
	}
	if err := (Limits{NameBytes: MaxNameBytes}).Validate(); err != nil {
		t.Error(err)
	}
}

// TestCheckAgreesWithPack: what Check passes finds room on streams of its own.
func TestCheckAgreesWithPack(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 10))
		lim, _ := randomLimits(r)
		for _, w := range randomWants(t, r, 5) {
			_, err := Pack([]Want{w}, new(Names), lim, 0, nil)
			if check := lim.Check(w.Declared); (check == nil) != (err == nil) {
				t.Fatalf("seed %d: Check says %v, Pack %v", seed, check, err)
			}
		}
	}
}
