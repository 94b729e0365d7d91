package guest

// Entry is one entry of a block: a run of transactions behind one hash.
type Entry struct {
	u *Update

	slot          uint64
	index         uint64
	numHashes     uint64
	executed      uint64
	startingIndex uint64
	hash          span
}

// Entry returns the update's entry; false where the update is of another kind.
func (u *Update) Entry() (*Entry, bool) {
	if u.kind != KindEntry {
		return nil, false
	}
	u.entry.read(u, u.body)
	return &u.entry, true
}

// read takes the fields of a SubscribeUpdateEntry.
func (e *Entry) read(u *Update, body span) {
	*e = Entry{u: u}
	f := u.walk(body)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			e.slot = f.v
		case 2<<3 | wireVarint:
			e.index = f.v
		case 3<<3 | wireVarint:
			e.numHashes = f.v
		case 4<<3 | wireBytes:
			e.hash = f.span()
		case 5<<3 | wireVarint:
			e.executed = f.v
		case 6<<3 | wireVarint:
			e.startingIndex = f.v
		}
	}
	u.done(&f)
}

// Slot returns the slot of the entry's block.
func (e *Entry) Slot() uint64 { return e.slot }

// Index returns the entry's position in its block.
func (e *Entry) Index() uint64 { return e.index }

// NumHashes returns the number of hashes since the entry before.
func (e *Entry) NumHashes() uint64 { return e.numHashes }

// Hash returns the entry's hash, 32 bytes.
func (e *Entry) Hash() []byte { return e.u.bytes(e.hash) }

// ExecutedTransactions returns the number of transactions in the entry.
func (e *Entry) ExecutedTransactions() uint64 { return e.executed }

// StartingIndex returns the position in the block of the entry's first transaction.
func (e *Entry) StartingIndex() uint64 { return e.startingIndex }
