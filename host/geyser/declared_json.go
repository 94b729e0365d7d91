package geyser

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// member is one name and value of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// ParseDeclared reads a SubscribeRequest in protobuf JSON, with field names in either of its spellings (accountInclude,
// account_include). A field that the protocol lacks is an error that names it; so is from_slot or ping, which are the
// host's own; so is a request without a filter or with more than MaxFilters. What the server would refuse is refused in
// its words. Every error is a *DeclaredError.
func ParseDeclared(text []byte) (*Declared, error) {
	if !utf8.Valid(text) {
		return nil, &DeclaredError{Err: errors.New("the request is not valid UTF-8")}
	}
	members, err := readObject(text)
	if err != nil {
		return nil, &DeclaredError{Err: fmt.Errorf("the request is not a JSON object: %w", err)}
	}
	d := &Declared{}
	seen := make(map[protoreflect.FieldNumber]bool)
	fields := (*pb.SubscribeRequest)(nil).ProtoReflect().Descriptor().Fields()
	for _, m := range members {
		fd := fieldByName(fields, m.name)
		switch {
		case fd == nil:
			return nil, unknownField(m.name, fields)
		case fd.Name() == "from_slot" || fd.Name() == "ping":
			return nil, refusedField(m.name)
		case seen[fd.Number()]:
			return nil, &DeclaredError{Path: m.name, Err: errors.New("the field is given twice")}
		}
		seen[fd.Number()] = true
		if err := d.readField(fd, m); err != nil {
			return nil, err
		}
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	return d, nil
}

// readField reads one field of the request.
func (d *Declared) readField(fd protoreflect.FieldDescriptor, m member) error {
	if string(m.value) == "null" { // protobuf JSON: as if the field were left out
		return nil
	}
	if fd.IsMap() {
		return d.readSection(sectionIndex(string(fd.Name())), m)
	}
	req := new(pb.SubscribeRequest)
	if path, err := decodeField(req.ProtoReflect(), fd, m); err != nil {
		return &DeclaredError{Path: path, Err: err}
	}
	switch fd.Name() {
	case "commitment":
		d.Commitment = req.GetCommitment()
	case "accounts_data_slice":
		d.Slices = req.AccountsDataSlice
	default: // a field of a later protocol that is no filter: leaving it out would change the request's meaning
		return &DeclaredError{Path: m.name, Err: errors.New("the host does not support this field yet: remove it")}
	}
	return nil
}

// readSection reads one map of filters, in the order of the text.
func (d *Declared) readSection(section int, m member) error {
	filters, err := readObject(m.value)
	if err != nil {
		return &DeclaredError{Path: m.name, Err: fmt.Errorf("must be an object of filters by name: %w", err)}
	}
	names := make(map[string]bool, len(filters))
	for _, f := range filters {
		path := m.name + "." + f.name
		if names[f.name] {
			return &DeclaredError{Path: path, Err: errors.New("the filter is given twice")}
		}
		names[f.name] = true
		msg := newFilterMessage(section)
		if err := protojson.Unmarshal(f.value, msg.Interface()); err != nil {
			where, why := blame(msg.Descriptor(), f.value)
			if why == nil {
				why = plainError(err)
			}
			return &DeclaredError{Path: joinPath(path, where), Err: why}
		}
		d.Filters = append(d.Filters, newFilter(section, f.name, msg.Interface()))
	}
	return nil
}

// newFilterMessage returns an empty filter of a section's message type.
func newFilterMessage(section int) protoreflect.Message {
	return new(pb.SubscribeRequest).ProtoReflect().NewField(sections[section]).Map().NewValue().Message()
}

// readObject splits a JSON object into its members, in the order of the text.
func readObject(text []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	tok, err := dec.Token()
	if err != nil {
		return nil, jsonError(err)
	}
	if tok != json.Delim('{') {
		return nil, errors.New("it does not start with {")
	}
	var members []member
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, jsonError(err)
		}
		m := member{name: key.(string)} // inside an object More is followed by a key or an error
		if err := dec.Decode(&m.value); err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, jsonError(err))
		}
		members = append(members, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, jsonError(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("there is more text behind the object")
	}
	return members, nil
}

func jsonError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the text ends too early")
	}
	return err
}

// plainError takes position and package name off a protojson error: both are about a piece of the text only.
func plainError(err error) error {
	text := err.Error()
	if _, rest, ok := strings.Cut(text, "): "); ok {
		text = rest
	}
	return errors.New(text)
}
