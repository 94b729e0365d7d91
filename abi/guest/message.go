package guest

import "iter"

// message is what was read of a transaction's message. Its slices are kept from one transaction to the next.
type message struct {
	keys        []span // static keys, then (readMeta) loaded writable, then loaded read-only
	static      int    // of keys
	top         []span // top-level instructions
	blockhash   span
	firstSig    span
	signatures  int
	signers     uint32
	roSigned    uint32
	roUnsigned  uint32
	lookups     int
	hasConfig   bool
	isVersioned bool
}

// readOuter reads the Transaction message and its Message once.
func (t *Transaction) readOuter() {
	if t.read&readMessage != 0 {
		return
	}
	t.read |= readMessage
	t.message = message{keys: t.keys[:0], top: t.top[:0]}
	u := t.u
	var inner span
	joined := false
	f := u.walk(t.outer)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireBytes:
			if t.signatures++; t.signatures == 1 {
				t.firstSig = f.span()
			}
		case 2<<3 | wireBytes:
			joined = joined || !inner.absent()
			inner = f.span()
		}
	}
	u.done(&f)
	if joined {
		inner = u.gather(t.outer, 2<<3|wireBytes)
	}
	t.readFields(inner)
}

// readFields reads the fields of a Message.
func (t *Transaction) readFields(inner span) {
	u := t.u
	var header span
	joined := false
	f := u.walk(inner)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireBytes:
			joined = joined || !header.absent()
			header = f.span()
		case 2<<3 | wireBytes:
			t.keys = append(t.keys, f.span())
		case 3<<3 | wireBytes:
			t.blockhash = f.span()
		case 4<<3 | wireBytes:
			t.top = append(t.top, f.span())
		case 5<<3 | wireVarint:
			t.isVersioned = f.v != 0
		case 6<<3 | wireBytes:
			t.lookups++
		case 7<<3 | wireBytes:
			t.hasConfig = true
		}
	}
	u.done(&f)
	t.static = len(t.keys)
	if joined {
		header = u.gather(inner, 1<<3|wireBytes)
	}
	t.readHeader(header)
}

func (t *Transaction) readHeader(header span) {
	f := t.u.walk(header)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			t.signers = uint32(f.v)
		case 2<<3 | wireVarint:
			t.roSigned = uint32(f.v)
		case 3<<3 | wireVarint:
			t.roUnsigned = uint32(f.v)
		}
	}
	t.u.done(&f)
}

// Version returns the message's version: 1 where it has a config, 0 where it is marked as versioned, else legacy.
func (t *Transaction) Version() Version {
	t.readOuter()
	switch {
	case t.hasConfig:
		return Version1
	case t.isVersioned:
		return Version0
	}
	return VersionLegacy
}

// NumSigners returns the number of keys that had to sign: Key(0) to Key(NumSigners-1), the first of them the fee payer.
func (t *Transaction) NumSigners() int {
	t.readOuter()
	return int(t.signers)
}

// IsSigner reports whether Key(i) signed.
func (t *Transaction) IsSigner(i int) bool { return i >= 0 && i < t.NumSigners() }

// NumSignatures returns the number of signatures.
func (t *Transaction) NumSignatures() int {
	t.readOuter()
	return t.signatures
}

// RecentBlockhash returns the blockhash that the transaction names, 32 bytes.
func (t *Transaction) RecentBlockhash() []byte {
	t.readOuter()
	return t.u.bytes(t.blockhash)
}

// NumKeys returns the number of account keys, loaded ones included.
func (t *Transaction) NumKeys() int {
	t.readOutcome()
	return len(t.keys)
}

// NumStaticKeys returns the number of keys in the message itself; the rest were loaded from lookup tables.
func (t *Transaction) NumStaticKeys() int {
	t.readOuter()
	return t.static
}

// Key returns the i-th account key, 32 bytes: the message's own keys first, then those loaded as writable, then those loaded as
// read-only, the order that instructions count in. It is nil where there is no such key.
func (t *Transaction) Key(i int) []byte {
	if t.readOuter(); i >= t.static {
		t.readOutcome()
	}
	if uint(i) >= uint(len(t.keys)) {
		return nil
	}
	s := t.keys[i]
	return t.u.buf[s.off : s.off+s.n : s.off+s.n]
}

// KeyIndex returns the index of a key, the first of equal ones, -1 where the transaction does not name it. To compare
// Instruction.Program with it costs less than to compare keys.
func (t *Transaction) KeyIndex(key *Pubkey) int {
	t.readOutcome()
	b := t.u.buf
	first := load64(key[:])
	for i, s := range t.keys {
		if s.n == 32 && load64(b[s.off:]) == first && key.Is(b[s.off:s.off+32]) {
			return i
		}
	}
	return -1
}

// IsWritable reports whether the message asks for Key(i) as writable.
func (t *Transaction) IsWritable(i int) bool {
	t.readOutcome()
	switch signers := int(t.signers); {
	case i < 0 || i >= len(t.keys):
		return false
	case i < signers:
		return i < signers-int(t.roSigned)
	case i < t.static:
		return i < t.static-int(t.roUnsigned)
	}
	return i < t.static+t.writable
}

// Instructions walks the top-level instructions.
func (t *Transaction) Instructions() iter.Seq[*Instruction] { return t.eachTop }

func (t *Transaction) eachTop(yield func(*Instruction) bool) {
	t.readInstructions()
	for _, at := range t.topAt {
		if !yield(&t.all[at]) {
			return
		}
	}
}
