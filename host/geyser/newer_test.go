//go:build !upstreamproto

package geyser

import (
	"encoding/binary"
	"slices"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

func cuckooOf(t testing.TB, ns ...byte) *pb.CuckooFilter {
	t.Helper()
	c := NewCuckoo(100, CuckooSeed)
	for _, n := range ns {
		if err := c.Insert((*Pubkey)(key(n))); err != nil {
			t.Fatal(err)
		}
	}
	f := new(accountsFilter)
	SetCuckoo(f, c)
	return f.CuckooAccountsFilter
}

func TestCuckooFilters(t *testing.T) {
	hit, miss := cuckooOf(t, 1), cuckooOf(t, 8)
	for name, tc := range map[string]struct {
		req    *pb.SubscribeRequest
		update *pb.SubscribeUpdate
		want   []string
	}{
		"account":         {only(&accountsFilter{CuckooAccountsFilter: hit}), account(nil), []string{"account:f"}},
		"account misses":  {only(&accountsFilter{CuckooAccountsFilter: miss}), account(nil), nil},
		"account or list": {only(&accountsFilter{CuckooAccountsFilter: miss, Account: text(1)}), account(nil), []string{"account:f"}},
		"list or account": {only(&accountsFilter{CuckooAccountsFilter: hit, Account: text(8)}), account(nil), []string{"account:f"}},
		"neither":         {only(&accountsFilter{CuckooAccountsFilter: miss, Account: text(8)}), account(nil), nil},
		"and owner":       {only(&accountsFilter{CuckooAccountsFilter: hit, Owner: text(8)}), account(nil), nil},
		"empty":           {only(&accountsFilter{CuckooAccountsFilter: &pb.CuckooFilter{}}), account(nil), nil},
		"odd data":        {only(&accountsFilter{CuckooAccountsFilter: &pb.CuckooFilter{Data: make([]byte, 27)}}), account(nil), nil},
		"tx":              {onlyTx(&transactionsFilter{CuckooAccountInclude: cuckooOf(t, 4)}), transaction(nil), []string{"transaction:f"}},
		"tx misses":       {onlyTx(&transactionsFilter{CuckooAccountInclude: miss}), transaction(nil), nil},
		"tx or list":      {onlyTx(&transactionsFilter{CuckooAccountInclude: miss, AccountInclude: text(1)}), transaction(nil), []string{"transaction:f"}},
		"tx and exclude":  {onlyTx(&transactionsFilter{CuckooAccountInclude: hit, AccountExclude: text(2)}), transaction(nil), nil},
	} {
		if got := deliveries(compile(t, tc.req), tc.update); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
	b := compile(t, onlyBlock(&blocksFilter{CuckooAccountInclude: cuckooOf(t, 3, 4), IncludeAccounts: proto.Bool(true)})).Evaluate(fullBlock(), nil)
	checkBlock(t, b[0].Update.GetBlock(), []uint64{2}, "4567 ", 0)
}

func TestCuckooLimits(t *testing.T) {
	lim := UnlimitedServer()
	lim.Accounts.CuckooMaxSize, lim.Transactions.CuckooMaxSize, lim.Blocks.CuckooMaxSize = 10, 10, 10
	lim.Accounts.Any, lim.Transactions.Any = false, false
	big, small := &pb.CuckooFilter{Data: make([]byte, 11)}, &pb.CuckooFilter{Data: make([]byte, 10)}
	for _, f := range []func(*pb.CuckooFilter) *pb.SubscribeRequest{
		func(c *pb.CuckooFilter) *pb.SubscribeRequest { return only(&accountsFilter{CuckooAccountsFilter: c}) },
		func(c *pb.CuckooFilter) *pb.SubscribeRequest {
			return onlyTx(&transactionsFilter{CuckooAccountInclude: c})
		},
		func(c *pb.CuckooFilter) *pb.SubscribeRequest {
			return onlyBlock(&blocksFilter{CuckooAccountInclude: c})
		},
	} {
		if _, err := Compile(f(small), lim); err != nil {
			t.Error(err)
		}
		if got := refused(t, f(big), lim); got.Reason != "Max amount of filters/data_slices reached, only 10 allowed" {
			t.Error(got)
		}
	}
}

func balances(pairs ...string) (all []*pb.TokenBalance) {
	for i := 0; i < len(pairs); i += 3 {
		all = append(all, &pb.TokenBalance{AccountIndex: uint32(pairs[i][0]), Owner: pairs[i+1], UiTokenAmount: &pb.UiTokenAmount{Amount: pairs[i+2]}})
	}
	return all
}

func TestTokenAccounts(t *testing.T) {
	same, changed, opened, closed, moved := text(21)[0], text(22)[0], text(23)[0], text(24)[0], text(25)[0]
	u := transaction(func(i *pb.SubscribeUpdateTransactionInfo) {
		i.Meta.PreTokenBalances = balances("a", same, "1", "b", changed, "1", "d", closed, "1", "e", moved, "1", "f", "bad", "1")
		i.Meta.PostTokenBalances = balances("a", same, "1", "b", changed, "2", "c", opened, "0", "e", same, "1", "f", "bad", "2")
	})
	all, diff := pb.TokenAccountExpansionControlFlag_ALL.Enum(), pb.TokenAccountExpansionControlFlag_BALANCE_CHANGED.Enum()
	for name, tc := range map[string]struct {
		filter *transactionsFilter
		hit    bool
	}{
		"off":                  {&transactionsFilter{AccountInclude: []string{same}}, false},
		"all":                  {&transactionsFilter{AccountInclude: []string{same}, TokenAccounts: all}, true},
		"all, closed":          {&transactionsFilter{AccountInclude: []string{closed}, TokenAccounts: all}, true},
		"all, key":             {&transactionsFilter{AccountInclude: text(1), TokenAccounts: all}, true},
		"all, neither":         {&transactionsFilter{AccountInclude: text(9), TokenAccounts: all}, false},
		"changed":              {&transactionsFilter{AccountInclude: []string{changed}, TokenAccounts: diff}, true},
		"changed, same":        {&transactionsFilter{AccountInclude: []string{same}, TokenAccounts: diff}, false},
		"changed, moved":       {&transactionsFilter{AccountInclude: []string{moved}, TokenAccounts: diff}, false},
		"changed, opened":      {&transactionsFilter{AccountInclude: []string{opened}, TokenAccounts: diff}, true},
		"changed, closed":      {&transactionsFilter{AccountInclude: []string{closed}, TokenAccounts: diff}, true},
		"exclude all":          {&transactionsFilter{AccountExclude: []string{same}, TokenAccounts: all}, false},
		"exclude changed":      {&transactionsFilter{AccountExclude: []string{same}, TokenAccounts: diff}, true},
		"exclude off":          {&transactionsFilter{AccountExclude: []string{same}}, true},
		"required":             {&transactionsFilter{AccountRequired: []string{same, text(3)[0]}, TokenAccounts: all}, true},
		"required, changed":    {&transactionsFilter{AccountRequired: []string{same}, TokenAccounts: diff}, false},
		"cuckoo":               {&transactionsFilter{CuckooAccountInclude: cuckooOf(t, 21), TokenAccounts: all}, true},
		"cuckoo, changed":      {&transactionsFilter{CuckooAccountInclude: cuckooOf(t, 21), TokenAccounts: diff}, false},
		"cuckoo, off":          {&transactionsFilter{CuckooAccountInclude: cuckooOf(t, 21)}, false},
		"mode alone takes all": {&transactionsFilter{TokenAccounts: diff}, true},
	} {
		if got := deliveries(compile(t, onlyTx(tc.filter)), u); (got != nil) != tc.hit {
			t.Errorf("%s: got %v", name, got)
		}
	}
	bad := pb.TokenAccountExpansionControlFlag(2)
	if got := refused(t, onlyTx(&transactionsFilter{TokenAccounts: &bad}), nil); got.Reason != "invalid token_accounts mode value 2; expected ALL (0) or BALANCE_CHANGED (1)" {
		t.Error(got)
	}
}

func TestBlockFooters(t *testing.T) {
	req := new(pb.SubscribeRequest)
	SetBlockFooterNames(req, []string{"b", "a"})
	if got := BlockFooterNames(req); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("names %v", got)
	}
	u := NewBlockFooter(7, 8, []byte("hash"), 9, []byte("agent"))
	if got := deliveries(compile(t, req), u); !slices.Equal(got, []string{"block_footer:a,b"}) {
		t.Errorf("got %v", got)
	}
	f := NewFrame(marshal(t, u))
	check(t, &f, scan(t, &f), u)
	lim := UnlimitedServer()
	lim.BlockFooter = 1
	if got := refused(t, req, lim); got.Section != "block_footer" || got.Reason != "Max amount of filters/data_slices reached, only 1 allowed" {
		t.Error(got)
	}
}

func TestBankID(t *testing.T) {
	for _, u := range []*pb.SubscribeUpdate{
		account(nil), transaction(nil), NewBlockFooter(1, 0, nil, 0, nil),
		{UpdateOneof: &pb.SubscribeUpdate_Slot{Slot: &pb.SubscribeUpdateSlot{}}},
		{UpdateOneof: &pb.SubscribeUpdate_Entry{Entry: &pb.SubscribeUpdateEntry{}}},
		{UpdateOneof: &pb.SubscribeUpdate_BlockMeta{BlockMeta: &pb.SubscribeUpdateBlockMeta{}}},
		{UpdateOneof: &pb.SubscribeUpdate_TransactionStatus{TransactionStatus: &pb.SubscribeUpdateTransactionStatus{}}},
	} {
		if _, ok := BankID(u); ok {
			t.Errorf("%v: has a bank id", KindOf(u))
		}
		plain := NewFrame(marshal(t, u))
		without := scan(t, &plain).AppendKey(&plain, nil)
		SetBankID(u, 5)
		if id, ok := BankID(u); !ok || id != 5 {
			t.Errorf("%v: bank id %d, %v", KindOf(u), id, ok)
		}
		f := NewFrame(marshal(t, u))
		e := scan(t, &f)
		check(t, &f, e, u)
		if slices.Equal(e.AppendKey(&f, nil), without) {
			t.Errorf("%v: the key does not tell forks apart", KindOf(u))
		}
	}
}

func TestCuckooBits(t *testing.T) {
	const n = 20000
	c := NewCuckoo(n, 12345)
	var k Pubkey
	for i := range uint32(n) {
		binary.BigEndian.PutUint32(k[7:], i)
		if err := c.Insert(&k); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	wrong := 0
	for i := range uint32(2 * n) {
		binary.BigEndian.PutUint32(k[7:], i)
		if got := c.Contains(&k); i < n && !got {
			t.Fatalf("%d is missing", i)
		} else if i >= n && got {
			wrong++
		}
	}
	if wrong > n/1000 { // 8 fingerprints of 16 bits are looked at: 1 in 8000 is expected
		t.Errorf("%d of %d false positives", wrong, n)
	}
	small := NewCuckoo(4, 0)
	var err error
	for i := range uint32(100) {
		binary.BigEndian.PutUint32(k[:], i)
		if err = small.Insert(&k); err != nil {
			break
		}
	}
	if err != ErrCuckooFull {
		t.Errorf("overfull: %v", err)
	}
	if c := NewCuckoo(0, 0); len(c.Data) != bucketBytes {
		t.Errorf("empty filter of %d bytes", len(c.Data))
	}
}

// The published vectors of SipHash-2-4: key 00…0f, message 00, 01, ….
func TestSipHash(t *testing.T) {
	var message []byte
	for i := range 15 {
		message = append(message, byte(i))
	}
	k0, k1 := uint64(0x0706050403020100), uint64(0x0f0e0d0c0b0a0908)
	for n, want := range map[int]uint64{0: 0x726fdb47dd0e0e31, 15: 0xa129ca6149be45e5} {
		if got := sipHash24(k0, k1, message[:n]); got != want {
			t.Errorf("%d bytes: %x, want %x", n, got, want)
		}
	}
}
