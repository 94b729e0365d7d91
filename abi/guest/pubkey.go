package guest

// Pubkey is an account's address.
type Pubkey [32]byte

// MustKey returns the key that a base58 text names. It panics on anything but the text of 32 bytes: it is for constants, read when
// the monitor is loaded.
func MustKey(text string) Pubkey {
	var k Pubkey
	if n, ok := DecodeBase58(k[:], text); !ok || n != len(k) {
		panic("guest: " + text + " is not the base58 text of a 32-byte key")
	}
	return k
}

// Is reports whether b is the key.
func (k *Pubkey) Is(b []byte) bool {
	if len(b) != 32 {
		return false
	}
	return load64(b) == load64(k[:]) && load64(b[8:]) == load64(k[8:]) &&
		load64(b[16:]) == load64(k[16:]) && load64(b[24:]) == load64(k[24:])
}

// IsZero reports whether the key is 32 zero bytes, the system program's address.
func (k *Pubkey) IsZero() bool { return *k == Pubkey{} }

// String returns the key's base58 text.
func (k Pubkey) String() string { return string(AppendBase58(nil, k[:])) }
