package geyser

import (
	"bytes"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

// The price of widening, in arbitrary units: how much traffic that nobody asked for each lost condition is likely to let
// through. Only their order matters. An added key costs 1, so filters that differ in their includes alone go first.
const (
	costExclude   = 50     // for each exclusion that only one side has
	costFailed    = 200    // about a tenth to a third of the transactions fail
	costRequired  = 400    // for each requirement that only one side has
	costNonempty  = 500    // updates with or without a transaction's signature
	costState     = 2_000  // for each condition on an account's content that only one side has
	costVote      = 5_000  // most transactions are votes
	costSignature = 8_000  // one transaction becomes many
	costKeys      = 20_000 // a whole list of alternatives is given up
)

// widener joins server filters. Joining never narrows: whatever hits one of two filters hits their join.
type widener struct {
	limits Limits
	sliced bool // the lane's data slices cut what a re-check of an account's content would need
}

// joint is the join of two filters.
type joint struct {
	msg  proto.Message // nil when the two cannot be joined
	cost int
}

// join returns the narrowest filter that we can express and that covers a and b, both of one section.
func (w widener) join(a, b *canonical) joint {
	switch x := a.msg.(type) {
	case *pb.SubscribeRequestFilterAccounts:
		return w.joinAccounts(x, b.msg.(*pb.SubscribeRequestFilterAccounts))
	case *pb.SubscribeRequestFilterTransactions:
		if !recheckable(a.section) {
			return joint{}
		}
		return w.joinTransactions(x, b.msg.(*pb.SubscribeRequestFilterTransactions))
	case *pb.SubscribeRequestFilterSlots:
		return joinSlots(x, b.msg.(*pb.SubscribeRequestFilterSlots))
	}
	// A blocks filter decides what a block contains, so a wider one would deliver other bytes than the monitor asked for.
	// The remaining sections have no conditions: their filters are equal and never come here.
	return joint{}
}

// recheckable tells whether an update of a section carries what its filters look at. A transaction's status does not: it
// comes without the account keys.
func recheckable(section int) bool { return sections[section].Name() != "transactions_status" }

func joinSlots(a, b *pb.SubscribeRequestFilterSlots) joint {
	if !bytes.Equal(encode(slotResidue(a)), encode(slotResidue(b))) {
		return joint{}
	}
	out := slotResidue(a)
	if a.GetFilterByCommitment() && b.GetFilterByCommitment() {
		out.FilterByCommitment = proto.Bool(true)
	}
	if a.GetInterslotUpdates() || b.GetInterslotUpdates() {
		out.InterslotUpdates = proto.Bool(true)
	}
	return joint{msg: out, cost: 1}
}

func slotResidue(m *pb.SubscribeRequestFilterSlots) *pb.SubscribeRequestFilterSlots {
	rest := proto.CloneOf(m)
	rest.FilterByCommitment, rest.InterslotUpdates = nil, nil
	return rest
}

func (w widener) joinTransactions(a, b *pb.SubscribeRequestFilterTransactions) joint {
	if !bytes.Equal(residue(a), residue(b)) {
		return joint{}
	}
	out := proto.CloneOf(a)
	cost := 0
	out.Vote = common(a.Vote, b.Vote, costVote, &cost)
	out.Failed = common(a.Failed, b.Failed, costFailed, &cost)
	out.Signature = common(a.Signature, b.Signature, costSignature, &cost)
	out.AccountInclude = alternatives(a.AccountInclude, b.AccountInclude, compressed(a), &cost)
	out.AccountRequired = shared(a.AccountRequired, b.AccountRequired, costRequired, &cost)
	out.AccountExclude = shared(a.AccountExclude, b.AccountExclude, costExclude, &cost)
	switch {
	case over(out.AccountInclude, w.limits.TransactionInclude):
		return joint{}
	case !keyedTransactions(out) && keyedTransactions(a) && keyedTransactions(b):
		return joint{} // two narrow filters must not become the whole chain
	case w.limits.NoFullStreams && unconditional(out):
		return joint{}
	}
	return joint{msg: out, cost: cost}
}

// keyedTransactions tells whether a filter names what it is after, rather than describing most of the chain.
func keyedTransactions(m *pb.SubscribeRequestFilterTransactions) bool {
	return m.Signature != nil || len(m.AccountInclude) > 0 || len(m.AccountRequired) > 0 || compressed(m)
}

// unconditional tells whether m may be what servers call `any`; they do not count a signature as a condition.
func unconditional(m *pb.SubscribeRequestFilterTransactions) bool {
	return m.Vote == nil && m.Failed == nil && !compressed(m) &&
		len(m.AccountInclude)+len(m.AccountRequired)+len(m.AccountExclude) == 0
}

func (w widener) joinAccounts(a, b *pb.SubscribeRequestFilterAccounts) joint {
	if !bytes.Equal(residue(a), residue(b)) || w.sliced && !equalDataStates(a, b) {
		return joint{}
	}
	out := proto.CloneOf(a)
	cost := 0
	out.Account = alternatives(a.Account, b.Account, compressed(a), &cost)
	out.Owner = alternatives(a.Owner, b.Owner, false, &cost)
	out.Filters = sharedStates(a.Filters, b.Filters, &cost)
	out.NonemptyTxnSignature = common(a.NonemptyTxnSignature, b.NonemptyTxnSignature, costNonempty, &cost)
	switch {
	case over(out.Account, w.limits.AccountKeys) || over(out.Owner, w.limits.AccountOwners):
		return joint{}
	case !keyedAccounts(out) && (w.limits.NoFullStreams || keyedAccounts(a) && keyedAccounts(b)):
		return joint{}
	}
	return joint{msg: out, cost: cost}
}

func keyedAccounts(m *pb.SubscribeRequestFilterAccounts) bool {
	return len(m.Account) > 0 || len(m.Owner) > 0 || compressed(m)
}

// common keeps a condition that both sides have.
func common[T comparable](a, b *T, price int, cost *int) *T {
	if a != nil && b != nil && *a == *b {
		return a
	}
	if a != nil || b != nil {
		*cost += price
	}
	return nil
}

// shared keeps the members of two lists of conditions that both sides have.
func shared(a, b []string, price int, cost *int) []string {
	out := intersection(a, b)
	*cost += price * (len(a) + len(b) - 2*len(out))
	return out
}

// alternatives joins two lists of which an update must hit one member; an empty list is no condition, unless a compressed
// set that both sides have stands beside it.
func alternatives(a, b []string, compressed bool, cost *int) []string {
	if len(a) == 0 && len(b) == 0 {
		return nil
	}
	if !compressed && (len(a) == 0 || len(b) == 0) {
		*cost += costKeys
		return nil
	}
	out := union(a, b)
	*cost += 2*len(out) - len(a) - len(b)
	return out
}

// sharedStates keeps the conditions on an account's content that both sides have.
func sharedStates(a, b []*pb.SubscribeRequestFilterAccountsFilter, cost *int) []*pb.SubscribeRequestFilterAccountsFilter {
	var out []*pb.SubscribeRequestFilterAccountsFilter
	for _, x := range a {
		for _, y := range b {
			if compareStates(x, y) == 0 {
				out = append(out, x)
			}
		}
	}
	*cost += costState * (len(a) + len(b) - 2*len(out))
	return out
}

// readsData tells whether a condition looks at an account's data, which slices cut, rather than at its lamports. What a
// later protocol may add counts as looking at data.
func readsData(s *pb.SubscribeRequestFilterAccountsFilter) bool { return s.GetLamports() == nil }

// dataStates returns a filter's conditions on data, or with want false the others.
func dataStates(m *pb.SubscribeRequestFilterAccounts, want bool) []*pb.SubscribeRequestFilterAccountsFilter {
	var out []*pb.SubscribeRequestFilterAccountsFilter
	for _, s := range m.Filters {
		if readsData(s) == want {
			out = append(out, s)
		}
	}
	return out
}

func equalDataStates(a, b *pb.SubscribeRequestFilterAccounts) bool {
	x := &pb.SubscribeRequestFilterAccounts{Filters: dataStates(a, true)}
	y := &pb.SubscribeRequestFilterAccounts{Filters: dataStates(b, true)}
	return bytes.Equal(encode(x), encode(y))
}

// recheckOf returns what has to be evaluated on our side for a filter that the server serves in a wider form. In a sliced
// lane the conditions on data are left to the server, which every join there keeps.
func (w widener) recheckOf(c *canonical) *canonical {
	m, ok := c.msg.(*pb.SubscribeRequestFilterAccounts)
	if !ok || !w.sliced {
		return c
	}
	rest := dataStates(m, false)
	if len(rest) == len(m.Filters) {
		return c
	}
	m = proto.CloneOf(m)
	m.Filters = rest
	return newCanonical(c.section, m)
}
