package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Size is a number of bytes, written as 512, 64KiB, 32MiB or 1GiB (powers of 1024), or with KB, MB, GB (of 1000).
type Size int64

var sizeUnits = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1}}

// String writes s with the largest binary unit that divides it.
func (s Size) String() string {
	for _, u := range sizeUnits[:3] {
		if s != 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

// ParseSize reads a Size.
func ParseSize(text string) (Size, error) {
	number, factor := text, int64(1)
	for _, u := range sizeUnits {
		if n, ok := strings.CutSuffix(text, u.name); ok {
			number, factor = n, u.bytes
			break
		}
	}
	n, err := parseInt(strings.TrimSpace(number))
	if err != nil || n < 0 || n > math.MaxInt64/factor {
		return 0, errors.New("is no size: write it like 64KiB, 32MiB or 1GiB")
	}
	return Size(n * factor), nil
}

// parseInt reads a decimal number; underscores may group its digits.
func parseInt(text string) (int64, error) {
	return strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
}

var (
	typeDuration  = reflect.TypeFor[time.Duration]()
	typeSize      = reflect.TypeFor[Size]()
	typeSecret    = reflect.TypeFor[Secret]()
	typeEndpoints = reflect.TypeFor[[]Endpoint]()
	typeStrings   = reflect.TypeFor[[]string]()
)

// kindOf names a value's type for people.
func kindOf(t reflect.Type) string {
	switch t {
	case typeDuration:
		return "duration"
	case typeSize:
		return "size"
	case typeSecret:
		return "secret"
	case typeEndpoints:
		return "list of endpoints"
	case typeStrings:
		return "list of strings"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "string"
	case reflect.Int, reflect.Int64:
		return "number"
	}
	return "object"
}

// setText reads text into v, which holds one key's value. Errors do not repeat the text.
func setText(v reflect.Value, text string) error {
	switch v.Type() {
	case typeDuration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return errors.New("is no duration: write it like 100ms, 10s or 5m")
		}
		v.SetInt(int64(d))
		return nil
	case typeSize:
		n, err := ParseSize(text)
		v.SetInt(int64(n))
		return err
	case typeSecret:
		v.Set(reflect.ValueOf(NewSecret(text)))
		return nil
	case typeEndpoints:
		v.Set(reflect.ValueOf(endpointsOf(text)))
		return nil
	case typeStrings:
		v.Set(reflect.ValueOf(splitList(text)))
		return nil
	}
	return setPlain(v, text)
}

func setPlain(v reflect.Value, text string) error {
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		v.Set(p)
		return setText(p.Elem(), text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return errors.New("must be true or false")
		}
		v.SetBool(text == "true")
	case reflect.Int, reflect.Int64:
		n, err := parseInt(text)
		if err != nil {
			return errors.New("is no whole number")
		}
		v.SetInt(n)
	case reflect.String:
		v.SetString(text)
	default:
		return fmt.Errorf("cannot be set from text (%s)", kindOf(v.Type()))
	}
	return nil
}

func splitList(text string) []string {
	var list []string
	for s := range strings.SplitSeq(text, ",") {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// endpointsOf makes endpoints with default settings of a list of URLs.
func endpointsOf(text string) []Endpoint {
	var list []Endpoint
	for _, u := range splitList(text) {
		e := defaultOf[Endpoint]()
		e.URL = u
		list = append(list, e)
	}
	return list
}

// format writes a value as weir.yaml would have it; secrets are masked, endpoints shown by scheme and host alone.
func format(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		return formatDuration(x)
	case Size:
		return x.String()
	case Secret:
		return x.String()
	case []string:
		return strings.Join(x, ",")
	case json.RawMessage:
		return formatObject(x)
	case []Endpoint:
		shown := make([]string, len(x))
		for i := range x {
			shown[i] = publicURL(x[i].URL)
		}
		return strings.Join(shown, ",")
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		return format(v.Elem())
	}
	return fmt.Sprint(v.Interface())
}

// publicURL leaves out whatever of a URL may hold a secret.
func publicURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "(not a URL)"
	}
	return u.Scheme + "://" + u.Host
}

// formatDuration is Duration.String without the zero units behind the last one that counts: 5m, not 5m0s.
func formatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// formatObject shows which options a monitor is given, not their values: nobody knows which of them are secret.
func formatObject(text json.RawMessage) string {
	if len(text) == 0 {
		return ""
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil {
		return "{…}"
	}
	return "{" + strings.Join(slices.Sorted(maps.Keys(object)), ", ") + "}"
}
