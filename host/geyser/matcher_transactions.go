package geyser

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// transactionSet is a request's `transactions` or `transactions_status` filters. A filter hits when vote, failed,
// signature, required (all), include (the list or the cuckoo filter, any) and exclude (none), as far as it has them, all
// do. A transaction's keys are its static ones and those from lookup tables, for filters with token_accounts also the
// owners of its token balances. The server looks at no instruction data.
type transactionSet struct {
	names     []string
	filters   []transactionFilter
	byInclude keyIndex
	byExclude keyIndex
	ofAll     bitset // filters with token_accounts ALL
	ofChanged bitset // filters with token_accounts BALANCE_CHANGED
}

type transactionFilter struct {
	vote, failed *bool
	signature    []byte
	listed       bool // has a list of accounts to include
	cuckoo       *CuckooBits
	required     []Pubkey
}

func (m *Matcher) compileTransactions(req *pb.SubscribeRequest, lim *ServerLimits) (err error) {
	m.transactions, err = compileTransactionSet(req.GetTransactions(), &lim.Transactions, lim.NameMax, "transactions")
	return err
}

func (m *Matcher) compileStatuses(req *pb.SubscribeRequest, lim *ServerLimits) (err error) {
	m.statuses, err = compileTransactionSet(req.GetTransactionsStatus(), &lim.TransactionsStatus, lim.NameMax, "transactions_status")
	return err
}

