package guest

import (
	"errors"
	"math"
	"strconv"

	"weir/abi"
)

// Config is the operator's config, with the manifest's defaults where the operator gave nothing. Its getters take declared options
// only, and panic on another name or type: that is a mistake in the monitor, and its first test finds it.
type Config struct {
	declared Options
	given    map[string][]byte
}

// parseConfig reads the operator's JSON and holds it against the declaration. Empty JSON is an empty object.
func parseConfig(json []byte, declared Options) (*Config, error) {
	c := &Config{declared: declared, given: make(map[string][]byte)}
	json = append([]byte(nil), json...) // the host's buffer is used again
	i := skipSpace(json, 0)
	if i == len(json) {
		return c, nil
	}
	if end := skipValue(json, i, 0); end < 0 || skipSpace(json, end) != len(json) || json[i] != '{' {
		return nil, errors.New("config: not a JSON object")
	}
	var err error
	eachMember(json[i:], func(name string, value []byte) {
		o := c.find(name)
		switch _, twice := c.given[name]; {
		case err != nil:
		case o == nil:
			err = errors.New("config." + name + ": no such option")
		case twice:
			err = errors.New("config." + name + ": given twice")
		case jsonType(value) != o.Type:
			err = errors.New("config." + name + ": not a " + string(o.Type))
		}
		c.given[name] = value
	})
	return c, err
}

func (c *Config) find(name string) *OptionDecl {
	for i := range c.declared {
		if c.declared[i].Name == name {
			return &c.declared[i]
		}
	}
	return nil
}

// Given reports whether the operator set the option.
func (c *Config) Given(name string) bool {
	_, ok := c.given[name]
	return ok
}

// Raw returns an option's JSON, nil where it is not given and has no default.
func (c *Config) Raw(name string) []byte {
	o := c.find(name)
	if o == nil {
		panic("guest: the manifest declares no config option " + name)
	}
	if v, ok := c.given[name]; ok {
		return v
	}
	if o.Default == "" {
		return nil
	}
	return []byte(o.Default)
}

func (c *Config) typed(name string, want abi.ConfigType) []byte {
	v := c.Raw(name)
	if o := c.find(name); o.Type != want {
		panic("guest: config option " + name + " is declared as " + string(o.Type) + ", not " + string(want))
	}
	return v
}

// String returns a text, "" where it is not given and has no default.
func (c *Config) String(name string) string {
	if v := c.typed(name, abi.ConfigString); v != nil {
		return unquote(v)
	}
	return ""
}

// Bool returns true or false, false where it is not given and has no default.
func (c *Config) Bool(name string) bool {
	v := c.typed(name, abi.ConfigBool)
	return len(v) > 0 && v[0] == 't'
}

// Number returns a number, 0 where it is not given and has no default, an infinity beyond float64.
func (c *Config) Number(name string) float64 {
	v := c.typed(name, abi.ConfigNumber)
	if v == nil {
		return 0
	}
	f, _ := strconv.ParseFloat(string(v), 64) // the syntax is checked; out of range is an infinity
	return f
}

// Int returns a whole number, 0 where it is not given and has no default; false where it is a fraction or beyond 64 bits.
func (c *Config) Int(name string) (int64, bool) {
	v := c.typed(name, abi.ConfigNumber)
	if v == nil {
		return 0, true
	}
	if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(string(v), 64) // 1e9 is whole too
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// Strings returns a list of texts, nil where it is not given and has no default; false where an element is no text.
func (c *Config) Strings(name string) (list []string, ok bool) {
	v := c.typed(name, abi.ConfigArray)
	if v == nil {
		return nil, true
	}
	ok = true
	eachElement(v, func(e []byte) {
		if jsonType(e) != abi.ConfigString {
			ok = false
			return
		}
		list = append(list, unquote(e))
	})
	return list, ok
}
