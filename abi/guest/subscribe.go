package guest

// Tri is a condition that may be left open.
type Tri uint8

// The values of a Tri.
const (
	Any Tri = iota
	False
	True
)

// Commitment is how final an update must be. It holds for all filters of a monitor.
type Commitment string

// The commitment levels, from the earliest to the safest. The server's default is Processed.
const (
	Processed Commitment = "PROCESSED"
	Confirmed Commitment = "CONFIRMED"
	Finalized Commitment = "FINALIZED"
)

// TransactionFilter selects transactions: every condition that is set must hold. Keys are base58 text; keys from lookup tables
// count.
type TransactionFilter struct {
	Vote            Tri
	Failed          Tri
	Signature       string         // this transaction only
	AccountInclude  []string       // at least one of these
	AccountExclude  []string       // none of these
	AccountRequired []string       // all of these
	CuckooInclude   *Cuckoo        // at least one of these many; AccountInclude is the plain form
	TokenAccounts   TokenExpansion // count owners of token accounts as named
}

// TokenExpansion makes a transaction filter's accounts match owners of token accounts too.
type TokenExpansion string

// The token expansions; the zero value is none.
const (
	TokenAccountsAll            TokenExpansion = "ALL"
	TokenAccountsBalanceChanged TokenExpansion = "BALANCE_CHANGED"
)

// Cuckoo is a cuckoo filter over keys, for sets too large to list.
type Cuckoo struct {
	Data             []byte
	BucketCount      uint32
	EntriesPerBucket uint32
	FingerprintBits  uint32
	HashSeed         uint64
}

// AccountFilter selects account writes: (Account or Cuckoo) and Owner and all States. Keys are base58 text.
type AccountFilter struct {
	Account              []string // one of these
	Owner                []string // owned by one of these
	States               []AccountState
	NonemptyTxnSignature Tri
	Cuckoo               *Cuckoo
}

// AccountState is a condition on an account's data or balance; made by Memcmp, DataSize, TokenAccountState and the Lamports
// functions. Servers take at most four in a filter.
type AccountState struct {
	kind   string
	op     string
	number uint64
	bytes  []byte
}

// Memcmp wants the data to hold these bytes, at most 128, at an offset.
func Memcmp(offset uint64, b []byte) AccountState {
	return AccountState{kind: "memcmp", number: offset, bytes: b}
}

// DataSize wants the data to have this size in bytes.
func DataSize(n uint64) AccountState { return AccountState{kind: "datasize", number: n} }

// TokenAccountState wants the data to be a valid token account.
func TokenAccountState() AccountState { return AccountState{kind: "tokenAccountState"} }

// LamportsEq wants this balance.
func LamportsEq(n uint64) AccountState { return AccountState{kind: "lamports", op: "eq", number: n} }

// LamportsNe wants any other balance.
func LamportsNe(n uint64) AccountState { return AccountState{kind: "lamports", op: "ne", number: n} }

// LamportsLt wants a lower balance.
func LamportsLt(n uint64) AccountState { return AccountState{kind: "lamports", op: "lt", number: n} }

// LamportsGt wants a higher balance.
func LamportsGt(n uint64) AccountState { return AccountState{kind: "lamports", op: "gt", number: n} }

// SlotFilter selects slot updates.
type SlotFilter struct {
	FilterByCommitment Tri // only steps at the request's commitment
	InterslotUpdates   Tri // also the steps between commitment levels
}

// BlockFilter selects and cuts blocks. A block is sent even where no transaction is left of it.
type BlockFilter struct {
	AccountInclude      []string // transactions and accounts of these only
	IncludeTransactions Tri
	IncludeAccounts     Tri
	IncludeEntries      Tri
	CuckooInclude       *Cuckoo
}

// Subscription is what a monitor asks of the stream. Its methods return it, to be chained.
type Subscription struct {
	maps       []filterMap // in the order of first use
	slices     []DataSlice
	commitment Commitment
	err        string // the first mistake
}

// filterMap is one map of a SubscribeRequest.
type filterMap struct {
	kind  string // the JSON name of the field
	names []string
	write []func(*object)
}

// DataSlice is a part of every account's data. Slices hold for all account filters of a monitor, in ascending order, without overlap.
type DataSlice struct{ Offset, Length uint64 }

// Subscribe begins a subscription.
func Subscribe() *Subscription { return new(Subscription) }

// Transactions adds a transaction filter. Names are the monitor's own and unique among all its filters; Update.Hit takes them.
func (s *Subscription) Transactions(name string, f TransactionFilter) *Subscription {
	return s.add("transactions", name, f.write)
}

// TransactionsStatus adds a filter for transactions' outcomes.
func (s *Subscription) TransactionsStatus(name string, f TransactionFilter) *Subscription {
	return s.add("transactionsStatus", name, f.write)
}

// Accounts adds an account filter.
func (s *Subscription) Accounts(name string, f AccountFilter) *Subscription {
	return s.add("accounts", name, f.write)
}

// Slots adds a slot filter.
func (s *Subscription) Slots(name string, f SlotFilter) *Subscription {
	return s.add("slots", name, f.write)
}

// Blocks adds a block filter.
func (s *Subscription) Blocks(name string, f BlockFilter) *Subscription {
	return s.add("blocks", name, f.write)
}

// BlocksMeta adds a filter for all block metas.
func (s *Subscription) BlocksMeta(name string) *Subscription {
	return s.add("blocksMeta", name, func(*object) {})
}

// Entries adds a filter for all entries.
func (s *Subscription) Entries(name string) *Subscription {
	return s.add("entry", name, func(*object) {})
}

// BlockFooters adds a filter for all block footers, which few servers know yet.
func (s *Subscription) BlockFooters(name string) *Subscription {
	return s.add("blockFooter", name, func(*object) {})
}

// Commitment sets the level at which updates are sent.
func (s *Subscription) Commitment(c Commitment) *Subscription {
	s.commitment = c
	return s
}

// DataSlices cuts the data of every account to these parts.
func (s *Subscription) DataSlices(slices ...DataSlice) *Subscription {
	s.slices = append(s.slices, slices...)
	return s
}

func (s *Subscription) add(kind, name string, write func(*object)) *Subscription {
	switch _, taken := s.bit(name); {
	case name == "":
		s.fail("a filter without a name")
	case taken:
		s.fail("two filters named " + name)
	case s.count() == maxFilters:
		s.fail("more than 64 filters")
	}
	i := 0
	for i < len(s.maps) && s.maps[i].kind != kind {
		i++
	}
	if i == len(s.maps) {
		s.maps = append(s.maps, filterMap{kind: kind})
	}
	m := &s.maps[i]
	m.names, m.write = append(m.names, name), append(m.write, write)
	return s
}

func (s *Subscription) fail(mistake string) {
	if s.err == "" {
		s.err = mistake
	}
}

func (s *Subscription) count() (n int) {
	for i := range s.maps {
		n += len(s.maps[i].names)
	}
	return n
}

// bit returns the place of a filter in the mask: its order of appearance in the JSON, where filters are grouped by kind.
func (s *Subscription) bit(name string) (bit uint, ok bool) {
	for i := range s.maps {
		for _, n := range s.maps[i].names {
			if n == name {
				return bit, true
			}
			bit++
		}
	}
	return 0, false
}
