//go:build !wasip1

package abi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// ErrConfig is the class of every error of ValidateConfig.
var ErrConfig = errors.New("invalid monitor config")

// ValidateConfig holds an operator's config, a JSON object, against the manifest's declaration. It reports everything that is
// wrong at once: options that are not declared, by name, and values of another type than declared. An empty config is valid:
// options that are not given take their defaults. Its errors are ErrConfig.
func (m *Manifest) ValidateConfig(config []byte) error {
	if len(config) == 0 {
		return nil
	}
	if len(config) > DefaultConfigBytes {
		return fmt.Errorf("%w: %d bytes, at most %d allowed", ErrConfig, len(config), DefaultConfigBytes)
	}
	var all []error
	err := eachMember("config", config, func(path, key string, value json.RawMessage) error {
		all = append(all, m.validateOption(path, key, value))
		return nil
	})
	if err := errors.Join(append(all, err)...); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

func (m *Manifest) validateOption(path, key string, value json.RawMessage) error {
	i := slices.IndexFunc(m.Config, func(o Option) bool { return o.Name == key })
	if i < 0 {
		return fmt.Errorf("%s: %s declares no such option%s", path, m.Name, m.optionNames())
	}
	if o := m.Config[i]; kindOf(value) != o.Type {
		return fmt.Errorf("%s: %s where %s is declared", path, kindName(value), o.Type)
	}
	return nil
}

func (m *Manifest) optionNames() string {
	if len(m.Config) == 0 {
		return "; it has none"
	}
	list := "; it has"
	for i, o := range m.Config {
		if i > 0 {
			list += ","
		}
		list += " " + o.Name
	}
	return list
}
