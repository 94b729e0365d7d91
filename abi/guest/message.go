package guest

// message is what was read of a transaction's message, and its list of keys, which the meta completes.
type message struct {
	// Keys that follow each other as servers write them are not listed: the i-th is at keysAt + i*keyStride, the i-th loaded one, of
	// field 12 or 13 of the meta, at loadedAt + i*keyStride.
	keysAt   uint32
	loadedAt uint32
	static   int
	loaded   int
	writable int    // of loaded
	keys     []span // all of them, where spelled
	spelled  bool

	top         run // top-level instructions
	header      span
	blockhash   span
	firstSig    uint32
	signatures  int
	hasConfig   bool
	isVersioned bool
}

// readOuter reads the Transaction message and its Message once.
func (t *Transaction) readOuter() {
	if t.read&readMessage != 0 {
		return
	}
	t.read |= readMessage
	if !t.canonicalOuter() {
		t.generalOuter()
	}
}

// generalOuter reads a Transaction of any layout and the Message in it.
func (t *Transaction) generalOuter() {
	t.signatures = 0
	u := t.u
	var inner span
	joined := false
	f := u.walk(t.outer)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireBytes:
			t.signatures++
		case 2<<3 | wireBytes:
			joined = joined || !inner.absent()
			inner = f.span()
		}
	}
	u.done(&f)
	if joined {
		inner = u.gather(t.outer, 2<<3|wireBytes)
	}
	t.generalMessage(inner)
}

// generalMessage reads a Message of any layout.
func (t *Transaction) generalMessage(inner span) {
	keys := t.keys[:0]
	t.header, t.blockhash, t.top = span{}, span{}, run{}
	t.loaded, t.writable = 0, 0
	t.hasConfig, t.isVersioned = false, false
	u := t.u
	joined := false
	f := u.walk(inner)
	for start := f.i; f.next(); start = f.i {
		switch f.tag {
		case 1<<3 | wireBytes:
			joined = joined || !t.header.absent()
			t.header = f.span()
		case 2<<3 | wireBytes:
			keys = append(keys, f.span())
		case 3<<3 | wireBytes:
			t.blockhash = f.span()
		case topTag:
			t.top.extend(start, f.i)
		case 5<<3 | wireVarint:
			t.isVersioned = f.v != 0
		case 7<<3 | wireBytes:
			t.hasConfig = true
		}
	}
	u.done(&f)
	t.keys, t.static, t.spelled = keys, len(keys), true
	if joined {
		t.header = u.gather(inner, 1<<3|wireBytes)
	}
}

// spell lists the static keys one by one, for loaded ones to follow that are not of the usual layout.
func (t *Transaction) spell() {
	if t.spelled {
		t.keys = t.keys[:t.static]
		return
	}
	keys := t.keys[:0]
	for i := range t.static {
		keys = append(keys, t.keySpan(i))
	}
	t.keys, t.spelled = keys, true
}

// spellLoaded lists loaded keys of the usual layout behind static ones of another.
func (t *Transaction) spellLoaded() {
	t.keys = t.keys[:t.static]
	for i := range t.loaded {
		t.keys = append(t.keys, span{t.loadedAt + uint32(i)*keyStride, 32})
	}
}

// keySpan returns where the i-th key is; i is in range.
func (t *Transaction) keySpan(i int) span {
	if t.spelled {
		return t.keys[i]
	}
	if i < t.static {
		return span{t.keysAt + uint32(i)*keyStride, 32}
	}
	return span{t.loadedAt + uint32(i-t.static)*keyStride, 32}
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
	return t.static + t.loaded
}

// NumStaticKeys returns the number of keys in the message itself; the rest were loaded from lookup tables.
func (t *Transaction) NumStaticKeys() int {
	t.readOuter()
	return t.static
}

// Key returns the i-th account key, 32 bytes: the message's own keys first, then those loaded as writable, then those loaded as
// read-only, the order that instructions count in. It is nil where there is no such key.
func (t *Transaction) Key(i int) []byte {
	t.readOutcome()
	if uint(i) >= uint(t.static+t.loaded) {
		return nil
	}
	s := t.keySpan(i)
	return t.u.buf[s.off : s.off+s.n : s.off+s.n]
}

// KeyIndex returns the index of a key, the first of equal ones, -1 where the transaction does not name it. To compare
// Instruction.Program with it costs less than to compare keys.
func (t *Transaction) KeyIndex(key *Pubkey) int {
	t.readOutcome()
	if t.spelled {
		for i, s := range t.keys {
			if key.Is(t.u.buf[s.off : s.off+s.n]) {
				return i
			}
		}
		return -1
	}
	if i := t.u.findKey(key, int(t.keysAt), t.static); i >= 0 {
		return i
	}
	if i := t.u.findKey(key, int(t.loadedAt), t.loaded); i >= 0 {
		return t.static + i
	}
	return -1
}

// findKey looks for a key among n that lie keyStride apart, the first at an offset.
func (u *Update) findKey(key *Pubkey, at, n int) int {
	b := u.buf
	first := load64(key[:])
	for i := 0; i < n; i++ {
		if load64(b[at:]) == first && key.Is(b[at:at+32]) {
			return i
		}
		at += keyStride
	}
	return -1
}

// IsWritable reports whether the message asks for Key(i) as writable.
func (t *Transaction) IsWritable(i int) bool {
	t.readOutcome()
	signers, roSigned, roUnsigned := t.readHeader()
	switch {
	case i < 0 || i >= t.static+t.loaded:
		return false
	case i < signers:
		return i < signers-roSigned
	case i < t.static:
		return i < t.static-roUnsigned
	}
	return i < t.static+t.writable
}
