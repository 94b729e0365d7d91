package guest

import "iter"

// message is what was read of a transaction's message. Its slices are kept from one transaction to the next.
type message struct {
	keys        []span // static keys, then (readMeta) loaded writable, then loaded read-only
	static      int    // of keys
	top         []span // top-level instructions
	header      span
	blockhash   span
	firstSig    span
	signatures  int
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
	t.clearMessage()
	inner, ok := t.canonicalOuter()
	if !ok {
		inner = t.generalOuter()
	}
	if t.canonicalMessage(inner) {
		return
	}
	signatures, first := t.signatures, t.firstSig
	t.clearMessage()
	t.signatures, t.firstSig = signatures, first
	t.generalMessage(inner)
}

func (t *Transaction) clearMessage() {
	m := &t.message
	m.keys, m.top = m.keys[:0], m.top[:0]
	m.header, m.blockhash, m.firstSig = span{}, span{}, span{}
	m.static, m.signatures, m.lookups = 0, 0, 0
	m.hasConfig, m.isVersioned = false, false
}

// generalOuter reads a Transaction of any layout and returns its message.
func (t *Transaction) generalOuter() (inner span) {
	t.signatures = 0
	u := t.u
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
	return inner
}

// generalMessage reads a Message of any layout.
func (t *Transaction) generalMessage(inner span) {
	u := t.u
	joined := false
	f := u.walk(inner)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireBytes:
			joined = joined || !t.header.absent()
			t.header = f.span()
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
		t.header = u.gather(inner, 1<<3|wireBytes)
	}
}

// readHeader reads the MessageHeader: how many keys sign, how many of those are read-only, how many of the others are.
func (t *Transaction) readHeader() (signers, roSigned, roUnsigned int) {
	t.readOuter()
	f := t.u.walk(t.header)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			signers = int(uint32(f.v))
		case 2<<3 | wireVarint:
			roSigned = int(uint32(f.v))
		case 3<<3 | wireVarint:
			roUnsigned = int(uint32(f.v))
		}
	}
	t.u.done(&f)
	return signers, roSigned, roUnsigned
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
	signers, _, _ := t.readHeader()
	return signers
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
	signers, roSigned, roUnsigned := t.readHeader()
	switch {
	case i < 0 || i >= len(t.keys):
		return false
	case i < signers:
		return i < signers-roSigned
	case i < t.static:
		return i < t.static-roUnsigned
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
