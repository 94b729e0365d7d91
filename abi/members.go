//go:build !wasip1

package abi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// eachMember calls f for every member of a JSON object in the order of its text, with the member's path ("events.mint"). A
// name that occurs twice is an error: encoding/json would silently keep the last.
func eachMember(path string, object []byte, f func(path, key string, value json.RawMessage) error) error {
	where := func() string {
		if path == "" {
			return "manifest"
		}
		return path
	}
	dec := json.NewDecoder(bytes.NewReader(object))
	if tok, err := dec.Token(); err != nil {
		return fmt.Errorf("%s: %w", where(), noEOF(err))
	} else if tok != json.Delim('{') {
		return fmt.Errorf("%s: %s where an object is expected", where(), kindName(object))
	}
	seen := make(map[string]bool)
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return fmt.Errorf("%s: %w", where(), noEOF(err))
		}
		key := tok.(string) // the decoder accepts nothing else here
		member := key
		if path != "" {
			member = path + "." + key
		}
		if seen[key] {
			return fmt.Errorf("%s: given twice", member)
		}
		seen[key] = true
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return fmt.Errorf("%s: %w", member, noEOF(err))
		}
		if err := f(member, key, value); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("%s: %w", where(), noEOF(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: something follows the object", where())
	}
	return nil
}

// noEOF keeps io.EOF out of error chains, where a caller would take it for an end.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func text(path string, value json.RawMessage) (string, error) {
	var s string
	if kindOf(value) != ConfigString {
		return "", fmt.Errorf("%s: %s where a string is expected", path, kindName(value))
	}
	if err := json.Unmarshal(value, &s); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// kindOf tells a JSON value's type by its first byte, "" for null and for what is no value. It does not check the rest.
func kindOf(value []byte) ConfigType {
	value = bytes.TrimLeft(value, " \t\r\n")
	if len(value) == 0 {
		return ""
	}
	switch c := value[0]; {
	case c == '{':
		return ConfigObject
	case c == '[':
		return ConfigArray
	case c == '"':
		return ConfigString
	case c == 't' || c == 'f':
		return ConfigBool
	case c == '-' || c >= '0' && c <= '9':
		return ConfigNumber
	}
	return ""
}

func kindName(value []byte) string {
	if k := kindOf(value); k != "" {
		return string(k)
	}
	if bytes.Equal(bytes.TrimSpace(value), []byte("null")) {
		return "null"
	}
	return "nothing"
}
