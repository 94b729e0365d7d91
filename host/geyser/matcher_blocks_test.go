package geyser

import (
	"fmt"
	"slices"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

type blocksFilter = pb.SubscribeRequestFilterBlocks

// fullBlock has two transactions, with the keys 1 and 2, and 2 and (loaded) 3, the accounts 1 and 4, and an entry.
func fullBlock() *pb.SubscribeUpdate {
	tx := func(static, loaded []byte) *pb.SubscribeUpdateTransactionInfo {
		info := &pb.SubscribeUpdateTransactionInfo{Index: uint64(static[0]), Meta: &pb.TransactionStatusMeta{},
			Transaction: &pb.Transaction{Message: &pb.Message{AccountKeys: keys(static...)}}}
		info.Meta.LoadedReadonlyAddresses = keys(loaded...)
		return info
	}
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Block{Block: &pb.SubscribeUpdateBlock{
		Slot: 7, Blockhash: "hash", Rewards: &pb.Rewards{}, BlockTime: &pb.UnixTimestamp{Timestamp: 1}, BlockHeight: &pb.BlockHeight{BlockHeight: 2},
		ParentSlot: 6, ParentBlockhash: "parent", ExecutedTransactionCount: 2, UpdatedAccountCount: 2, EntriesCount: 1,
		Transactions: []*pb.SubscribeUpdateTransactionInfo{tx([]byte{1, 2}, nil), tx([]byte{2}, []byte{3})},
		Accounts:     []*pb.SubscribeUpdateAccountInfo{{Pubkey: key(1), Data: []byte("0123")}, {Pubkey: key(4), Data: []byte("4567")}},
		Entries:      []*pb.SubscribeUpdateEntry{{Index: 0}},
	}}}
}

func TestBlockFilters(t *testing.T) {
	yes, no := proto.Bool(true), proto.Bool(false)
	for name, tc := range map[string]struct {
		filter       *blocksFilter
		transactions []uint64 // by index
		accounts     string   // their data
		entries      int
	}{
		"plain":                  {&blocksFilter{}, []uint64{1, 2}, "", 0},
		"everything":             {&blocksFilter{IncludeTransactions: yes, IncludeAccounts: yes, IncludeEntries: yes}, []uint64{1, 2}, "0123 4567 ", 1},
		"nothing":                {&blocksFilter{IncludeTransactions: no, IncludeAccounts: no, IncludeEntries: no}, nil, "", 0},
		"included":               {&blocksFilter{AccountInclude: text(1), IncludeAccounts: yes}, []uint64{1}, "0123 ", 0},
		"included by lookup":     {&blocksFilter{AccountInclude: text(3, 4), IncludeAccounts: yes}, []uint64{2}, "4567 ", 0},
		"included nowhere":       {&blocksFilter{AccountInclude: text(9), IncludeAccounts: yes, IncludeEntries: yes}, nil, "", 1},
		"accounts, not included": {&blocksFilter{AccountInclude: text(2), IncludeAccounts: yes}, []uint64{1, 2}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			u := fullBlock()
			before := proto.CloneOf(u)
			got := compile(t, &pb.SubscribeRequest{Blocks: map[string]*blocksFilter{"f": tc.filter}}).Evaluate(u, nil)
			if len(got) != 1 || !slices.Equal(got[0].Names, []string{"f"}) {
				t.Fatalf("got %v", got)
			}
			checkBlock(t, got[0].Update.GetBlock(), tc.transactions, tc.accounts, tc.entries)
			if !proto.Equal(u, before) {
				t.Error("the update itself was cut")
			}
		})
	}
}

func checkBlock(t *testing.T, b *pb.SubscribeUpdateBlock, transactions []uint64, accounts string, entries int) {
	t.Helper()
	var indices []uint64
	for _, tx := range b.GetTransactions() {
		indices = append(indices, tx.GetIndex())
	}
	data := ""
	for _, a := range b.GetAccounts() {
		data += string(a.GetData()) + " "
	}
	if !slices.Equal(indices, transactions) || data != accounts || len(b.GetEntries()) != entries {
		t.Errorf("transactions %v, accounts %q, %d entries", indices, data, len(b.GetEntries()))
	}
	rest := proto.CloneOf(b)
	rest.Transactions, rest.Accounts, rest.Entries = nil, nil, nil
	want := fullBlock().GetBlock()
	want.Transactions, want.Accounts, want.Entries = nil, nil, nil
	if !proto.Equal(rest, want) {
		t.Errorf("the rest differs: %v", rest)
	}
}

func TestBlockPerNameAndSlices(t *testing.T) {
	yes := proto.Bool(true)
	m := compile(t, &pb.SubscribeRequest{
		Blocks:            map[string]*blocksFilter{"b": {IncludeAccounts: yes}, "a": {IncludeAccounts: yes, AccountInclude: text(4)}, "c": {IncludeEntries: yes}},
		AccountsDataSlice: []*pb.SubscribeRequestAccountsDataSlice{{Offset: 1, Length: 2}},
	})
	got := m.Evaluate(fullBlock(), nil)
	want := []string{"[a] 56 ", "[b] 12 56 ", "[c] "}
	for i, d := range got {
		data := ""
		for _, a := range d.Update.GetBlock().GetAccounts() {
			data += string(a.GetData()) + " "
		}
		if line := fmt.Sprint(d.Names, " ", data); i >= len(want) || line != want[i] {
			t.Errorf("%d: %q", i, line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d messages", len(got))
	}
}

// A block of which everything is wanted is delivered as it is.
func TestBlockWhole(t *testing.T) {
	yes := proto.Bool(true)
	u := fullBlock()
	for _, m := range []*Matcher{
		compile(t, &pb.SubscribeRequest{Blocks: map[string]*blocksFilter{"f": {IncludeAccounts: yes, IncludeEntries: yes}}}),
		compile(t, &pb.SubscribeRequest{Blocks: map[string]*blocksFilter{"f": {IncludeAccounts: yes, IncludeEntries: yes, AccountInclude: text(1, 2, 4)}}}),
	} {
		if got := m.Evaluate(u, nil); len(got) != 1 || got[0].Update != u {
			t.Errorf("got %v", got)
		}
	}
}
