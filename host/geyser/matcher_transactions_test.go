package geyser

import (
	"slices"
	"testing"

	"github.com/mr-tron/base58"
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

type transactionsFilter = pb.SubscribeRequestFilterTransactions

// transaction has the static keys 1 and 2, the loaded ones 3 and 4, and the signature 64 times 9.
func transaction(change func(*pb.SubscribeUpdateTransactionInfo)) *pb.SubscribeUpdate {
	signature := slices.Repeat([]byte{9}, 64)
	info := &pb.SubscribeUpdateTransactionInfo{Signature: signature, Index: 4,
		Transaction: &pb.Transaction{Signatures: [][]byte{signature, make([]byte, 64)}, Message: &pb.Message{AccountKeys: keys(1, 2)}},
		Meta:        &pb.TransactionStatusMeta{LoadedWritableAddresses: keys(3), LoadedReadonlyAddresses: keys(4)},
	}
	if change != nil {
		change(info)
	}
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Transaction{Transaction: &pb.SubscribeUpdateTransaction{Transaction: info, Slot: 5}}}
}

func TestTransactionFilters(t *testing.T) {
	plain := transaction(nil)
	failed := transaction(func(i *pb.SubscribeUpdateTransactionInfo) { i.Meta.Err = &pb.TransactionError{} })
	vote := transaction(func(i *pb.SubscribeUpdateTransactionInfo) { i.IsVote = true })
	yes, no := proto.Bool(true), proto.Bool(false)
	first, second := base58.Encode(slices.Repeat([]byte{9}, 64)), base58.Encode(make([]byte, 64))
	for name, tc := range map[string]struct {
		filter *transactionsFilter
		update *pb.SubscribeUpdate
		hit    bool
	}{
		"any":                       {&transactionsFilter{}, plain, true},
		"any takes votes":           {&transactionsFilter{}, vote, true},
		"votes":                     {&transactionsFilter{Vote: yes}, vote, true},
		"votes, none":               {&transactionsFilter{Vote: yes}, plain, false},
		"no votes":                  {&transactionsFilter{Vote: no}, plain, true},
		"no votes, one":             {&transactionsFilter{Vote: no}, vote, false},
		"failed":                    {&transactionsFilter{Failed: yes}, failed, true},
		"failed, not":               {&transactionsFilter{Failed: yes}, plain, false},
		"not failed":                {&transactionsFilter{Failed: no}, plain, true},
		"not failed, failed":        {&transactionsFilter{Failed: no}, failed, false},
		"signature":                 {&transactionsFilter{Signature: &first}, plain, true},
		"second signature":          {&transactionsFilter{Signature: &second}, plain, false},
		"include static":            {&transactionsFilter{AccountInclude: text(8, 1)}, plain, true},
		"include loaded writable":   {&transactionsFilter{AccountInclude: text(3)}, plain, true},
		"include loaded readonly":   {&transactionsFilter{AccountInclude: text(4)}, plain, true},
		"include absent":            {&transactionsFilter{AccountInclude: text(8)}, plain, false},
		"required":                  {&transactionsFilter{AccountRequired: text(1, 3, 4)}, plain, true},
		"required, one absent":      {&transactionsFilter{AccountRequired: text(1, 3, 8)}, plain, false},
		"exclude absent":            {&transactionsFilter{AccountExclude: text(8)}, plain, true},
		"exclude static":            {&transactionsFilter{AccountExclude: text(8, 2)}, plain, false},
		"exclude loaded":            {&transactionsFilter{AccountExclude: text(4)}, plain, false},
		"include and exclude":       {&transactionsFilter{AccountInclude: text(1), AccountExclude: text(2)}, plain, false},
		"include and required":      {&transactionsFilter{AccountInclude: text(1, 8), AccountRequired: text(2)}, plain, true},
		"include without required":  {&transactionsFilter{AccountInclude: text(1), AccountRequired: text(8)}, plain, false},
		"required without include":  {&transactionsFilter{AccountInclude: text(8), AccountRequired: text(1)}, plain, false},
		"include of a failed, vote": {&transactionsFilter{AccountInclude: text(1), Failed: no, Vote: no}, failed, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := compile(t, &pb.SubscribeRequest{Transactions: map[string]*transactionsFilter{"f": tc.filter},
				TransactionsStatus: map[string]*transactionsFilter{"s": tc.filter}})
			var want []string
			if tc.hit {
				want = []string{"transaction:f", "transaction_status:s"}
			}
			if got := deliveries(m, tc.update); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestTransactionStatus(t *testing.T) {
	u := transaction(func(i *pb.SubscribeUpdateTransactionInfo) {
		i.Meta.Err, i.IsVote = &pb.TransactionError{Err: []byte("why")}, true
	})
	SetBankID(u, 8)
	m := compile(t, &pb.SubscribeRequest{TransactionsStatus: map[string]*transactionsFilter{"b": {}, "a": {}, "c": {Vote: proto.Bool(false)}}})
	p := Prepare(u)
	got := m.EvaluatePrepared(p, nil)
	if len(got) != 1 || !slices.Equal(got[0].Names, []string{"a", "b"}) {
		t.Fatalf("got %v", got)
	}
	want := &pb.SubscribeUpdateTransactionStatus{Slot: 5, Signature: slices.Repeat([]byte{9}, 64), IsVote: true, Index: 4,
		Err: &pb.TransactionError{Err: []byte("why")}}
	wrapped := &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_TransactionStatus{TransactionStatus: want}}
	if KnowsNewer {
		SetBankID(wrapped, 8)
	}
	if !proto.Equal(got[0].Update, wrapped) {
		t.Errorf("got %v, want %v", got[0].Update, wrapped)
	}
	if again := m.EvaluatePrepared(p, nil); again[0].Update != got[0].Update {
		t.Error("the status was made twice")
	}
}

// Requests with more filters than fit one word of a bitset.
func TestManyFilters(t *testing.T) {
	const n = 300
	req := &pb.SubscribeRequest{Transactions: map[string]*transactionsFilter{}, Accounts: map[string]*accountsFilter{}}
	name := func(i int) string {
		return string([]byte{'f', byte('0' + i/100), byte('0' + i/10%10), byte('0' + i%10)})
	}
	for i := range n {
		req.Transactions[name(i)] = &transactionsFilter{AccountInclude: text(byte(i%7 + 1))}
		req.Accounts[name(i)] = &accountsFilter{Account: text(byte(i%5 + 1)), Owner: text(byte(i%3 + 1))}
	}
	m := compile(t, req)
	var wantTx, wantAccount []string
	for i := range n {
		if i%7 < 4 {
			wantTx = append(wantTx, name(i))
		}
		if i%5 == 0 && i%3 == 1 {
			wantAccount = append(wantAccount, name(i))
		}
	}
	if got := m.Evaluate(transaction(nil), nil); len(got) != 1 || !slices.Equal(got[0].Names, wantTx) {
		t.Errorf("transactions: got %v", got)
	}
	if got := m.Evaluate(account(nil), nil); len(got) != 1 || !slices.Equal(got[0].Names, wantAccount) {
		t.Errorf("accounts: got %v, want %v", got, wantAccount)
	}
}
