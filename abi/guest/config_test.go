package guest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"weir/abi/guest"
	"weir/abi/guest/guesttest"
)

// configure runs the sample's Configure on a config.
func configure(config string, f func(c *guest.Config, m *guest.Manifest) error) error {
	sample.configure = f
	defer func() { sample.configure = nil }()
	return guesttest.Configure(config)
}

func TestConfigDefaults(t *testing.T) {
	for _, config := range []string{``, `{}`, " {\n} "} {
		err := configure(config, func(c *guest.Config, _ *guest.Manifest) error {
			mints, ok := c.Strings("mints")
			if c.Number("min_sol") != 0.5 || !ok || !slices.Equal(mints, []string{"a", "b"}) || c.String("label") != "" ||
				c.Bool("quiet") || c.Raw("more") != nil || c.Given("mints") {
				t.Errorf("%q: %v %v", config, c.Number("min_sol"), mints)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestConfigGiven(t *testing.T) {
	config := `{"min_sol": 1e3 , "mints":["é\u00e9\ud83d\ude00\ud83d","\"\\\/\b\f\n\r\t"], "label":"x","quiet":true,"more":{"a":[1,{"b":null}]}}`
	err := configure(config, func(c *guest.Config, _ *guest.Manifest) error {
		mints, ok := c.Strings("mints")
		if !ok || !slices.Equal(mints, []string{"éé😀\ufffd", "\"\\/\b\f\n\r\t"}) {
			t.Errorf("mints %q %v", mints, ok)
		}
		n, ok := c.Int("min_sol")
		if c.Number("min_sol") != 1000 || n != 1000 || !ok || c.String("label") != "x" || !c.Bool("quiet") || !c.Given("label") {
			t.Errorf("%v %v %q %v", c.Number("min_sol"), n, c.String("label"), c.Bool("quiet"))
		}
		if string(c.Raw("more")) != `{"a":[1,{"b":null}]}` {
			t.Errorf("more %s", c.Raw("more"))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestConfigNumbers(t *testing.T) {
	for _, c := range []struct {
		text  string
		whole int64
		ok    bool
	}{
		{"0", 0, true}, {"-9223372036854775808", math.MinInt64, true}, {"9223372036854775807", math.MaxInt64, true},
		{"9223372036854775808", 0, false}, {"1.5", 0, false}, {"2.50e1", 25, true}, {"1e400", 0, false}, {"1e17", 0, false},
	} {
		err := configure(`{"min_sol":`+c.text+`}`, func(cfg *guest.Config, _ *guest.Manifest) error {
			if n, ok := cfg.Int("min_sol"); n != c.whole || ok != c.ok {
				t.Errorf("%s: %d %v", c.text, n, ok)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestConfigRefusals(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`[]`, "config: not a JSON object"},
		{`{"min_sol":1`, "config: not a JSON object"},
		{`{"min_sol":1,}`, "config: not a JSON object"},
		{`{"min_sol":01}`, "config: not a JSON object"},
		{`{} x`, "config: not a JSON object"},
		{`{"min":1}`, "config.min: no such option"},
		{`{"min_sol":"1"}`, "config.min_sol: not a number"},
		{`{"min_sol":null}`, "config.min_sol: not a number"},
		{`{"min_sol":1,"min_sol":1}`, "config.min_sol: given twice"},
		{strings.Repeat(`{"more":`, 100) + strings.Repeat(`}`, 100), "config: not a JSON object"},
	} {
		if err := configure(c.text, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s: got %v, want %s", c.text, err, c.want)
		}
	}
	refuse := func(*guest.Config, *guest.Manifest) error { return errors.New("too much") }
	if err := configure(``, refuse); err == nil || !strings.HasSuffix(err.Error(), "too much") {
		t.Errorf("got %v", err)
	}
	twice := func(_ *guest.Config, m *guest.Manifest) error {
		m.Subscribe = guest.Subscribe().BlocksMeta("a").Entries("a")
		return nil
	}
	defer func() {
		_ = configure(``, func(_ *guest.Config, m *guest.Manifest) error { m.Subscribe = subscription(); return nil })
	}()
	if err := configure(``, twice); err == nil || !strings.Contains(err.Error(), "two filters named a") {
		t.Errorf("got %v", err)
	}
}

func TestConfigMistakesInTheMonitorPanic(t *testing.T) {
	for name, get := range map[string]func(c *guest.Config){
		"guest: the manifest declares no config option x":                       func(c *guest.Config) { c.Raw("x") },
		"guest: config option label is declared as string, not number":          func(c *guest.Config) { c.Number("label") },
		"guest: config option min_sol is declared as number, not bool":          func(c *guest.Config) { c.Bool("min_sol") },
		"guest: config option more is declared as object, not array":            func(c *guest.Config) { c.Strings("more") },
		"guest: the manifest declares no config option " + strings.ToUpper("y"): func(c *guest.Config) { c.Int("Y") },
	} {
		_ = configure(``, func(c *guest.Config, _ *guest.Manifest) error {
			defer func() {
				if r := recover(); r != name {
					t.Errorf("recovered %v, want %s", r, name)
				}
			}()
			get(c)
			return nil
		})
	}
}

// The reader takes what encoding/json takes, of objects with no member that is not declared.
func FuzzConfig(f *testing.F) {
	f.Add(`{"more":{"a":[1,-2.5e+3,true,false,null,"\u00e9\\"]},"label":"\ud83d\ude00"}`)
	f.Add(`{"label":"a"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var want map[string]json.RawMessage
		valid := json.Unmarshal([]byte(text), &want) == nil && want != nil
		var label string
		err := configure(text, func(c *guest.Config, _ *guest.Manifest) error {
			label = c.String("label")
			return nil
		})
		if err == nil && !valid && strings.TrimLeft(text, " \t\r\n") != "" {
			t.Fatalf("taken: %q", text)
		}
		if err == nil && want["label"] != nil {
			var plain string
			if err := json.Unmarshal(want["label"], &plain); err != nil || plain != string([]rune(label)) {
				t.Errorf("label %q, want %q", label, plain)
			}
		}
		if err != nil && valid && strings.HasSuffix(fmt.Sprint(err), "not a JSON object") && strings.Count(text, "{")+strings.Count(text, "[") < 60 {
			t.Errorf("refused: %q", text)
		}
	})
}
