// Package option reads what the monitors let an operator configure in common: lists of keys, and the commitment.
package option

import (
	"errors"

	"weir/abi/guest"
)

// Keys is a set of keys that an operator listed. Nobody listed anything in the empty set: it lets every key through.
type Keys struct {
	text []string
	keys []guest.Pubkey
}

// ReadKeys reads an option that is declared as an array of base58 keys. Its error names the option and the element.
func ReadKeys(c *guest.Config, name string) (Keys, error) {
	list, ok := c.Strings(name)
	if !ok {
		return Keys{}, errors.New("config." + name + ": every element must be a key, as base58 text")
	}
	k := Keys{text: list}
	for _, text := range list {
		var key guest.Pubkey
		if n, ok := guest.DecodeBase58(key[:], text); !ok || n != len(key) {
			return Keys{}, errors.New("config." + name + ": " + text + " is not the base58 text of a 32-byte key")
		}
		k.keys = append(k.keys, key)
	}
	return k, nil
}

// Empty reports whether nothing is listed.
func (k *Keys) Empty() bool { return len(k.keys) == 0 }

// Text returns the keys as they were listed, for a filter.
func (k *Keys) Text() []string { return k.text }

// Allows reports whether key is listed, or nothing is. A nil key, which the bytes do not have, is not listed.
func (k *Keys) Allows(key []byte) bool {
	for i := range k.keys {
		if k.keys[i].Is(key) {
			return true
		}
	}
	return k.Empty()
}
