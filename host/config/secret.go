package config

import (
	"fmt"
	"io"
	"log/slog"
)

// mask is what is shown in place of a secret.
const mask = "********"

// Secret is a text that shows itself only to Reveal: fmt with any verb, JSON, YAML and slog print a mask, or nothing when
// it is empty. It holds a pointer so that even a print of a struct that hides it in an unexported field, where fmt cannot
// call methods, shows an address.
type Secret struct{ text *string }

// NewSecret wraps s.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{&s}
}

// Reveal returns the secret itself.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsSet tells whether there is a secret at all.
func (s Secret) IsSet() bool { return s.text != nil }

// String returns the mask, "" for the empty secret.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return mask
}

// Format implements fmt.Formatter for every verb.
func (s Secret) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprintf(f, "%q", s.String())
		return
	}
	_, _ = io.WriteString(f, s.String()) // fmt keeps the error
}

// MarshalText masks the secret in JSON, YAML and whatever else asks for text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
