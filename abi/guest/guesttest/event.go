package guesttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"

	"weir/abi"
)

// checkEvent holds an event against the manifest: its type and fields are declared, its values of their types.
func (g *Guest) checkEvent(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var members map[string]any
	if err := dec.Decode(&members); err != nil {
		return fmt.Errorf("an event that is no JSON object: %w", err)
	}
	typ, _ := members["type"].(string)
	i := slices.IndexFunc(g.manifest.Events, func(e abi.Event) bool { return e.Name == typ })
	if i < 0 {
		return fmt.Errorf("an event of type %q, which the manifest does not declare", typ)
	}
	for name, value := range members {
		if name == "type" {
			continue
		}
		fields := g.manifest.Events[i].Fields
		k := slices.IndexFunc(fields, func(f abi.Field) bool { return f.Name == name })
		if k < 0 {
			return fmt.Errorf("event %s has a field %q, which the manifest does not declare", typ, name)
		}
		if !isA(value, fields[k].Type) {
			return fmt.Errorf("event %s: %s is %v, which is no %s", typ, name, value, fields[k].Type)
		}
	}
	return nil
}

// isA reports whether a JSON value is of a field type.
func isA(value any, t abi.FieldType) bool {
	text, isText := value.(string)
	number, isNumber := value.(json.Number)
	switch t {
	case abi.TypeBool:
		_, ok := value.(bool)
		return ok
	case abi.TypeNumber:
		return isNumber
	case abi.TypeU32, abi.TypeI32:
		return isNumber && inRange(number.String(), t)
	case abi.TypeU64, abi.TypeI64, abi.TypeU128, abi.TypeI128:
		return isText && inRange(text, t)
	case abi.TypeDecimal:
		_, ok := new(big.Rat).SetString(text)
		return isText && ok
	case abi.TypePubkey:
		return isText && len(text) >= 32 && len(text) <= 44
	case abi.TypeSignature:
		return isText && len(text) >= 64 && len(text) <= 88
	}
	return isText
}

// inRange reports whether text is a decimal integer of an integer type.
func inRange(text string, t abi.FieldType) bool {
	v, ok := new(big.Int).SetString(text, 10)
	if !ok || v.String() != text {
		return false
	}
	switch t {
	case abi.TypeU32:
		return v.Sign() >= 0 && v.BitLen() <= 32
	case abi.TypeU64:
		return v.Sign() >= 0 && v.BitLen() <= 64
	case abi.TypeU128:
		return v.Sign() >= 0 && v.BitLen() <= 128
	case abi.TypeI32:
		return v.IsInt64() && v.Int64() == int64(int32(v.Int64()))
	case abi.TypeI64:
		return v.IsInt64()
	}
	if v.Sign() < 0 { // i128: one more below zero than above
		v.Not(v)
	}
	return v.BitLen() <= 127
}
