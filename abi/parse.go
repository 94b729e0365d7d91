//go:build !wasip1

package abi

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrManifest is the class of every error of ParseManifest.
var ErrManifest = errors.New("invalid manifest")

// Manifest is what weir_describe returns.
type Manifest struct {
	Name        string          // ValidName
	Version     string          // not empty; the author's own scheme
	Description string          // one line, for people
	Group       Group           // never empty once parsed
	Subscribe   json.RawMessage // a SubscribeRequest in protobuf JSON, not yet understood: host/geyser parses it; never empty
	Events      []Event         // in the manifest's order
	Config      []Option        // in the manifest's order
}

// Option declares one option of the operator's config.
type Option struct {
	Name    string
	Type    ConfigType
	Default json.RawMessage // nil when the option has none; of Type otherwise
	Doc     string
}

// ParseManifest reads a manifest strictly: an unknown or repeated field, a value of a wrong type or out of range is an error
// that names the field by its path. Its errors are ErrManifest.
func ParseManifest(data []byte) (*Manifest, error) {
	if len(data) > MaxManifestBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d allowed", ErrManifest, len(data), MaxManifestBytes)
	}
	m, err := parseManifest(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	return m, nil
}

func parseManifest(data []byte) (*Manifest, error) {
	m := &Manifest{Group: GroupMedium}
	err := eachMember("", data, func(path, key string, value json.RawMessage) (err error) {
		switch key {
		case "name":
			m.Name, err = text(path, value)
		case "version":
			m.Version, err = text(path, value)
		case "description":
			m.Description, err = text(path, value)
		case "group":
			m.Group, err = group(path, value)
		case "subscribe":
			m.Subscribe = value
		case "events":
			m.Events, err = events(path, value)
		case "config":
			m.Config, err = options(path, value)
		default:
			err = fmt.Errorf("%s: unknown field", path)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return m, m.check()
}

func (m *Manifest) check() error {
	switch {
	case !ValidName(m.Name):
		return fmt.Errorf("name: %q is not 1 to %d lower-case letters, digits and dashes", m.Name, MaxNameBytes)
	case m.Version == "":
		return errors.New("version: missing or empty")
	case kindOf(m.Subscribe) != ConfigObject:
		return errors.New("subscribe: missing or not an object; it is a SubscribeRequest in protobuf JSON")
	}
	return nil
}

func group(path string, value json.RawMessage) (Group, error) {
	s, err := text(path, value)
	if err != nil {
		return "", err
	}
	if s == "" {
		return GroupMedium, nil
	}
	if g := Group(s); g.Valid() {
		return g, nil
	}
	return "", fmt.Errorf("%s: %q is not high, medium or low", path, s)
}

func events(path string, value json.RawMessage) (out []Event, err error) {
	err = eachMember(path, value, func(path, name string, value json.RawMessage) error {
		if !ValidIdent(name) {
			return fmt.Errorf("%s: an event's name is lower-case letters, digits and underscores, starting with a letter", path)
		}
		e := Event{Name: name}
		err := eachMember(path, value, func(path, key string, value json.RawMessage) (err error) {
			if key != "fields" {
				return fmt.Errorf("%s: unknown field", path)
			}
			e.Fields, err = fields(path, value)
			return err
		})
		out = append(out, e)
		return err
	})
	return out, err
}

func fields(path string, value json.RawMessage) (out []Field, err error) {
	err = eachMember(path, value, func(path, name string, value json.RawMessage) error {
		if !ValidIdent(name) || name == "type" {
			return fmt.Errorf("%s: a field's name is lower-case letters, digits and underscores, starting with a letter, and not \"type\"", path)
		}
		t, err := text(path, value)
		if err == nil && !FieldType(t).Valid() {
			err = fmt.Errorf("%s: unknown field type %q", path, t)
		}
		out = append(out, Field{Name: name, Type: FieldType(t)})
		return err
	})
	return out, err
}

func options(path string, value json.RawMessage) (out []Option, err error) {
	err = eachMember(path, value, func(path, name string, value json.RawMessage) error {
		if !ValidIdent(name) {
			return fmt.Errorf("%s: an option's name is lower-case letters, digits and underscores, starting with a letter", path)
		}
		o, err := option(path, name, value)
		out = append(out, o)
		return err
	})
	return out, err
}

func option(path, name string, value json.RawMessage) (Option, error) {
	o := Option{Name: name}
	err := eachMember(path, value, func(path, key string, value json.RawMessage) (err error) {
		switch key {
		case "type":
			var t string
			t, err = text(path, value)
			o.Type = ConfigType(t)
		case "default":
			o.Default = value
		case "doc":
			o.Doc, err = text(path, value)
		default:
			err = fmt.Errorf("%s: unknown field", path)
		}
		return err
	})
	if err != nil {
		return o, err
	}
	if !o.Type.Valid() {
		return o, fmt.Errorf("%s.type: %q is not number, string, bool, array or object", path, o.Type)
	}
	if o.Default != nil && kindOf(o.Default) != o.Type {
		return o, fmt.Errorf("%s.default: %s where %s is declared", path, kindName(o.Default), o.Type)
	}
	return o, nil
}
