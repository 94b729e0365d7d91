package geyser

import (
	"slices"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// part is one server filter that serves one of a monitor's filters, or a share of it where the filter is larger than the
// provider allows.
type part struct {
	server  *canonical
	recheck *canonical // what to evaluate on our side, nil when the server's filter is exact
}

// split makes server filters of one of a monitor's filters, so that together they deliver exactly what it asks for and
// each keeps to the limits on keys: long lists of alternatives are cut into several filters, long lists of requirements and
// exclusions are shortened and re-checked. A filter that cannot be helped comes back as it is.
func (l Limits) split(c *canonical) []part {
	switch m := c.msg.(type) {
	case *pb.SubscribeRequestFilterAccounts:
		return l.splitAccounts(c, m)
	case *pb.SubscribeRequestFilterTransactions:
		return l.splitTransactions(c, m)
	}
	return []part{{server: c}}
}

func over(list []string, limit int) bool { return len(list) > limitOf(limit) }

// splitAccounts cuts `account` and `owner`. An account has one key and one owner, so no update hits two parts.
func (l Limits) splitAccounts(c *canonical, m *pb.SubscribeRequestFilterAccounts) []part {
	if l.AccountKeys < 0 || l.AccountOwners < 0 || compressed(m) ||
		!over(m.Account, l.AccountKeys) && !over(m.Owner, l.AccountOwners) {
		return []part{{server: c}}
	}
	var parts []part
	for _, keys := range chunks(m.Account, l.AccountKeys) {
		for _, owners := range chunks(m.Owner, l.AccountOwners) {
			f := proto.CloneOf(m)
			f.Account, f.Owner = keys, owners
			parts = append(parts, part{server: newCanonical(c.section, f)})
		}
	}
	return parts
}

// chunks cuts a list into pieces of at most limit members; an empty list is one empty piece.
func chunks(list []string, limit int) [][]string {
	if len(list) == 0 {
		return [][]string{nil}
	}
	return slices.Collect(slices.Chunk(list, limitOf(limit)))
}

func (l Limits) splitTransactions(c *canonical, m *pb.SubscribeRequestFilterTransactions) []part {
	tooMany := over(m.AccountInclude, l.TransactionInclude)
	trimmed := over(m.AccountRequired, l.TransactionRequired) || over(m.AccountExclude, l.TransactionExclude)
	if tooMany && (compressed(m) || l.TransactionInclude < 0) || !tooMany && !trimmed || trimmed && !recheckable(c.section) {
		return []part{{server: c}}
	}
	var parts []part
	taken := m.AccountExclude
	pieces := chunks(m.AccountInclude, l.TransactionInclude)
	for i, keys := range pieces {
		want := proto.CloneOf(m)
		want.AccountInclude = keys
		server := proto.CloneOf(want)
		server.AccountRequired = head(m.AccountRequired, l.TransactionRequired)
		server.AccountExclude = head(m.AccountExclude, l.TransactionExclude)
		p := part{server: newCanonical(c.section, server)}
		if trimmed {
			p.recheck = newCanonical(c.section, want)
		}
		if i > 0 && len(residue(m)) == 0 && recheckable(c.section) {
			// A transaction with keys of two pieces comes under both. The re-check leaves it to the first of them, so that
			// parts on different streams never deliver it twice. With fields that change how keys are compared this could
			// lose it: then, and for statuses, the double is the lesser evil.
			want.AccountExclude = taken
			p.recheck = newCanonical(c.section, want)
		}
		taken = union(taken, keys)
		parts = append(parts, p)
	}
	return parts
}

func head(list []string, limit int) []string { return list[:min(len(list), limitOf(limit))] }

// compressed tells whether a filter carries a compressed set of keys beside its list. Those fields are newer than the
// upstream package, so they are found by their type.
func compressed(m proto.Message) bool {
	found := false
	m.ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		found = fd.Message() != nil && fd.Message().Name() == "CuckooFilter"
		return !found
	})
	return found
}

// residue returns the bytes of what a filter has beyond the fields that widening and splitting know how to treat. Filters
// whose residues differ are never joined.
func residue(m proto.Message) []byte {
	rest := proto.Clone(m)
	switch f := rest.(type) {
	case *pb.SubscribeRequestFilterAccounts:
		f.Account, f.Owner, f.Filters, f.NonemptyTxnSignature = nil, nil, nil, nil
	case *pb.SubscribeRequestFilterTransactions:
		f.Vote, f.Failed, f.Signature = nil, nil, nil
		f.AccountInclude, f.AccountExclude, f.AccountRequired = nil, nil, nil
	}
	return encode(rest)
}

// union merges two sorted sets; intersection keeps what both have.
func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

func intersection(a, b []string) []string {
	var out []string
	for _, s := range a {
		if _, ok := slices.BinarySearch(b, s); ok {
			out = append(out, s)
		}
	}
	return out
}
