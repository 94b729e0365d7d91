package config

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Entry is a key with its value, for `weir config`.
type Entry struct {
	Key
	Value  string // masked for secrets
	Source Source
}

// Describe lists every key of c with its value and where that comes from, in the order of Keys; those of endpoints and
// monitors once for each endpoint and monitor that there is.
func Describe(c *Config) []Entry {
	v := reflect.ValueOf(c).Elem()
	var list []Entry
	for _, f := range allFields() {
		list = append(list, c.entry(v, f))
		if f.Name != "endpoints" {
			continue
		}
		for i := range c.Endpoints {
			e := reflect.ValueOf(&c.Endpoints[i]).Elem()
			for _, f := range endpointFields(fmt.Sprintf("endpoints[%d].", i)) {
				f.Env = ""
				list = append(list, c.entry(e, f))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Monitors)) {
		list = append(list, c.monitorEntries(name)...)
	}
	return list
}

// monitorEntries leaves out the sandbox limits that are the host's.
func (c *Config) monitorEntries(name string) []Entry {
	m := c.Monitors[name]
	v := reflect.ValueOf(&m).Elem()
	prefix := "monitors." + name + "."
	var list []Entry
	for _, f := range monitorFields(prefix) {
		f.Env = ""
		if c.source[f.Name] != "" || !strings.HasPrefix(f.Name, prefix+"sandbox.") {
			list = append(list, c.entry(v, f))
		}
	}
	return list
}

func (c *Config) entry(v reflect.Value, f field) Entry {
	x := v.FieldByIndex(f.index)
	e := Entry{Key: f.Key, Value: format(x), Source: cmp.Or(c.source[f.Name], FromDefault)}
	switch {
	case e.Source != FromDefault:
	case strings.HasPrefix(f.Name, "limits.") && c.Limits.Preset != "" && e.Value != f.Default:
		e.Source = FromPreset
	case strings.HasPrefix(f.Name, "endpoints["):
		e.Source = c.inherited(f.Name, e)
	}
	return e
}

// inherited is the source of an endpoint's value that was not given for it: the list's, where the whole endpoint came as a
// URL, or the common token's.
func (c *Config) inherited(name string, e Entry) Source {
	switch {
	case strings.HasSuffix(name, ".url"):
		return cmp.Or(c.source["endpoints"], FromDefault)
	case strings.HasSuffix(name, ".x_token") && e.Value != "":
		return cmp.Or(c.source["x_token"], FromDefault)
	}
	return FromDefault
}
