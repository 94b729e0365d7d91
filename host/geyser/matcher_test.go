package geyser

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/mr-tron/base58"
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

// key returns a pubkey for tests and its base58 text.
func key(n byte) []byte {
	return slices.Concat([]byte{n}, make([]byte, 11), []byte{n, n * 7}, make([]byte, 18))
}

func text(ns ...byte) (all []string) {
	for _, n := range ns {
		all = append(all, base58.Encode(key(n)))
	}
	return all
}

func keys(ns ...byte) (all [][]byte) {
	for _, n := range ns {
		all = append(all, key(n))
	}
	return all
}

func compile(t testing.TB, req *pb.SubscribeRequest) *Matcher {
	t.Helper()
	m, err := Compile(req, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// deliveries renders what m makes of u as "kind:name,name".
func deliveries(m *Matcher, u *pb.SubscribeUpdate) []string {
	var all []string
	for _, d := range m.Evaluate(u, nil) {
		all = append(all, KindOf(d.Update).String()+":"+strings.Join(d.Names, ","))
	}
	return all
}

func account(change func(*pb.SubscribeUpdateAccountInfo)) *pb.SubscribeUpdate {
	info := &pb.SubscribeUpdateAccountInfo{Pubkey: key(1), Owner: key(2), Lamports: 100, Data: []byte("0123456789")}
	if change != nil {
		change(info)
	}
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Account{Account: &pb.SubscribeUpdateAccount{Account: info, Slot: 5}}}
}

func state(f any) *pb.SubscribeRequestFilterAccountsFilter {
	switch f := f.(type) {
	case *pb.SubscribeRequestFilterAccountsFilterMemcmp:
		return &pb.SubscribeRequestFilterAccountsFilter{Filter: &pb.SubscribeRequestFilterAccountsFilter_Memcmp{Memcmp: f}}
	case *pb.SubscribeRequestFilterAccountsFilterLamports:
		return &pb.SubscribeRequestFilterAccountsFilter{Filter: &pb.SubscribeRequestFilterAccountsFilter_Lamports{Lamports: f}}
	case int:
		return &pb.SubscribeRequestFilterAccountsFilter{Filter: &pb.SubscribeRequestFilterAccountsFilter_Datasize{Datasize: uint64(f)}}
	case bool:
		return &pb.SubscribeRequestFilterAccountsFilter{Filter: &pb.SubscribeRequestFilterAccountsFilter_TokenAccountState{TokenAccountState: f}}
	}
	return &pb.SubscribeRequestFilterAccountsFilter{}
}

func memcmp(offset uint64, b string) *pb.SubscribeRequestFilterAccountsFilter {
	return state(&pb.SubscribeRequestFilterAccountsFilterMemcmp{Offset: offset, Data: &pb.SubscribeRequestFilterAccountsFilterMemcmp_Bytes{Bytes: []byte(b)}})
}

func memcmp58(b string) *pb.SubscribeRequestFilterAccountsFilter {
	return state(&pb.SubscribeRequestFilterAccountsFilterMemcmp{Data: &pb.SubscribeRequestFilterAccountsFilterMemcmp_Base58{Base58: b}})
}

func memcmp64(b string) *pb.SubscribeRequestFilterAccountsFilter {
	return state(&pb.SubscribeRequestFilterAccountsFilterMemcmp{Data: &pb.SubscribeRequestFilterAccountsFilterMemcmp_Base64{Base64: b}})
}

func lamports(op string, n uint64) *pb.SubscribeRequestFilterAccountsFilter {
	l := &pb.SubscribeRequestFilterAccountsFilterLamports{}
	switch op {
	case "eq":
		l.Cmp = &pb.SubscribeRequestFilterAccountsFilterLamports_Eq{Eq: n}
	case "ne":
		l.Cmp = &pb.SubscribeRequestFilterAccountsFilterLamports_Ne{Ne: n}
	case "lt":
		l.Cmp = &pb.SubscribeRequestFilterAccountsFilterLamports_Lt{Lt: n}
	case "gt":
		l.Cmp = &pb.SubscribeRequestFilterAccountsFilterLamports_Gt{Gt: n}
	}
	return state(l)
}

type accountsFilter = pb.SubscribeRequestFilterAccounts
type states = []*pb.SubscribeRequestFilterAccountsFilter

func TestAccountFilters(t *testing.T) {
	token := func(size, at, kind int) *pb.SubscribeUpdate {
		return account(func(i *pb.SubscribeUpdateAccountInfo) {
			i.Data = make([]byte, size)
			i.Data[at] = byte(kind)
			if size > 165 {
				i.Data[108] = 1
			}
		})
	}
	plain := account(nil)
	signed := account(func(i *pb.SubscribeUpdateAccountInfo) { i.TxnSignature = make([]byte, 64) })
	for name, tc := range map[string]struct {
		filter *accountsFilter
		update *pb.SubscribeUpdate
		hit    bool
	}{
		"any":                       {&accountsFilter{}, plain, true},
		"account":                   {&accountsFilter{Account: text(9, 1)}, plain, true},
		"other account":             {&accountsFilter{Account: text(9, 2)}, plain, false},
		"owner":                     {&accountsFilter{Owner: text(2)}, plain, true},
		"other owner":               {&accountsFilter{Owner: text(1)}, plain, false},
		"account and owner":         {&accountsFilter{Account: text(1), Owner: text(2)}, plain, true},
		"account, other owner":      {&accountsFilter{Account: text(1), Owner: text(3)}, plain, false},
		"owner, other account":      {&accountsFilter{Account: text(3), Owner: text(2)}, plain, false},
		"signed wanted":             {&accountsFilter{NonemptyTxnSignature: proto.Bool(true)}, plain, false},
		"signed wanted, there":      {&accountsFilter{NonemptyTxnSignature: proto.Bool(true)}, signed, true},
		"unsigned wanted":           {&accountsFilter{NonemptyTxnSignature: proto.Bool(false)}, plain, true},
		"unsigned wanted, signed":   {&accountsFilter{NonemptyTxnSignature: proto.Bool(false)}, signed, false},
		"memcmp":                    {&accountsFilter{Filters: states{memcmp(3, "345")}}, plain, true},
		"memcmp to the end":         {&accountsFilter{Filters: states{memcmp(9, "9")}}, plain, true},
		"memcmp beyond":             {&accountsFilter{Filters: states{memcmp(9, "9x")}}, plain, false},
		"memcmp far beyond":         {&accountsFilter{Filters: states{memcmp(1<<64-1, "9")}}, plain, false},
		"memcmp of nothing":         {&accountsFilter{Filters: states{memcmp(10, "")}}, plain, true},
		"memcmp of nothing beyond":  {&accountsFilter{Filters: states{memcmp(11, "")}}, plain, false},
		"memcmp differs":            {&accountsFilter{Filters: states{memcmp(3, "346")}}, plain, false},
		"memcmp base58":             {&accountsFilter{Filters: states{memcmp58(base58.Encode([]byte("012")))}}, plain, true},
		"memcmp empty base58":       {&accountsFilter{Filters: states{memcmp58("")}}, plain, true},
		"memcmp base64":             {&accountsFilter{Filters: states{memcmp64("MDE=")}}, plain, true},
		"memcmp base64 differs":     {&accountsFilter{Filters: states{memcmp64("MTE=")}}, plain, false},
		"two memcmps":               {&accountsFilter{Filters: states{memcmp(0, "0"), memcmp(1, "1")}}, plain, true},
		"two memcmps, one misses":   {&accountsFilter{Filters: states{memcmp(0, "0"), memcmp(1, "0")}}, plain, false},
		"datasize":                  {&accountsFilter{Filters: states{state(10)}}, plain, true},
		"datasize differs":          {&accountsFilter{Filters: states{state(9)}}, plain, false},
		"eq":                        {&accountsFilter{Filters: states{lamports("eq", 100)}}, plain, true},
		"eq differs":                {&accountsFilter{Filters: states{lamports("eq", 99)}}, plain, false},
		"ne":                        {&accountsFilter{Filters: states{lamports("ne", 99)}}, plain, true},
		"ne equal":                  {&accountsFilter{Filters: states{lamports("ne", 100)}}, plain, false},
		"lt":                        {&accountsFilter{Filters: states{lamports("lt", 101)}}, plain, true},
		"lt equal":                  {&accountsFilter{Filters: states{lamports("lt", 100)}}, plain, false},
		"gt":                        {&accountsFilter{Filters: states{lamports("gt", 99)}}, plain, true},
		"gt equal":                  {&accountsFilter{Filters: states{lamports("gt", 100)}}, plain, false},
		"range":                     {&accountsFilter{Filters: states{lamports("gt", 99), lamports("lt", 101)}}, plain, true},
		"token account":             {&accountsFilter{Filters: states{state(true)}}, token(165, 108, 1), true},
		"frozen token account":      {&accountsFilter{Filters: states{state(true)}}, token(165, 108, 2), true},
		"uninitialized":             {&accountsFilter{Filters: states{state(true)}}, token(165, 107, 1), false},
		"mint":                      {&accountsFilter{Filters: states{state(true)}}, token(82, 45, 1), false},
		"extended token account":    {&accountsFilter{Filters: states{state(true)}}, token(170, 165, 2), true},
		"extended mint":             {&accountsFilter{Filters: states{state(true)}}, token(170, 165, 1), false},
		"multisig":                  {&accountsFilter{Filters: states{state(true)}}, token(355, 165, 2), false},
		"owner and state":           {&accountsFilter{Owner: text(2), Filters: states{state(10)}}, plain, true},
		"owner and state that fail": {&accountsFilter{Owner: text(2), Filters: states{state(11)}}, plain, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := compile(t, &pb.SubscribeRequest{Accounts: map[string]*accountsFilter{"f": tc.filter}})
			want := []string(nil)
			if tc.hit {
				want = []string{"account:f"}
			}
			if got := deliveries(m, tc.update); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestSlices(t *testing.T) {
	for name, tc := range map[string]struct {
		slices []uint64 // offset, length, …
		want   string
	}{
		"none":               {nil, "0123456789"},
		"one":                {[]uint64{2, 3}, "234"},
		"adjacent":           {[]uint64{0, 2, 2, 1, 9, 1}, "0129"},
		"beyond is left out": {[]uint64{0, 1, 9, 2}, "0"},
		"all beyond":         {[]uint64{10, 1}, ""},
		"empty":              {[]uint64{0, 0, 0, 0, 10, 0}, ""},
		"endless":            {[]uint64{1, 1, 5, 1<<64 - 1}, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			req := &pb.SubscribeRequest{Accounts: map[string]*accountsFilter{"f": {Filters: states{state(10), memcmp(7, "7")}}}}
			for i := 0; i < len(tc.slices); i += 2 {
				req.AccountsDataSlice = append(req.AccountsDataSlice, &pb.SubscribeRequestAccountsDataSlice{Offset: tc.slices[i], Length: tc.slices[i+1]})
			}
			u := account(func(i *pb.SubscribeUpdateAccountInfo) {
				i.WriteVersion, i.RentEpoch, i.Executable, i.TxnSignature = 3, 4, true, []byte("signature")
				i.ProtoReflect().SetUnknown(varint(99, 1))
			})
			u.GetAccount().IsStartup = true
			SetBankID(u, 77)
			before := proto.CloneOf(u)
			got := compile(t, req).Evaluate(u, nil)
			if len(got) != 1 {
				t.Fatalf("%d deliveries", len(got))
			}
			want := proto.CloneOf(u)
			want.GetAccount().GetAccount().Data = []byte(tc.want)
			if !proto.Equal(got[0].Update, want) {
				t.Errorf("got %v, want %v", got[0].Update, want)
			}
			if (got[0].Update == u) != (tc.slices == nil) || !proto.Equal(u, before) {
				t.Error("the update itself was cut")
			}
		})
	}
}

func TestSlotFilters(t *testing.T) {
	all := []pb.SlotStatus{0, 1, 2, 3, 4, 5, 6}
	for name, tc := range map[string]struct {
		filter     *pb.SubscribeRequestFilterSlots
		commitment pb.CommitmentLevel
		want       []pb.SlotStatus
	}{
		"plain":                   {&pb.SubscribeRequestFilterSlots{}, 0, all[:3]},
		"plain finalized":         {&pb.SubscribeRequestFilterSlots{}, 2, all[:3]},
		"interslot":               {&pb.SubscribeRequestFilterSlots{InterslotUpdates: proto.Bool(true)}, 1, all},
		"by commitment":           {&pb.SubscribeRequestFilterSlots{FilterByCommitment: proto.Bool(true)}, 0, all[:1]},
		"by commitment confirmed": {&pb.SubscribeRequestFilterSlots{FilterByCommitment: proto.Bool(true)}, 1, all[1:2]},
		"by commitment, interslot": {&pb.SubscribeRequestFilterSlots{FilterByCommitment: proto.Bool(true),
			InterslotUpdates: proto.Bool(true)}, 2, all[2:3]},
	} {
		t.Run(name, func(t *testing.T) {
			m := compile(t, &pb.SubscribeRequest{Slots: map[string]*pb.SubscribeRequestFilterSlots{"f": tc.filter}, Commitment: &tc.commitment})
			if m.Commitment() != tc.commitment {
				t.Errorf("commitment %v", m.Commitment())
			}
			for _, s := range all {
				got := deliveries(m, &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Slot{Slot: &pb.SubscribeUpdateSlot{Status: s}}})
				if want := slices.Contains(tc.want, s); want != slices.Equal(got, []string{"slot:f"}) || !want && got != nil {
					t.Errorf("%v: %v", s, got)
				}
			}
		})
	}
}

func TestPlainKinds(t *testing.T) {
	m := compile(t, &pb.SubscribeRequest{
		Entry:      map[string]*pb.SubscribeRequestFilterEntry{"e2": {}, "e1": {}},
		BlocksMeta: map[string]*pb.SubscribeRequestFilterBlocksMeta{"m": {}},
	})
	for want, u := range map[string]*pb.SubscribeUpdate{
		"entry:e1,e2":  {UpdateOneof: &pb.SubscribeUpdate_Entry{Entry: &pb.SubscribeUpdateEntry{}}},
		"block_meta:m": {UpdateOneof: &pb.SubscribeUpdate_BlockMeta{BlockMeta: &pb.SubscribeUpdateBlockMeta{}}},
	} {
		if got := deliveries(m, u); !slices.Equal(got, []string{want}) {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	for _, u := range []*pb.SubscribeUpdate{
		{}, account(nil), transaction(nil),
		{UpdateOneof: &pb.SubscribeUpdate_Account{}}, {UpdateOneof: &pb.SubscribeUpdate_Transaction{}}, {UpdateOneof: &pb.SubscribeUpdate_Block{}},
		{UpdateOneof: &pb.SubscribeUpdate_Ping{Ping: &pb.SubscribeUpdatePing{}}},
		{UpdateOneof: &pb.SubscribeUpdate_TransactionStatus{TransactionStatus: &pb.SubscribeUpdateTransactionStatus{}}},
	} {
		if got := deliveries(m, u); got != nil {
			t.Errorf("%v: got %v", u, got)
		}
	}
}

// refused compiles req and returns the refusal.
func refused(t *testing.T, req *pb.SubscribeRequest, lim *ServerLimits) *FilterError {
	t.Helper()
	m, err := Compile(req, lim)
	var refusal *FilterError
	if !errors.As(err, &refusal) || m != nil {
		t.Fatalf("error %v", err)
	}
	return refusal
}
