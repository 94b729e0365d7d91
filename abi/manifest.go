package abi

// Group says how urgent a monitor is: it decides which share of the connections serves it.
type Group string

// The groups. A manifest without one means GroupMedium; weir.yaml's group for a monitor overrides it.
const (
	GroupHigh   Group = "high"
	GroupMedium Group = "medium"
	GroupLow    Group = "low"
)

// FieldType tells how a field of an event is written in its JSON.
type FieldType string

// The field types. 64-bit and larger integers are decimal strings in base units, keys are base58, as in protobuf JSON.
const (
	TypePubkey    FieldType = "pubkey"    // 32 bytes, base58 string
	TypeSignature FieldType = "signature" // 64 bytes, base58 string
	TypeString    FieldType = "string"    // text
	TypeBytes     FieldType = "bytes"     // base64 string
	TypeBool      FieldType = "bool"      // true or false
	TypeU32       FieldType = "u32"       // a JSON number, also for narrower integers
	TypeI32       FieldType = "i32"       // a JSON number, also for narrower integers
	TypeU64       FieldType = "u64"       // decimal string
	TypeI64       FieldType = "i64"       // decimal string
	TypeU128      FieldType = "u128"      // decimal string
	TypeI128      FieldType = "i128"      // decimal string
	TypeDecimal   FieldType = "decimal"   // a decimal fraction, as a string ("0.0000000315")
	TypeNumber    FieldType = "number"    // a JSON number
)

// ConfigType is the JSON type of one option of a monitor's config.
type ConfigType string

// The config types, named as in JSON; ConfigBool is true or false.
const (
	ConfigNumber ConfigType = "number"
	ConfigString ConfigType = "string"
	ConfigBool   ConfigType = "bool"
	ConfigArray  ConfigType = "array"
	ConfigObject ConfigType = "object"
)

// Event declares one type of event: the value of its "type" field and its other fields, in the manifest's order. A field may
// be missing from an event; an event has no fields beyond the declared.
type Event struct {
	Name   string
	Fields []Field
}

// Field is one declared field of an event.
type Field struct {
	Name string
	Type FieldType
}

// ValidName reports whether s can be a monitor's name: 1 to MaxNameBytes lower-case letters, digits and dashes.
func ValidName(s string) bool {
	if len(s) == 0 || len(s) > MaxNameBytes {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// ValidIdent reports whether s can be the name of an event, a field, a config option or a metric: 1 to MaxMetricNameBytes
// lower-case letters, digits and underscores, the first a letter.
func ValidIdent(s string) bool {
	if len(s) == 0 || len(s) > MaxMetricNameBytes || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// Valid reports whether g is one of the groups; the empty group is not.
func (g Group) Valid() bool { return g == GroupHigh || g == GroupMedium || g == GroupLow }

// Valid reports whether t is one of the field types.
func (t FieldType) Valid() bool {
	switch t {
	case TypePubkey, TypeSignature, TypeString, TypeBytes, TypeBool, TypeU32, TypeI32, TypeU64, TypeI64, TypeU128, TypeI128,
		TypeDecimal, TypeNumber:
		return true
	}
	return false
}

// Valid reports whether t is one of the config types.
func (t ConfigType) Valid() bool {
	switch t {
	case ConfigNumber, ConfigString, ConfigBool, ConfigArray, ConfigObject:
		return true
	}
	return false
}
