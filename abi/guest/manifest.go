package guest

import "weir/abi"

// Group says how urgent a monitor is: it decides which share of the connections serves it.
type Group = abi.Group

// The groups; the zero value means Medium. The operator may override it.
const (
	High   = abi.GroupHigh
	Medium = abi.GroupMedium
	Low    = abi.GroupLow
)

// Types of an event's fields, and the Event method that writes each.
const (
	TypePubkey    = abi.TypePubkey    // Key
	TypeSignature = abi.TypeSignature // Key
	TypeString    = abi.TypeString    // Str, Text
	TypeBytes     = abi.TypeBytes     // Bytes
	TypeBool      = abi.TypeBool      // Bool
	TypeU32       = abi.TypeU32       // Int
	TypeI32       = abi.TypeI32       // Int
	TypeU64       = abi.TypeU64       // U64String
	TypeI64       = abi.TypeI64       // I64String
	TypeU128      = abi.TypeU128      // Str
	TypeI128      = abi.TypeI128      // Str
	TypeDecimal   = abi.TypeDecimal   // Str
	TypeNumber    = abi.TypeNumber    // Int, Raw
)

// Types of a config option.
const (
	ConfigNumber = abi.ConfigNumber
	ConfigString = abi.ConfigString
	ConfigBool   = abi.ConfigBool
	ConfigArray  = abi.ConfigArray
	ConfigObject = abi.ConfigObject
)

const maxFilters = abi.MaxFilters

// Manifest is what a monitor says about itself.
type Manifest struct {
	Name        string // 1 to 64 lower-case letters, digits and dashes
	Version     string // not empty
	Description string // one line, for people
	Group       Group
	Subscribe   *Subscription
	Events      Events
	Config      Options
}

// Events declares what a monitor emits.
type Events []EventDecl

// EventDecl declares one type of event: its "type" and its other fields.
type EventDecl struct {
	Name   string // lower-case letters, digits and underscores, starting with a letter
	Fields Fields
}

// Fields declares the fields of an event.
type Fields []FieldDecl

// FieldDecl declares one field of an event.
type FieldDecl struct {
	Name string
	Type abi.FieldType
}

// Options declares what an operator can configure.
type Options []OptionDecl

// OptionDecl declares one option of the operator's config.
type OptionDecl struct {
	Name    string
	Type    abi.ConfigType
	Default string // JSON: `0.5`, `"text"`, `["a"]`; empty for none
	Doc     string
}

// check returns the first mistake in the manifest, "" where there is none. The host checks again, and more.
func (m *Manifest) check() string {
	switch {
	case !abi.ValidName(m.Name):
		return "the name " + m.Name + " is not 1 to 64 lower-case letters, digits and dashes"
	case m.Version == "":
		return "the version is missing"
	case m.Group != "" && !m.Group.Valid():
		return "unknown group " + string(m.Group)
	case m.Subscribe == nil || m.Subscribe.count() == 0:
		return "the subscription has no filter"
	case m.Subscribe.err != "":
		return m.Subscribe.err
	}
	return m.checkNames()
}

func (m *Manifest) checkNames() string {
	for _, e := range m.Events {
		if !abi.ValidIdent(e.Name) {
			return "invalid event name " + e.Name
		}
		for _, f := range e.Fields {
			if !abi.ValidIdent(f.Name) || f.Name == "type" || !f.Type.Valid() {
				return "invalid field " + e.Name + "." + f.Name
			}
		}
	}
	for _, o := range m.Config {
		if !abi.ValidIdent(o.Name) || !o.Type.Valid() {
			return "invalid config option " + o.Name
		}
		if o.Default != "" && jsonType(o.Default) != o.Type {
			return "the default of config option " + o.Name + " is no " + string(o.Type)
		}
	}
	return ""
}

// appendJSON appends the manifest as the host reads it.
func (m *Manifest) appendJSON(dst []byte) []byte {
	o := object{buf: dst}
	o.open()
	o.text("name", m.Name)
	o.text("version", m.Version)
	if m.Description != "" {
		o.text("description", m.Description)
	}
	if m.Group != "" {
		o.text("group", string(m.Group))
	}
	o.name("subscribe")
	m.Subscribe.writeRequest(&o)
	if len(m.Events) > 0 {
		o.name("events")
		m.Events.write(&o)
	}
	if len(m.Config) > 0 {
		o.name("config")
		m.Config.write(&o)
	}
	o.close()
	return o.buf
}

func (list Events) write(o *object) {
	o.open()
	for _, e := range list {
		o.name(e.Name)
		o.open()
		o.name("fields")
		o.open()
		for _, f := range e.Fields {
			o.text(f.Name, string(f.Type))
		}
		o.close()
		o.close()
	}
	o.close()
}

func (list Options) write(o *object) {
	o.open()
	for _, d := range list {
		o.name(d.Name)
		o.open()
		o.text("type", string(d.Type))
		if d.Default != "" {
			o.name("default")
			o.buf = append(o.buf, d.Default...)
		}
		if d.Doc != "" {
			o.text("doc", d.Doc)
		}
		o.close()
	}
	o.close()
}
