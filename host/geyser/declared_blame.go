package geyser

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

func refusedField(name string) error {
	return &DeclaredError{Path: name, Err: errors.New("a monitor may not set this, the host does: remove it")}
}

func unknownField(path string, fields protoreflect.FieldDescriptors) error {
	return &DeclaredError{Path: path, Err: fmt.Errorf("unknown field: the protocol has %s", fieldList(fields))}
}

// fieldList names the fields for a message to people, without the two that monitors may not use.
func fieldList(fields protoreflect.FieldDescriptors) string {
	var names []string
	for i := range fields.Len() {
		if n := fields.Get(i).Name(); n != "from_slot" && n != "ping" {
			names = append(names, fields.Get(i).JSONName())
		}
	}
	if len(names) == 0 {
		return "no field here"
	}
	return strings.Join(names, ", ")
}

func sectionList() string {
	names := make([]string, len(sections))
	for i, fd := range sections {
		names[i] = fd.JSONName()
	}
	return strings.Join(names, ", ")
}

// fieldByName finds a field by either of the two names that protobuf JSON allows, nil for none.
func fieldByName(fields protoreflect.FieldDescriptors, name string) protoreflect.FieldDescriptor {
	if fd := fields.ByJSONName(name); fd != nil {
		return fd
	}
	return fields.ByTextName(name)
}

// decodeField reads one field into m; the path of an error starts with the field's name.
func decodeField(m protoreflect.Message, fd protoreflect.FieldDescriptor, f member) (string, error) {
	text, err := json.Marshal(map[string]json.RawMessage{f.name: f.value})
	if err != nil {
		return f.name, err
	}
	if err := protojson.Unmarshal(text, m.Interface()); err != nil {
		path, why := blameField(fd, f)
		if why == nil {
			why = plainError(err)
		}
		return path, why
	}
	return "", nil
}

// blame finds what protojson did not like in the JSON form of a message: the path of the field and the reason, nil where
// no single field is at fault. protojson itself gives a position only.
func blame(md protoreflect.MessageDescriptor, text []byte) (string, error) {
	members, err := readObject(text)
	if err != nil {
		return "", fmt.Errorf("must be an object: %w", err)
	}
	seen, chosen := make(map[protoreflect.FieldNumber]bool), make(map[protoreflect.Name]bool)
	for _, m := range members {
		fd := fieldByName(md.Fields(), m.name)
		if fd == nil {
			return m.name, fmt.Errorf("unknown field: the protocol has %s", fieldList(md.Fields()))
		}
		if seen[fd.Number()] {
			return m.name, errors.New("the field is given twice")
		}
		seen[fd.Number()] = true
		if one := fd.ContainingOneof(); one != nil && !one.IsSynthetic() && string(m.value) != "null" {
			if chosen[one.Name()] {
				return m.name, errors.New("another field stands in its place already: give one of them")
			}
			chosen[one.Name()] = true
		}
		if path, err := blameField(fd, m); err != nil {
			return path, err
		}
	}
	return "", nil
}

// blameField is blame for one field; its path starts with the field's name.
func blameField(fd protoreflect.FieldDescriptor, f member) (string, error) {
	if string(f.value) == "null" || accepts(fd, f.value) {
		return "", nil
	}
	if fd.IsList() {
		return blameList(fd, f)
	}
	if fd.Message() != nil {
		path, err := blame(fd.Message(), f.value)
		return joinPath(f.name, path), err
	}
	return f.name, fmt.Errorf("must be %s", valueWord(fd))
}

func blameList(fd protoreflect.FieldDescriptor, f member) (string, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(f.value, &items); err != nil {
		return f.name, errors.New("must be a list")
	}
	for i, item := range items {
		if accepts(fd, []byte("["+string(item)+"]")) {
			continue
		}
		path := f.name + "[" + strconv.Itoa(i) + "]"
		if fd.Message() == nil {
			return path, fmt.Errorf("must be %s", valueWord(fd))
		}
		where, err := blame(fd.Message(), item)
		return joinPath(path, where), err
	}
	return f.name, nil
}

// accepts tells whether protojson reads value as the field fd.
func accepts(fd protoreflect.FieldDescriptor, value []byte) bool {
	text := append(strconv.AppendQuote([]byte("{"), fd.JSONName()), ':')
	text = append(append(text, value...), '}')
	return protojson.Unmarshal(text, dynamicpb.NewMessage(fd.ContainingMessage())) == nil
}

// valueWord says what a field's value must be.
func valueWord(fd protoreflect.FieldDescriptor) string {
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return "true or false"
	case protoreflect.StringKind:
		return "a string"
	case protoreflect.BytesKind:
		return "a string of base64"
	case protoreflect.EnumKind:
		values := fd.Enum().Values()
		names := make([]string, values.Len())
		for i := range values.Len() {
			names[i] = string(values.Get(i).Name())
		}
		return "one of " + strings.Join(names, ", ")
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind:
		return "a whole number from 0 on"
	}
	return "a value of type " + fd.Kind().String()
}

func joinPath(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "." + b
}
