package guest

// Version is a transaction's message version.
type Version uint8

// The message versions.
const (
	VersionLegacy Version = iota
	Version0              // with address lookup tables
	Version1              // with its limits in a config and no lookup tables
)

// String returns "legacy", "0" or "1".
func (v Version) String() string { return [...]string{"legacy", "0", "1"}[min(v, Version1)] }

// What of a transaction has been read.
const (
	readMessage = 1 << iota
	readMeta
	readInstructions
)

// Transaction is a transaction with its outcome. Its parts are read when they are first asked for, each once.
type Transaction struct {
	u *Update

	slotAt    uint32 // where the varint is, 0 for none
	bankAt    uint32
	indexAt   uint32
	signature span
	outer     span // Transaction: signatures and message
	meta      span // TransactionStatusMeta
	vote      bool
	read      uint8 // of readMessage…

	message
	outcome
	instructions
}

// Transaction returns the update's transaction; false where the update is of another kind.
func (u *Update) Transaction() (*Transaction, bool) {
	if u.kind != KindTransaction {
		return nil, false
	}
	t := &u.tx
	if t.u != u {
		t.u = u
	}
	t.read = 0
	if !t.canonicalTransaction(u.body) {
		t.generalInfo(t.generalBody(u.body))
	}
	return t, true
}

// reset makes t read a SubscribeUpdateTransactionInfo of a block; the scratch space is kept.
func (t *Transaction) reset(u *Update, info span, slotAt uint32) {
	t.u, t.read = u, 0
	t.slotAt, t.bankAt = slotAt, 0
	if !t.canonicalInfo(u.buf[:info.off+info.n], int(info.off)) {
		t.generalInfo(info)
	}
}

// generalBody reads a SubscribeUpdateTransaction of any layout.
func (t *Transaction) generalBody(body span) (info span) {
	t.slotAt, t.bankAt = 0, 0
	joined := false
	f := t.u.walk(body)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireBytes:
			joined = joined || !info.absent()
			info = f.span()
		case 2<<3 | wireVarint:
			t.slotAt = f.at
		case 3<<3 | wireVarint:
			t.bankAt = f.at
		}
	}
	t.u.done(&f)
	if joined {
		info = t.u.gather(body, 1<<3|wireBytes)
	}
	return info
}

// generalInfo reads a SubscribeUpdateTransactionInfo of any layout.
func (t *Transaction) generalInfo(info span) {
	t.indexAt, t.vote = 0, false
	t.signature, t.outer, t.meta = span{}, span{}, span{}
	u := t.u
	joined := false
	f := u.walk(info)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireBytes:
			t.signature = f.span()
		case 2<<3 | wireVarint:
			t.vote = f.v != 0
		case 3<<3 | wireBytes:
			joined = joined || !t.outer.absent()
			t.outer = f.span()
		case 4<<3 | wireBytes:
			joined = joined || !t.meta.absent()
			t.meta = f.span()
		case 5<<3 | wireVarint:
			t.indexAt = f.at
		}
	}
	u.done(&f)
	if joined {
		t.outer, t.meta = u.gather(info, 3<<3|wireBytes), u.gather(info, 4<<3|wireBytes)
	}
}

// Slot returns the slot of the transaction's block.
func (t *Transaction) Slot() uint64 { return t.u.varintAt(t.slotAt) }

// Index returns the transaction's position in its block.
func (t *Transaction) Index() uint64 { return t.u.varintAt(t.indexAt) }

// BankID tells forks of one slot apart, 0 where the server sends none.
func (t *Transaction) BankID() uint64 { return t.u.varintAt(t.bankAt) }

// Signature returns the transaction's first signature, 64 bytes.
func (t *Transaction) Signature() []byte { return t.u.bytes(t.signature) }

// IsVote reports whether the transaction is a validator's vote.
func (t *Transaction) IsVote() bool { return t.vote }
