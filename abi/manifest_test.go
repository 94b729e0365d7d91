package abi_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"weir/abi"
)

const whole = `{"name":"pumpfun-mint","version":"1.0.0","description":"New tokens","group":"high",
 "subscribe":{"transactions":{"creates":{"accountInclude":["TSLv"],"vote":false}},"commitment":"CONFIRMED"},
 "events":{"mint":{"fields":{"mint":"pubkey","name":"string","lamports":"u64"}},"burn":{"fields":{}}},
 "config":{"min_sol":{"type":"number","default":0.5,"doc":"least"},"keys":{"type":"array"}}}`

func TestParseManifestKeepsEverythingInOrder(t *testing.T) {
	m, err := abi.ParseManifest([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := &abi.Manifest{
		Name: "pumpfun-mint", Version: "1.0.0", Description: "New tokens", Group: abi.GroupHigh,
		Subscribe: []byte(`{"transactions":{"creates":{"accountInclude":["TSLv"],"vote":false}},"commitment":"CONFIRMED"}`),
		Events: []abi.Event{
			{Name: "mint", Fields: []abi.Field{{Name: "mint", Type: abi.TypePubkey}, {Name: "name", Type: abi.TypeString}, {Name: "lamports", Type: abi.TypeU64}}},
			{Name: "burn"},
		},
		Config: []abi.Option{
			{Name: "min_sol", Type: abi.ConfigNumber, Default: []byte("0.5"), Doc: "least"},
			{Name: "keys", Type: abi.ConfigArray},
		},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got %+v, want %+v", m, want)
	}
}

func TestParseManifestDefaultsToMedium(t *testing.T) {
	for _, group := range []string{``, `"group":"",`} {
		m, err := abi.ParseManifest([]byte(`{"name":"a","version":"1",` + group + `"subscribe":{}}`))
		if err != nil || m.Group != abi.GroupMedium {
			t.Errorf("%s: %+v, %v", group, m, err)
		}
	}
}

// Each mistake is refused by the name of its field.
func TestParseManifestRefuses(t *testing.T) {
	with := func(old, new string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("%q is not in the manifest", old)
		}
		return strings.Replace(whole, old, new, 1)
	}
	for _, c := range []struct{ text, want string }{
		{``, "manifest: unexpected EOF"},
		{`[]`, "manifest: array where an object is expected"},
		{`null`, "manifest: null where an object is expected"},
		{whole[:len(whole)-1], "manifest: unexpected EOF"},
		{whole + `{}`, "manifest: something follows the object"},
		{with(`"version"`, `"verison"`), "verison: unknown field"},
		{with(`"fields":{"mint":`, `"colour":{"mint":`), "events.mint.colour: unknown field"},
		{with(`"doc"`, `"docs"`), "config.min_sol.docs: unknown field"},
		{with(`"version":"1.0.0"`, `"version":""`), "version: missing or empty"},
		{with(`"version":"1.0.0"`, `"version":1`), "version: number where a string is expected"},
		{with(`"version":"1.0.0"`, `"name":"b"`), "name: given twice"},
		{with(`"pumpfun-mint"`, `"Pumpfun"`), `name: "Pumpfun" is not 1 to 64`},
		{with(`"pumpfun-mint"`, `"a_b"`), `name: "a_b" is not 1 to 64`},
		{with(`"pumpfun-mint"`, `""`), `name: "" is not 1 to 64`},
		{with(`"pumpfun-mint"`, `"`+strings.Repeat("a", 65)+`"`), "is not 1 to 64"},
		{with(`"high"`, `"urgent"`), `group: "urgent" is not high, medium or low`},
		{with(`"lamports":"u64"`, `"lamports":"uint64"`), `events.mint.fields.lamports: unknown field type "uint64"`},
		{with(`"lamports":"u64"`, `"type":"u64"`), "events.mint.fields.type: a field's name"},
		{with(`"lamports":"u64"`, `"Lamports":"u64"`), "events.mint.fields.Lamports: a field's name"},
		{with(`"mint":{"fields"`, `"Mint":{"fields"`), "events.Mint: an event's name"},
		{with(`"type":"number"`, `"type":"float"`), `config.min_sol.type: "float" is not`},
		{with(`"default":0.5`, `"default":"0.5"`), "config.min_sol.default: string where number is declared"},
		{with(`"default":0.5`, `"default":null`), "config.min_sol.default: null where number is declared"},
		{`{"name":"a","version":"1"}`, "subscribe: missing or not an object"},
		{`{"name":"a","version":"1","subscribe":[]}`, "subscribe: missing or not an object"},
		{`{"name":"` + strings.Repeat("a", abi.MaxManifestBytes) + `"}`, "bytes, at most"},
	} {
		_, err := abi.ParseManifest([]byte(c.text))
		if !errors.Is(err, abi.ErrManifest) || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%.80s: got %v, want %s", c.text, err, c.want)
		}
	}
}

func TestValidateConfig(t *testing.T) {
	m, err := abi.ParseManifest([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	for _, good := range []string{``, `{}`, `{"min_sol":-1e3}`, ` {"keys":[1,"a"],"min_sol":2} `} {
		if err := m.ValidateConfig([]byte(good)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, c := range []struct{ text, want string }{
		{`{"min":1}`, "config.min: pumpfun-mint declares no such option; it has min_sol, keys"},
		{`{"min_sol":"1"}`, "config.min_sol: string where number is declared"},
		{`{"min_sol":null}`, "config.min_sol: null where number is declared"},
		{`{"min_sol":1,"min_sol":2}`, "config.min_sol: given twice"},
		{`{"min":1,"keys":{}}`, "config.keys: object where array is declared"},
		{`{"min_sol":1`, "config: unexpected EOF"},
		{`7`, "config: number where an object is expected"},
	} {
		err := m.ValidateConfig([]byte(c.text))
		if !errors.Is(err, abi.ErrConfig) || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: got %v, want %s", c.text, err, c.want)
		}
	}
}

// What one parser takes, it takes again: the parts of a manifest are valid on their own.
func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`{"name":"a","version":"1","subscribe":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := abi.ParseManifest(text)
		if err != nil {
			if !errors.Is(err, abi.ErrManifest) {
				t.Fatalf("an error of another class: %v", err)
			}
			return
		}
		if !abi.ValidName(m.Name) || m.Version == "" || !m.Group.Valid() || len(m.Subscribe) == 0 {
			t.Fatalf("invalid, but taken: %+v", m)
		}
		if err := m.ValidateConfig(nil); err != nil {
			t.Fatal(err)
		}
	})
}

func ExampleParseManifest() {
	_, err := abi.ParseManifest([]byte(`{"name":"a","version":"1","subscribe":{},"grop":"high"}`))
	fmt.Println(err)
	// Output: invalid manifest: grop: unknown field
}
