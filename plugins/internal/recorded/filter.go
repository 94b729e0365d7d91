package recorded

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"testing"

	"weir/abi"
	"weir/abi/guest"
)

// filters are a manifest's filters, in the order of the mask's bits. Only what these monitors use is understood: anything else fails the
// test.
type filters struct {
	transactions []transactionFilter
	accounts     []accountFilter
}

type transactionFilter struct {
	Vote, Failed                    *bool
	AccountInclude, AccountRequired []string
}

type accountFilter struct {
	Owner   []string
	Filters []struct {
		Memcmp *struct {
			Offset text
			Bytes  []byte
		}
		Datasize *text
	}
}

// text is an integer as protobuf JSON may write it.
type text uint64

func (n *text) UnmarshalJSON(b []byte) (err error) {
	v, err := strconv.ParseUint(string(bytes.Trim(b, `"`)), 10, 64)
	*n = text(v)
	return err
}

func parseFilters(tb testing.TB, m *abi.Manifest) (f filters) {
	tb.Helper()
	var request struct {
		Transactions, Accounts json.RawMessage
		Commitment             string
	}
	strict(tb, m.Subscribe, &request)
	eachFilter(tb, request.Transactions, func(one json.RawMessage) {
		f.transactions = append(f.transactions, transactionFilter{})
		strict(tb, one, &f.transactions[len(f.transactions)-1])
	})
	eachFilter(tb, request.Accounts, func(one json.RawMessage) {
		f.accounts = append(f.accounts, accountFilter{})
		strict(tb, one, &f.accounts[len(f.accounts)-1])
	})
	if len(f.transactions) > 0 == (len(f.accounts) > 0) {
		tb.Fatal("not either transactions or accounts: the order of the mask's bits is not known here")
	}
	return f
}

func strict(tb testing.TB, text []byte, v any) {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		tb.Fatalf("the manifest's subscribe: %v: %s", err, text)
	}
}

// eachFilter calls f with a map's values, in their order.
func eachFilter(tb testing.TB, object json.RawMessage, f func(json.RawMessage)) {
	tb.Helper()
	if object == nil {
		return
	}
	d := json.NewDecoder(bytes.NewReader(object))
	for i := 0; ; i++ {
		token, err := d.Token()
		if err != nil {
			tb.Fatal(err)
		}
		if token == json.Delim('}') {
			return
		}
		if i == 0 {
			continue // the opening brace
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			tb.Fatal(err)
		}
		f(value)
	}
}

// mask returns the filters that let a message through.
func (f *filters) mask(raw []byte) (mask uint64) {
	u := guest.NewUpdate(raw, 0)
	if tx, ok := u.Transaction(); ok {
		for i := range f.transactions {
			if f.transactions[i].pass(tx) {
				mask |= 1 << i
			}
		}
	}
	if a, ok := u.Account(); ok {
		for i := range f.accounts {
			if f.accounts[i].pass(a) {
				mask |= 1 << i
			}
		}
	}
	return mask
}

func (f *transactionFilter) pass(tx *guest.Transaction) bool {
	if f.Vote != nil && *f.Vote != tx.IsVote() || f.Failed != nil && *f.Failed != tx.Failed() {
		return false
	}
	named := func(text string) bool {
		key := guest.MustKey(text)
		return tx.KeyIndex(&key) >= 0
	}
	if len(f.AccountInclude) > 0 && !slices.ContainsFunc(f.AccountInclude, named) {
		return false
	}
	return !slices.ContainsFunc(f.AccountRequired, func(text string) bool { return !named(text) })
}

func (f *accountFilter) pass(a *guest.Account) bool {
	owned := func(text string) bool {
		key := guest.MustKey(text)
		return key.Is(a.Owner())
	}
	if len(f.Owner) > 0 && !slices.ContainsFunc(f.Owner, owned) {
		return false
	}
	for _, s := range f.Filters {
		if m := s.Memcmp; m != nil {
			at := int(m.Offset)
			if len(a.Data()) < at || !bytes.HasPrefix(a.Data()[at:], m.Bytes) {
				return false
			}
		}
		if s.Datasize != nil && uint64(len(a.Data())) != uint64(*s.Datasize) {
			return false
		}
	}
	return true
}
