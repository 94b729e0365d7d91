package geyser

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

// The matcher's indices give what one filter after the other gives, each read as the server's documentation reads.

// someKeys returns a few of the keys 1 to 12.
func someKeys(r *rand.Rand, most int) (ns []byte) {
	for range r.IntN(most + 1) {
		ns = append(ns, byte(1+r.IntN(12)))
	}
	return ns
}

func someBool(r *rand.Rand) *bool {
	return [...]*bool{nil, nil, nil, proto.Bool(true), proto.Bool(false)}[r.IntN(5)]
}

func overlap(list []string, keys [][]byte) (n int) {
	for _, l := range list {
		if slices.ContainsFunc(keys, func(k []byte) bool { return mustText(k) == l }) {
			n++
		}
	}
	return n
}

func mustText(k []byte) string { return text(k[0])[0] }

func naiveTransaction(f *transactionsFilter, u *pb.SubscribeUpdate) bool {
	info := u.GetTransaction().GetTransaction()
	all := slices.Concat(info.Transaction.Message.AccountKeys, info.Meta.LoadedWritableAddresses, info.Meta.LoadedReadonlyAddresses)
	return (f.Vote == nil || *f.Vote == info.IsVote) && (f.Failed == nil || *f.Failed == (info.Meta.Err != nil)) &&
		(len(f.AccountInclude) == 0 || overlap(f.AccountInclude, all) > 0) &&
		overlap(f.AccountExclude, all) == 0 && overlap(f.AccountRequired, all) == len(f.AccountRequired)
}

func naiveAccount(f *accountsFilter, u *pb.SubscribeUpdate) bool {
	a := u.GetAccount().GetAccount()
	return (len(f.Account) == 0 || overlap(f.Account, [][]byte{a.Pubkey}) > 0) &&
		(len(f.Owner) == 0 || overlap(f.Owner, [][]byte{a.Owner}) > 0) &&
		(f.NonemptyTxnSignature == nil || *f.NonemptyTxnSignature == (a.TxnSignature != nil)) &&
		(len(f.Filters) == 0 || f.Filters[0].GetDatasize() == uint64(len(a.Data)))
}

func TestRandomRequests(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2))
		req := &pb.SubscribeRequest{Transactions: map[string]*transactionsFilter{}, Accounts: map[string]*accountsFilter{}}
		for i := range r.IntN(150) {
			name := fmt.Sprint("f", i)
			req.Transactions[name] = &transactionsFilter{Vote: someBool(r), Failed: someBool(r), AccountInclude: text(someKeys(r, 3)...),
				AccountExclude: text(someKeys(r, 1)...), AccountRequired: text(someKeys(r, 1)...)}
			f := &accountsFilter{Account: text(someKeys(r, 3)...), Owner: text(someKeys(r, 3)...), NonemptyTxnSignature: someBool(r)}
			if r.IntN(3) == 0 {
				f.Filters = states{state(r.IntN(3))}
			}
			req.Accounts[name] = f
		}
		m := compile(t, req)
		for range 60 {
			tx := transaction(func(i *pb.SubscribeUpdateTransactionInfo) {
				i.Transaction.Message.AccountKeys = keys(someKeys(r, 4)...)
				i.Meta.LoadedWritableAddresses, i.Meta.LoadedReadonlyAddresses = keys(someKeys(r, 2)...), keys(someKeys(r, 2)...)
				if i.IsVote = r.IntN(2) == 0; r.IntN(2) == 0 {
					i.Meta.Err = &pb.TransactionError{}
				}
			})
			compareNames(t, m, tx, req.Transactions, naiveTransaction)
			a := account(func(i *pb.SubscribeUpdateAccountInfo) {
				i.Pubkey, i.Owner, i.Data = key(byte(1+r.IntN(12))), key(byte(1+r.IntN(12))), make([]byte, r.IntN(3))
				if r.IntN(2) == 0 {
					i.TxnSignature = make([]byte, 64)
				}
			})
			compareNames(t, m, a, req.Accounts, naiveAccount)
		}
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

func compareNames[F any](t *testing.T, m *Matcher, u *pb.SubscribeUpdate, filters map[string]F, naive func(F, *pb.SubscribeUpdate) bool) {
	t.Helper()
	var want []string
	for name, f := range filters {
		if naive(f, u) {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	var got []string
	for _, d := range m.Evaluate(u, nil) {
		got = append(got, d.Names...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %s\nwant %s", strings.Join(got, " "), strings.Join(want, " "))
	}
}
