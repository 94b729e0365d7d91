package guest

import "iter"

// BlockMeta is what describes a block: the content of a block meta update, and the head of a Block.
type BlockMeta struct {
	u *Update

	slot       uint64
	parentSlot uint64
	executed   uint64
	entries    uint64
	time       int64
	height     uint64
	bankID     uint64
	hash       span
	parentHash span
	hasTime    bool
	hasHeight  bool
}

// Field numbers of the two messages that hold a BlockMeta: they share 1 to 5 and differ in the rest.
type blockLayout struct{ parentSlot, parentHash, executed, entries, bankID uint64 }

var (
	blockMetaLayout = blockLayout{parentSlot: 6, parentHash: 7, executed: 8, entries: 9, bankID: 10}
	blockFullLayout = blockLayout{parentSlot: 7, parentHash: 8, executed: 9, entries: 12}
)

// BlockMeta returns the update's block meta, also that of a whole block; false where the update is of another kind.
func (u *Update) BlockMeta() (*BlockMeta, bool) {
	switch u.kind {
	case KindBlockMeta:
		u.meta.read(u, &blockMetaLayout)
	case KindBlock:
		u.meta.read(u, &blockFullLayout)
	default:
		return nil, false
	}
	return &u.meta, true
}

func (m *BlockMeta) read(u *Update, at *blockLayout) {
	*m = BlockMeta{u: u}
	var time, height span
	joined := false
	f := u.walk(u.body)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			m.slot = f.v
		case 2<<3 | wireBytes:
			m.hash = f.span()
		case 4<<3 | wireBytes:
			joined = joined || !time.absent()
			time = f.span()
		case 5<<3 | wireBytes:
			joined = joined || !height.absent()
			height = f.span()
		case at.parentSlot<<3 | wireVarint:
			m.parentSlot = f.v
		case at.parentHash<<3 | wireBytes:
			m.parentHash = f.span()
		case at.executed<<3 | wireVarint:
			m.executed = f.v
		case at.entries<<3 | wireVarint:
			m.entries = f.v
		case at.bankID<<3 | wireVarint:
			m.bankID = f.v
		}
	}
	u.done(&f)
	if joined {
		time, height = u.gather(u.body, 4<<3|wireBytes), u.gather(u.body, 5<<3|wireBytes)
	}
	var v uint64
	v, m.hasTime = u.wrapped(time)
	m.time = int64(v)
	m.height, m.hasHeight = u.wrapped(height)
}

// wrapped reads a message with one varint, field 1 (UnixTimestamp, BlockHeight).
func (u *Update) wrapped(s span) (v uint64, present bool) {
	f := u.walk(s)
	for f.next() {
		if f.tag == 1<<3|wireVarint {
			v = f.v
		}
	}
	u.done(&f)
	return v, !s.absent()
}

// Slot returns the block's slot.
func (m *BlockMeta) Slot() uint64 { return m.slot }

// Blockhash returns the block's hash, base58 text.
func (m *BlockMeta) Blockhash() []byte { return m.u.bytes(m.hash) }

// ParentSlot returns the slot of the block before.
func (m *BlockMeta) ParentSlot() uint64 { return m.parentSlot }

// ParentBlockhash returns the hash of the block before, base58 text.
func (m *BlockMeta) ParentBlockhash() []byte { return m.u.bytes(m.parentHash) }

// Time returns the block's time in seconds since 1970, as the validators voted it; false where there is none.
func (m *BlockMeta) Time() (int64, bool) { return m.time, m.hasTime }

// Height returns the number of blocks below this one; false where there is none.
func (m *BlockMeta) Height() (uint64, bool) { return m.height, m.hasHeight }

// ExecutedTransactions returns the number of transactions in the block, whatever the filter let through.
func (m *BlockMeta) ExecutedTransactions() uint64 { return m.executed }

// Entries returns the number of entries in the block.
func (m *BlockMeta) Entries() uint64 { return m.entries }

