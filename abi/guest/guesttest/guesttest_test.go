package guesttest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"weir/abi"
)

func TestSplitRecording(t *testing.T) {
	long := strings.Repeat("x", 300)
	data := append([]byte{0, 2, 'a', 'b', 0xac, 2}, long...)
	messages, err := SplitRecording(data)
	if err != nil || len(messages) != 3 || len(messages[0]) != 0 || string(messages[1]) != "ab" || string(messages[2]) != long {
		t.Fatalf("%q, %v", messages, err)
	}
	for cut, whole := range map[int]int{3: 1, 5: 2, len(data) - 1: 2} {
		messages, err := SplitRecording(data[:cut])
		if err == nil || len(messages) != whole || !strings.Contains(err.Error(), fmt.Sprintf("message %d", whole)) {
			t.Errorf("cut at %d: %d messages, %v", cut, len(messages), err)
		}
	}
}

// An event that is not as the manifest declares it is named with its field.
func TestCheckEvent(t *testing.T) {
	g := &Guest{manifest: &abi.Manifest{Events: []abi.Event{{Name: "e", Fields: []abi.Field{
		{Name: "key", Type: abi.TypePubkey}, {Name: "sig", Type: abi.TypeSignature}, {Name: "s", Type: abi.TypeString},
		{Name: "b", Type: abi.TypeBool}, {Name: "u32", Type: abi.TypeU32}, {Name: "i32", Type: abi.TypeI32},
		{Name: "u64", Type: abi.TypeU64}, {Name: "i64", Type: abi.TypeI64}, {Name: "u128", Type: abi.TypeU128},
		{Name: "i128", Type: abi.TypeI128}, {Name: "d", Type: abi.TypeDecimal}, {Name: "n", Type: abi.TypeNumber},
	}}}}}
	key := `"` + strings.Repeat("1", 32) + `"`
	for _, good := range []string{
		`"key":` + key, `"sig":"` + strings.Repeat("1", 64) + `"`, `"s":""`, `"b":false`, `"u32":4294967295`, `"i32":-2147483648`,
		`"u64":"18446744073709551615"`, `"i64":"-9223372036854775808"`, `"u128":"340282366920938463463374607431768211455"`,
		`"i128":"-170141183460469231731687303715884105728"`, `"d":"0.000000031585069512"`, `"n":-1e9`,
	} {
		if err := g.checkEvent(json.RawMessage(`{"type":"e",` + good + `}`)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		`"x":1`, `"key":"short"`, `"sig":` + key, `"s":1`, `"b":"true"`, `"u32":-1`, `"u32":4294967296`, `"u32":1.5`, `"i32":2147483648`,
		`"u64":1`, `"u64":"-1"`, `"u64":"01"`, `"u64":"18446744073709551616"`, `"i64":"9223372036854775808"`,
		`"u128":"340282366920938463463374607431768211456"`, `"i128":"170141183460469231731687303715884105728"`, `"d":0.5`, `"d":"x"`, `"n":"1"`,
	} {
		if err := g.checkEvent(json.RawMessage(`{"type":"e",` + bad + `}`)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	for _, bad := range []string{`{"type":"f"}`, `{}`, `{`, `[]`} {
		if err := g.checkEvent(json.RawMessage(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestHostRefusesWhatTheHostWould(t *testing.T) {
	h := newHost()
	if h.Emit(make([]byte, abi.DefaultEventBytes+1)) >= 0 || len(h.events) != 0 {
		t.Error("an event over size is taken")
	}
	first := h.MetricDefine(int32(abi.MetricCounter), "a_count")
	if first < 0 || h.MetricDefine(int32(abi.MetricCounter), "a_count") != first || h.MetricDefine(int32(abi.MetricGauge), "a_count") >= 0 ||
		h.MetricDefine(7, "other") >= 0 || h.MetricDefine(0, "No") >= 0 {
		t.Error("wrong metric definitions")
	}
	h.MetricAdd(first, -1)
	h.MetricSet(first, 5)
	h.MetricAdd(99, 1)
	if len(h.metrics) != 0 {
		t.Errorf("%v", h.metrics)
	}
	for i := range abi.MaxMetrics {
		h.MetricDefine(int32(abi.MetricGauge), fmt.Sprintf("g%d", i))
	}
	if h.MetricDefine(int32(abi.MetricGauge), "one_too_many") >= 0 {
		t.Error("one metric too many is taken")
	}
}
