package geyser

import (
	"maps"
	"math/bits"
	"slices"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// accountSet is a request's `accounts` filters. A filter hits when its accounts (the list or the cuckoo filter), its
// owners, its states and its wish for a transaction signature, as far as it has them, all do.
type accountSet struct {
	names     []string
	filters   []accountFilter
	byKey     keyIndex
	byOwner   keyIndex
	freeKey   bitset // filters that a key outside every list can hit: without list, or with a cuckoo filter
	freeOwner bitset // filters without owners
}

type accountFilter struct {
	listed bool // has a list of accounts
	cuckoo *CuckooBits
	signed *bool // nonempty_txn_signature
	state  accountState
}

func (m *Matcher) compileAccounts(req *pb.SubscribeRequest, lim *ServerLimits) error {
	const section = "accounts"
	filters := req.GetAccounts()
	n := len(filters)
	if err := located(checkMax(n, lim.Accounts.Max), section, ""); err != nil {
		return err
	}
	s := accountSet{names: slices.Sorted(maps.Keys(filters)), filters: make([]accountFilter, n),
		freeKey: newBitset(n), freeOwner: newBitset(n)}
	for i, name := range s.names {
		if err := located(s.compile(i, filters[name], lim), section, name); err != nil {
			return err
		}
	}
	m.accounts = s
	return nil
}

func (s *accountSet) compile(i int, f *pb.SubscribeRequestFilterAccounts, lim *ServerLimits) error {
	l := &lim.Accounts
	cuckoo := CuckooOf(f)
	if err := firstOf(
		checkAny(len(f.GetAccount()) == 0 && len(f.GetOwner()) == 0 && cuckoo == nil, l.Any),
		checkKeys(len(f.GetAccount()), l.AccountMax),
		checkKeys(len(f.GetOwner()), l.OwnerMax),
		checkName(s.names[i], lim.NameMax),
	); err != nil {
		return err
	}
	keys, err := decodeKeys(f.GetAccount(), l.AccountReject)
	if err != nil {
		return err
	}
	owners, err := decodeKeys(f.GetOwner(), l.OwnerReject)
	if err != nil {
		return err
	}
	state, err := compileState(f.GetFilters())
	if err != nil {
		return err
	}
	if cuckoo != nil {
		if err := checkMax(len(cuckoo.Data), l.CuckooMaxSize); err != nil {
			return err
		}
	}
	s.filters[i] = accountFilter{listed: len(keys) > 0, cuckoo: cuckoo, state: state}
	if f != nil && f.NonemptyTxnSignature != nil {
		signed := *f.NonemptyTxnSignature
		s.filters[i].signed = &signed
	}
	s.byKey.add(keys, i, len(s.names))
	s.byOwner.add(owners, i, len(s.names))
	if len(keys) == 0 || cuckoo != nil {
		s.freeKey.set(i)
	}
	if len(owners) == 0 {
		s.freeOwner.set(i)
	}
	return nil
}

// firstOf returns the first error.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *Matcher) evaluateAccount(p *Prepared, dst []Delivery) []Delivery {
	s := &m.accounts
	a := p.update.GetAccount().GetAccount()
	if len(s.names) == 0 || a == nil {
		return dst
	}
	var room [4]uint64
	hits := scratch(len(s.names), &room)
	s.match(a, hits)
	names := hits.pick(s.names)
	if len(names) == 0 {
		return dst
	}
	return append(dst, Delivery{Names: names, Update: m.slices.account(p.update)})
}

// match puts the filters that hit a into hits. The two indices leave few filters to look at.
func (s *accountSet) match(a *pb.SubscribeUpdateAccountInfo, hits bitset) {
	var byKey, byOwner bitset
	var key Pubkey
	known := len(a.GetPubkey()) == len(key)
	if known {
		key = Pubkey(a.GetPubkey())
		byKey = s.byKey.lookup(&key)
	}
	if len(a.GetOwner()) == len(key) {
		owner := Pubkey(a.GetOwner())
		byOwner = s.byOwner.lookup(&owner)
	}
	for at := range hits {
		candidates := (byKey.word(at) | s.freeKey[at]) & (byOwner.word(at) | s.freeOwner[at])
		for ; candidates != 0; candidates &= candidates - 1 {
			bit := bits.TrailingZeros64(candidates)
			listed := byKey.word(at)&(1<<bit) != 0
			if f := &s.filters[at*64+bit]; f.matchKey(&key, known, listed) && f.match(a) {
				hits[at] |= 1 << bit
			}
		}
	}
}

func (f *accountFilter) matchKey(key *Pubkey, known, listed bool) bool {
	if listed || !f.listed && f.cuckoo == nil {
		return true
	}
	return known && f.cuckoo != nil && f.cuckoo.Contains(key)
}

func (f *accountFilter) match(a *pb.SubscribeUpdateAccountInfo) bool {
	if f.signed != nil && *f.signed != (a.TxnSignature != nil) {
		return false
	}
	return f.state.match(a.GetData(), a.GetLamports())
}