func compileTransactionSet(filters map[string]*pb.SubscribeRequestFilterTransactions, l *TransactionLimits, nameMax int,
	section string) (s transactionSet, err error) {
	n := len(filters)
	if err := located(checkMax(n, l.Max), section, ""); err != nil {
		return s, err
	}
	s = transactionSet{names: slices.Sorted(maps.Keys(filters)), filters: make([]transactionFilter, n),
		ofAll: newBitset(n), ofChanged: newBitset(n)}
	for i, name := range s.names {
		if err := located(s.compile(i, filters[name], l, nameMax), section, name); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *transactionSet) compile(i int, f *pb.SubscribeRequestFilterTransactions, l *TransactionLimits, nameMax int) error {
	if f == nil {
		f = &pb.SubscribeRequestFilterTransactions{}
	}
	cuckoo := CuckooOf(f)
	_, expands := TokenAccountsOf(f)
	if err := firstOf(
		checkAny(f.Vote == nil && f.Failed == nil && len(f.AccountInclude) == 0 && cuckoo == nil &&
			len(f.AccountExclude) == 0 && len(f.AccountRequired) == 0 && !expands, l.Any),
		checkKeys(len(f.AccountInclude), l.IncludeMax),
		checkKeys(len(f.AccountExclude), l.ExcludeMax),
		checkKeys(len(f.AccountRequired), l.RequiredMax),
	); err != nil {
		return err
	}
	if cuckoo != nil {
		if err := checkMax(len(cuckoo.Data), l.CuckooMaxSize); err != nil {
			return err
		}
	}
	if err := checkName(s.names[i], nameMax); err != nil {
		return err
	}
	s.filters[i] = transactionFilter{vote: copied(f.Vote), failed: copied(f.Failed), cuckoo: cuckoo}
	return s.compileKeys(i, f, l)
}

func (s *transactionSet) compileKeys(i int, f *pb.SubscribeRequestFilterTransactions, l *TransactionLimits) (err error) {
	out := &s.filters[i]
	if f.Signature != nil {
		if out.signature, err = decodeSignature(*f.Signature); err != nil {
			return err
		}
	}
	include, err := decodeKeys(f.AccountInclude, l.IncludeReject)
	if err != nil {
		return err
	}
	exclude, err := decodeKeys(f.AccountExclude, nil)
	if err != nil {
		return err
	}
	if out.required, err = decodeKeys(f.AccountRequired, nil); err != nil {
		return err
	}
	switch mode, ok := TokenAccountsOf(f); {
	case !ok:
	case mode == tokenAccountsAll:
		s.ofAll.set(i)
	case mode == tokenAccountsChanged:
		s.ofChanged.set(i)
	default:
		return refusal(fmt.Sprintf("invalid token_accounts mode value %d; expected ALL (0) or BALANCE_CHANGED (1)", mode))
	}
	out.listed = len(include) > 0
	s.byInclude.add(include, i, len(s.names))
	s.byExclude.add(exclude, i, len(s.names))
	return nil
}

func copied(b *bool) *bool {
	if b == nil {
		return nil
	}
	v := *b
	return &v
}

func (m *Matcher) evaluateTransaction(p *Prepared, dst []Delivery) []Delivery {
	dst = deliver(dst, m.transactions.match(p), p.update)
	if names := m.statuses.match(p); len(names) > 0 {
		dst = append(dst, Delivery{Names: names, Update: p.statusUpdate()})
	}
	return dst
}

// match returns the names of the filters that hit.
func (s *transactionSet) match(p *Prepared) []string {
	n := len(s.names)
	if n == 0 {
		return nil
	}
	var roomHits, roomIn, roomOut [4]uint64
	hits, included, excluded := scratch(n, &roomHits), scratch(n, &roomIn), scratch(n, &roomOut)
	for i := range p.keys {
		k := &p.keys[i]
		unite(included, s.byInclude.lookup(k), nil)
		unite(excluded, s.byExclude.lookup(k), nil)
	}
	if some(s.ofAll) || some(s.ofChanged) {
		owners := p.tokenOwners()
		s.matchOwners(owners.all, s.ofAll, included, excluded)
		s.matchOwners(owners.changed, s.ofChanged, included, excluded)
	}
	info := p.update.GetTransaction().GetTransaction()
	for i := range s.filters {
		if f := &s.filters[i]; !excluded.has(i) && f.match(info) && s.matchIncluded(i, included, p) && s.matchRequired(i, p) {
			hits.set(i)
		}
	}
	return hits.pick(s.names)
}

// matchOwners does for token owners what match does for keys, for the filters in of.
func (s *transactionSet) matchOwners(owners []Pubkey, of, included, excluded bitset) {
	if !some(of) {
		return
	}
	for i := range owners {
		unite(included, s.byInclude.lookup(&owners[i]), of)
		unite(excluded, s.byExclude.lookup(&owners[i]), of)
	}
}

// unite adds b's filters to a; those in only, when it is not nil.
func unite(a, b, only bitset) {
	for i, w := range b {
		if only != nil {
			w &= only[i]
		}
		a[i] |= w
	}
}

func some(b bitset) bool {
	for _, w := range b {
		if w != 0 {
			return true
		}
	}
	return false
}

func (f *transactionFilter) match(info *pb.SubscribeUpdateTransactionInfo) bool {
	if f.vote != nil && *f.vote != info.GetIsVote() {
		return false
	}
	if f.failed != nil && *f.failed != (info.GetMeta().GetErr() != nil) {
		return false
	}
	if f.signature == nil {
		return true
	}
	signatures := info.GetTransaction().GetSignatures()
	return len(signatures) > 0 && bytes.Equal(signatures[0], f.signature)
}

func (s *transactionSet) matchIncluded(i int, included bitset, p *Prepared) bool {
	f := &s.filters[i]
	if included.has(i) || !f.listed && f.cuckoo == nil {
		return true
	}
	return f.cuckoo != nil && (anyIn(f.cuckoo, p.keys) || anyIn(f.cuckoo, s.owners(i, p)))
}

func anyIn(c *CuckooBits, keys []Pubkey) bool {
	for i := range keys {
		if c.Contains(&keys[i]) {
			return true
		}
	}
	return false
}

func (s *transactionSet) matchRequired(i int, p *Prepared) bool {
	for _, k := range s.filters[i].required {
		if !slices.Contains(p.keys, k) && !slices.Contains(s.owners(i, p), k) {
			return false
		}
	}
	return true
}

// owners returns the token owners that count as keys for filter i.
func (s *transactionSet) owners(i int, p *Prepared) []Pubkey {
	switch {
	case s.ofAll.has(i):
		return p.tokenOwners().all
	case s.ofChanged.has(i):
		return p.tokenOwners().changed
	}
	return nil
}
