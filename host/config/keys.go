package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Key is one key of weir.yaml.
type Key struct {
	Name    string // with dots, such as "pool.max_connections"
	Env     string // the variable that overrides it; empty for keys that only the file has
	Type    string // for people: number, duration, size, true or false, …
	Default string
	Range   string // what values are allowed, for people; may be empty
	Doc     string
	Secret  bool // never on the command line, masked wherever it is shown
}

// field is a key with its place in the struct that holds it.
type field struct {
	Key
	index    []int
	min, max string
	oneof    []string
}

// fields returns the keys of a struct type in the order of the struct, names below prefix.
func fields(t reflect.Type, prefix string) []field {
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Tag.Get("yaml") == "-" || f.Type.Kind() == reflect.Map {
			continue
		}
		list = append(list, fieldsOf(f, prefix)...)
	}
	return list
}

func fieldsOf(f reflect.StructField, prefix string) []field {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	switch {
	case f.Anonymous:
		return below(f, fields(f.Type, prefix))
	case f.Type == reflect.TypeFor[PerGroup]():
		return perGroup(f, prefix+name)
	case f.Type.Kind() == reflect.Struct && f.Type != typeSecret:
		return below(f, fields(f.Type, prefix+name+"."))
	}
	def := f.Tag.Get("default")
	if prefix == "limits." && name != "preset" || prefix == "limits.filters." {
		def = zeroText(f.Type)
	}
	k := newField(f, prefix+name, def)
	k.index = f.Index
	return []field{k}
}

// zeroText writes the zero value of the types that limits have.
func zeroText(t reflect.Type) string { return format(reflect.Zero(t)) }

func newField(f reflect.StructField, name, def string) field {
	k := field{min: f.Tag.Get("min"), max: f.Tag.Get("max")}
	if set, ok := f.Tag.Lookup("oneof"); ok {
		k.oneof = strings.Split(set, " ")
	}
	k.Key = Key{Name: name, Env: envName(name), Type: kindOf(f.Type), Default: def, Doc: f.Tag.Get("doc"), Secret: f.Type == typeSecret}
	if k.Doc == "" {
		k.Doc = limitDocs[strings.TrimPrefix(name, "limits.")]
	}
	switch {
	case k.oneof != nil:
		k.Range = strings.Join(slices.DeleteFunc(slices.Clone(k.oneof), func(s string) bool { return s == "" }), ", ")
	case k.max != "":
		k.Range = k.min + " to " + k.max
	}
	return k
}

// perGroup makes the three keys of a PerGroup, whose tags stand at the field that holds it.
func perGroup(f reflect.StructField, name string) []field {
	defaults := strings.Fields(f.Tag.Get("default"))
	list := make([]field, f.Type.NumField())
	for i := range list {
		sub := f.Type.Field(i)
		group := sub.Tag.Get("yaml")
		k := newField(f, name+"."+group, defaults[i])
		k.Type, k.Doc = kindOf(sub.Type), fmt.Sprintf(k.Doc, group)
		k.index = append(slices.Clone(f.Index), sub.Index...)
		list[i] = k
	}
	return list
}

func below(f reflect.StructField, list []field) []field {
	for i := range list {
		list[i].index = append(slices.Clone(f.Index), list[i].index...)
	}
	return list
}

func envName(key string) string {
	return "WEIR_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// allFields are the keys of Config, without those of its lists and maps.
var allFields = sync.OnceValue(func() []field { return fields(reflect.TypeFor[Config](), "") })

func fieldByKey(name string) (field, bool) {
	all := allFields()
	i := slices.IndexFunc(all, func(f field) bool { return f.Name == name })
	if i < 0 {
		return field{}, false
	}
	return all[i], true
}

// Keys returns every key of weir.yaml in its order; those of a list's or map's members, which only the file can set, are
// named like endpoints[].url and monitors.NAME.file.
func Keys() []Key {
	var keys []Key
	for _, f := range allFields() {
		keys = append(keys, f.Key)
		if f.Name == "endpoints" {
			keys = append(keys, memberKeys(endpointFields("endpoints[]."))...)
		}
	}
	return append(keys, memberKeys(monitorFields("monitors.NAME."))...)
}

func endpointFields(prefix string) []field { return fields(reflect.TypeFor[Endpoint](), prefix) }

// monitorFields are the keys of a monitor: of the sandbox those that are a monitor's own.
func monitorFields(prefix string) []field {
	return slices.DeleteFunc(fields(reflect.TypeFor[Monitor](), prefix), func(f field) bool {
		return f.Name == prefix+"sandbox.cache_dir"
	})
}

func memberKeys(list []field) []Key {
	var keys []Key
	for _, f := range list {
		f.Env = ""
		if strings.HasPrefix(f.Name, "monitors.NAME.sandbox.") {
			f.Default, f.Doc = "", "overrides "+strings.TrimPrefix(f.Name, "monitors.NAME.")
		}
		keys = append(keys, f.Key)
	}
	return keys
}

// setDefaults fills a struct, passed by pointer, with its keys' defaults.
func setDefaults(v any) {
	s := reflect.ValueOf(v).Elem()
	for _, f := range fields(s.Type(), "") {
		if f.Default == "" {
			continue
		}
		if err := setText(s.FieldByIndex(f.index), f.Default); err != nil {
			panic(fmt.Sprintf("config: default of %s %v", f.Name, err)) // a tag above is wrong: every test would find it
		}
	}
}

func defaultOf[T any]() T {
	var v T
	setDefaults(&v)
	return v
}

// limitDocs describe the keys of geyser.Limits, below `limits`.
var limitDocs = map[string]string{
	"streams":                     "streams at a time",
	"filters.accounts":            "accounts filters in one stream",
	"filters.slots":               "slots filters in one stream",
	"filters.transactions":        "transactions filters in one stream",
	"filters.transactions_status": "transactions_status filters in one stream",
	"filters.blocks":              "blocks filters in one stream",
	"filters.blocks_meta":         "blocks_meta filters in one stream",
	"filters.block_footer":        "block_footer filters in one stream",
	"filters.entry":               "entry filters in one stream",
	"account_keys":                "account keys in one accounts filter",
	"account_owners":              "owner keys in one accounts filter",
	"transaction_include":         "account_include keys in one transaction filter",
	"transaction_exclude":         "account_exclude keys in one transaction filter",
	"transaction_required":        "account_required keys in one transaction filter",
	"block_include":               "account_include keys in one blocks filter",
	"data_slices":                 "accounts_data_slice entries in one stream",
	"name_bytes":                  "bytes of a filter's name, at least 8; 0: the server's 128",
	"no_full_streams":             "the provider refuses accounts and transaction filters without conditions",
	"no_full_blocks":              "the provider refuses blocks filters without account_include",
	"no_block_transactions":       "the provider refuses blocks with transactions",
	"no_block_accounts":           "the provider refuses blocks with accounts",
	"no_block_entries":            "the provider refuses blocks with entries",
	"resubscribes_per_second":     "subscribes and filter updates of all streams in one second",
	"request_bytes":               "bytes of one SubscribeRequest; 0: the server's 4 MiB",
	"update_bytes":                "the provider drops updates with more bytes",
	"reject_accounts":             "account addresses that the provider refuses in account and account_include",
	"reject_owners":               "account addresses that the provider refuses in owner",
}