// BankID tells forks of one slot apart, 0 where the server sends none.
func (m *BlockMeta) BankID() uint64 { return m.bankID }

// Block is a whole block, cut to what its filter asked for.
type Block struct {
	u *Update

	slotAt  uint32
	tx      Transaction
	account Account
	entry   Entry
}

// Block returns the update's block; false where the update is of another kind. BlockMeta has its head.
func (u *Update) Block() (*Block, bool) {
	if u.kind != KindBlock {
		return nil, false
	}
	u.block.u, u.block.slotAt = u, u.slotAt()
	return &u.block, true
}

// Slot returns the block's slot.
func (b *Block) Slot() uint64 { return b.u.varintAt(b.slotAt) }

// Transactions walks the block's transactions in its order. Each is valid until the next.
func (b *Block) Transactions() iter.Seq[*Transaction] {
	return func(yield func(*Transaction) bool) { b.eachTransaction(yield) }
}

// Accounts walks the account states that the block wrote. Each is valid until the next.
func (b *Block) Accounts() iter.Seq[*Account] {
	return func(yield func(*Account) bool) { b.eachAccount(yield) }
}

// Entries walks the block's entries. Each is valid until the next.
func (b *Block) Entries() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) { b.eachEntry(yield) }
}

func (b *Block) eachTransaction(yield func(*Transaction) bool) {
	f := b.u.walk(b.u.body)
	for f.next() {
		if f.tag != 6<<3|wireBytes {
			continue
		}
		b.tx.reset(b.u, f.span(), b.slotAt)
		if !yield(&b.tx) {
			return
		}
	}
	b.u.done(&f)
}

func (b *Block) eachAccount(yield func(*Account) bool) {
	f := b.u.walk(b.u.body)
	for f.next() {
		if f.tag != 11<<3|wireBytes {
			continue
		}
		b.account = Account{u: b.u, slot: b.Slot()}
		b.account.read(f.span())
		if !yield(&b.account) {
			return
		}
	}
	b.u.done(&f)
}

func (b *Block) eachEntry(yield func(*Entry) bool) {
	f := b.u.walk(b.u.body)
	for f.next() {
		if f.tag != 13<<3|wireBytes {
			continue
		}
		b.entry.read(b.u, f.span())
		if !yield(&b.entry) {
			return
		}
	}
	b.u.done(&f)
}

// BlockFooter is what a validator reports about a block ahead of the block itself.
type BlockFooter struct {
	u *Update

	slot      uint64
	bankID    uint64
	timeNanos uint64
	bankHash  span
	agent     span
}

// BlockFooter returns the update's block footer; false where the update is of another kind.
func (u *Update) BlockFooter() (*BlockFooter, bool) {
	if u.kind != KindBlockFooter {
		return nil, false
	}
	b := &u.footer
	*b = BlockFooter{u: u}
	f := u.walk(u.body)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			b.slot = f.v
		case 2<<3 | wireVarint:
			b.bankID = f.v
		case 3<<3 | wireBytes:
			b.bankHash = f.span()
		case 4<<3 | wireVarint:
			b.timeNanos = f.v
		case 5<<3 | wireBytes:
			b.agent = f.span()
		}
	}
	u.done(&f)
	return b, true
}

// Slot returns the block's slot.
func (b *BlockFooter) Slot() uint64 { return b.slot }

// BankID tells forks of one slot apart.
func (b *BlockFooter) BankID() uint64 { return b.bankID }

// BankHash returns the hash of the bank's state, 32 bytes.
func (b *BlockFooter) BankHash() []byte { return b.u.bytes(b.bankHash) }

// ProducerTimeNanos returns the producer's clock in nanoseconds since 1970.
func (b *BlockFooter) ProducerTimeNanos() uint64 { return b.timeNanos }

// UserAgent returns the producer's client name.
func (b *BlockFooter) UserAgent() []byte { return b.u.bytes(b.agent) }
