package guest

// Kind tells what an update is about. Its values are the field numbers of SubscribeUpdate's oneof.
type Kind uint8

// The kinds of update that a filter can ask for. KindNone is an update without a known kind.
const (
	KindNone              Kind = 0
	KindAccount           Kind = 2
	KindSlot              Kind = 3
	KindTransaction       Kind = 4
	KindBlock             Kind = 5
	KindBlockMeta         Kind = 7
	KindEntry             Kind = 8
	KindTransactionStatus Kind = 10
	KindBlockFooter       Kind = 12
)

const (
	kindPing Kind = 6
	kindPong Kind = 9
)

// String returns the protocol's name of the kind ("block_meta"), "none" for KindNone and for what no filter can ask for.
func (k Kind) String() string {
	switch k {
	case KindAccount:
		return "account"
	case KindSlot:
		return "slot"
	case KindTransaction:
		return "transaction"
	case KindBlock:
		return "block"
	case KindBlockMeta:
		return "block_meta"
	case KindEntry:
		return "entry"
	case KindTransactionStatus:
		return "transaction_status"
	case KindBlockFooter:
		return "block_footer"
	}
	return "none"
}

// Update is one update of the stream, read in place from its bytes.
type Update struct {
	buf       []byte // the message; grows by copies where a field has to be joined (gather)
	size      int    // of the message alone
	mask      uint64
	body      span // the message of kind
	created   span
	kind      Kind
	malformed bool

	account Account
	slot    SlotUpdate
	tx      Transaction
	status  TransactionStatus
	block   Block
	meta    BlockMeta
	entry   Entry
	footer  BlockFooter
}

// NewUpdate reads raw, the bytes of a SubscribeUpdate, with the mask of the filters that hit. A filters field in raw is
// skipped. The update refers to raw until it is dropped. Monitors get their updates from Match; this is for tests and tools.
func NewUpdate(raw []byte, filters uint64) *Update {
	u := new(Update)
	u.reset(raw, filters)
	return u
}

// reset makes u read raw; the scratch space of its readers is kept.
func (u *Update) reset(raw []byte, filters uint64) {
	u.buf, u.mask = raw[:len(raw):len(raw)], filters
	u.size, u.kind, u.malformed = len(raw), KindNone, false
	u.body, u.created = span{}, span{}
	if !u.canonical(raw) {
		u.general(raw)
	}
}

// general reads a SubscribeUpdate of any layout.
func (u *Update) general(raw []byte) {
	u.kind, u.body, u.created = KindNone, span{}, span{}
	joined, since := false, 0
	f := fields{b: raw, end: len(raw)}
	for start := 0; f.next(); start = f.i {
		switch k := Kind(f.tag >> 3); f.tag {
		case 2<<3 | wireBytes, 3<<3 | wireBytes, 4<<3 | wireBytes, 5<<3 | wireBytes, 6<<3 | wireBytes, 7<<3 | wireBytes,
			8<<3 | wireBytes, 9<<3 | wireBytes, 10<<3 | wireBytes, 12<<3 | wireBytes:
			// The last kind wins; one kind given twice in a row is one message in two pieces.
			if k != u.kind {
				u.kind, since = k, start
			} else {
				joined = true
			}
			u.body = f.span()
		case 11<<3 | wireBytes:
			joined = joined || !u.created.absent()
			u.created = f.span()
		}
	}
	u.malformed = f.invalid
	if joined {
		u.body = u.gather(span{uint32(since), uint32(len(raw) - since)}, uint64(u.kind)<<3|wireBytes)
		u.created = u.gather(span{0, uint32(len(raw))}, 11<<3|wireBytes)
	}
	if u.kind == kindPing || u.kind == kindPong {
		u.kind = KindNone
	}
}

// Kind tells which reader has the update's content.
func (u *Update) Kind() Kind { return u.kind }

// Filters returns the mask of the monitor's filters that hit: bit i is the i-th filter of the manifest's JSON.
func (u *Update) Filters() uint64 { return u.mask }

// Malformed reports whether something that was read so far could not be: the bytes were cut or are no SubscribeUpdate.
func (u *Update) Malformed() bool { return u.malformed }

// Raw returns the update's bytes as they came.
func (u *Update) Raw() []byte { return u.buf[:u.size:u.size] }

// CreatedAt returns the time at which the server made the update, in nanoseconds since 1970, 0 where it did not say.
func (u *Update) CreatedAt() int64 {
	var seconds, nanos int64
	f := u.walk(u.created)
	for f.next() {
		switch f.tag {
		case 1<<3 | wireVarint:
			seconds = int64(f.v)
		case 2<<3 | wireVarint:
			nanos = int64(int32(f.v))
		}
	}
	u.done(&f)
	return seconds*1e9 + nanos
}

// Slot returns the slot that the update belongs to, of whatever kind it is, 0 where it has none.
func (u *Update) Slot() uint64 { return u.varintAt(u.slotAt()) }

// slotAt returns where the slot's varint is, 0 for none.
func (u *Update) slotAt() (at uint32) {
	tag := uint64(1<<3 | wireVarint)
	switch u.kind {
	case KindNone:
		return 0
	case KindAccount, KindTransaction:
		tag = 2<<3 | wireVarint
	}
	f := u.walk(u.body)
	for f.next() {
		if f.tag == tag {
			at = f.at
		}
	}
	u.done(&f)
	return at
}

// walk returns a walk over the fields of a message.
func (u *Update) walk(s span) fields {
	return fields{b: u.buf, i: int(s.off), end: int(s.off) + int(s.n)}
}

// done notes how a walk ended.
func (u *Update) done(f *fields) {
	if f.invalid {
		u.malformed = true
	}
}

// bytes returns a span's bytes, nil for an absent one.
func (u *Update) bytes(s span) []byte {
	if s.off == 0 {
		return nil
	}
	return u.buf[s.off : s.off+s.n : s.off+s.n]
}

// varintAt reads the varint at an offset, 0 for offset 0.
func (u *Update) varintAt(at uint32) uint64 {
	if at == 0 {
		return 0
	}
	v, next := varint(u.buf, int(at), len(u.buf))
	if next < 0 {
		u.malformed = true
	}
	return v
}

// gather returns the payload of a bytes field of parent, a message. A message field that occurs more than once is by protobuf's
// rules the concatenation of its occurrences, so they are joined in a copy behind the update's bytes. That is as rare as it is
// legal; no known server writes it.
func (u *Update) gather(parent span, tag uint64) span {
	var whole span
	joined := false
	f := u.walk(parent)
	for f.next() {
		if f.tag != tag {
			continue
		}
		if whole.absent() {
			whole = f.span()
			continue
		}
		if !joined {
			start := len(u.buf)
			u.buf = append(u.buf, u.bytes(whole)...)
			whole.off, joined = uint32(start), true
		}
		u.buf = append(u.buf, f.b[f.lo:f.hi]...)
		whole.n += uint32(f.hi - f.lo)
	}
	return whole
}
