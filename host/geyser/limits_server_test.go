package geyser

import (
	"strings"
	"testing"

	"github.com/mr-tron/base58"
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

const fullStream = "Subscribe on full stream with `any` is not allowed, at least one filter required"

func only(f *accountsFilter) *pb.SubscribeRequest {
	return &pb.SubscribeRequest{Accounts: map[string]*accountsFilter{"f": f}}
}

func onlyState(f ...*pb.SubscribeRequestFilterAccountsFilter) *pb.SubscribeRequest {
	return only(&accountsFilter{Filters: f})
}

func onlyTx(f *transactionsFilter) *pb.SubscribeRequest {
	return &pb.SubscribeRequest{Transactions: map[string]*transactionsFilter{"f": f}}
}

func onlyBlock(f *blocksFilter) *pb.SubscribeRequest {
	return &pb.SubscribeRequest{Blocks: map[string]*blocksFilter{"f": f}}
}

func sliced(offsetsAndLengths ...uint64) *pb.SubscribeRequest {
	req := &pb.SubscribeRequest{}
	for i := 0; i < len(offsetsAndLengths); i += 2 {
		req.AccountsDataSlice = append(req.AccountsDataSlice,
			&pb.SubscribeRequestAccountsDataSlice{Offset: offsetsAndLengths[i], Length: offsetsAndLengths[i+1]})
	}
	return req
}

// What a server refuses whatever its configuration.
func TestRules(t *testing.T) {
	long := strings.Repeat("x", 129)
	invalid := pb.CommitmentLevel(3)
	for name, tc := range map[string]struct {
		req     *pb.SubscribeRequest
		section string
		reason  string
	}{
		"name":              {&pb.SubscribeRequest{Slots: map[string]*pb.SubscribeRequestFilterSlots{long: {}}}, "slots", "oversized filter name (max allowed size 128), found 129"},
		"account name":      {&pb.SubscribeRequest{Accounts: map[string]*accountsFilter{long: {}}}, "accounts", "oversized filter name (max allowed size 128), found 129"},
		"pubkey alphabet":   {only(&accountsFilter{Account: []string{"0OIl"}}), "accounts", "Invalid Base58 string"},
		"pubkey short":      {only(&accountsFilter{Owner: []string{"abc"}}), "accounts", "String is the wrong size"},
		"pubkey empty":      {onlyTx(&transactionsFilter{AccountInclude: []string{""}}), "transactions", "String is the wrong size"},
		"pubkey long":       {onlyTx(&transactionsFilter{AccountExclude: []string{strings.Repeat("0", 45)}}), "transactions", "String is the wrong size"},
		"required alphabet": {onlyTx(&transactionsFilter{AccountRequired: []string{"0"}}), "transactions", "Invalid Base58 string"},
		"block pubkey":      {onlyBlock(&blocksFilter{AccountInclude: []string{"0"}}), "blocks", "Invalid Base58 string"},
		"signature":         {onlyTx(&transactionsFilter{Signature: proto.String("0")}), "transactions", "failed to decode string to signature"},
		"signature short":   {onlyTx(&transactionsFilter{Signature: proto.String("abc")}), "transactions", "string decoded to wrong size for signature"},
		"five states":       {onlyState(state(1), memcmp(0, ""), memcmp(0, ""), memcmp(0, ""), memcmp(0, "")), "accounts", "Too many filters provided; max 4"},
		"two datasizes":     {onlyState(state(1), state(1)), "accounts", "datasize used more than once"},
		"no token account":  {onlyState(state(false)), "accounts", "token_account_state only allowed to be true"},
		"empty state":       {onlyState(state(nil)), "accounts", "filter should be defined"},
		"empty lamports":    {onlyState(lamports("", 0)), "accounts", "cmp for lamports should be defined"},
		"empty memcmp":      {onlyState(state(&pb.SubscribeRequestFilterAccountsFilterMemcmp{})), "accounts", "data for memcmp should be defined"},
		"memcmp long":       {onlyState(memcmp(0, long)), "accounts", "data too large"},
		"memcmp58":          {onlyState(memcmp58("0")), "accounts", "invalid base58"},
		"memcmp58 text":     {onlyState(memcmp58(strings.Repeat("0", 176))), "accounts", "data too large"},
		"memcmp58 bytes":    {onlyState(memcmp58(strings.Repeat("1", 129))), "accounts", "data too large"},
		"memcmp64":          {onlyState(memcmp64("MDE")), "accounts", "invalid base64"},
		"memcmp64 newline":  {onlyState(memcmp64("MDE=\n")), "accounts", "invalid base64"},
		"memcmp64 bits":     {onlyState(memcmp64("MDF=")), "accounts", "invalid base64"},
		"memcmp64 text":     {onlyState(memcmp64(strings.Repeat("-", 173))), "accounts", "data too large"},
		"commitment":        {&pb.SubscribeRequest{Commitment: &invalid}, "commitment", "failed to create CommitmentLevel from 3"},
		"slices order":      {sliced(4, 1, 2, 1), "accounts_data_slice", "failed to create filter: data slices out of order"},
		"slices overlap":    {sliced(0, 3, 2, 1), "accounts_data_slice", "failed to create filter: data slices overlapped"},
	} {
		t.Run(name, func(t *testing.T) {
			got := refused(t, tc.req, nil)
			if got.Section != tc.section || got.Error() != "failed to create filter: "+tc.reason {
				t.Errorf("%s: %v", got.Section, got)
			}
		})
	}
}

// Requests at the edge of the rules.
func TestRulesAllow(t *testing.T) {
	for name, req := range map[string]*pb.SubscribeRequest{
		"empty":          {},
		"long name":      {Entry: map[string]*pb.SubscribeRequestFilterEntry{strings.Repeat("x", 128): {}}},
		"memcmp":         onlyState(memcmp(0, strings.Repeat("x", 128)), memcmp58(base58.Encode([]byte(strings.Repeat("x", 128))))),
		"four states":    onlyState(memcmp(0, "a"), memcmp(1, "b"), state(true), lamports("eq", 1)),
		"slices":         sliced(0, 2, 2, 1, 3, 0, 3, 9),
		"nil filters":    {Accounts: map[string]*accountsFilter{"a": nil}, Transactions: map[string]*transactionsFilter{"a": nil}, Blocks: map[string]*blocksFilter{"a": nil}},
		"same key twice": only(&accountsFilter{Account: text(1, 1)}),
	} {
		if _, err := Compile(req, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestServerLimits(t *testing.T) {
	one := map[Pubkey]struct{}{Pubkey(key(1)): {}}
	text1 := text(1)[0]
	maxOne := "Max amount of filters/data_slices reached, only 1 allowed"
	keysOne := "Max amount of Pubkeys reached, only 1 allowed"
	yes, no := proto.Bool(true), proto.Bool(false)
	for name, tc := range map[string]struct {
		limit  func(*ServerLimits)
		ok     *pb.SubscribeRequest
		bad    *pb.SubscribeRequest
		reason string
	}{
		"accounts":        {func(l *ServerLimits) { l.Accounts.Max = 1 }, only(nil), &pb.SubscribeRequest{Accounts: map[string]*accountsFilter{"a": {}, "b": {}}}, maxOne},
		"accounts any":    {func(l *ServerLimits) { l.Accounts.Any = false }, only(&accountsFilter{Owner: text(1)}), onlyState(state(4)), fullStream},
		"accounts keys":   {func(l *ServerLimits) { l.Accounts.AccountMax = 1 }, only(&accountsFilter{Account: text(1)}), only(&accountsFilter{Account: text(1, 2)}), keysOne},
		"accounts owners": {func(l *ServerLimits) { l.Accounts.OwnerMax = 1 }, only(&accountsFilter{Account: text(1, 2)}), only(&accountsFilter{Owner: text(1, 2)}), keysOne},
		"account reject": {func(l *ServerLimits) { l.Accounts.AccountReject = one }, only(&accountsFilter{Owner: text(1)}), only(&accountsFilter{Account: text(2, 1)}),
			"Pubkey " + text1 + " in filters is not allowed"},
		"owner reject": {func(l *ServerLimits) { l.Accounts.OwnerReject = one }, only(&accountsFilter{Account: text(1)}), only(&accountsFilter{Owner: text(1)}),
			"Pubkey " + text1 + " in filters is not allowed"},
		"slices": {func(l *ServerLimits) { l.Accounts.DataSliceMax = 1 }, sliced(0, 1), sliced(0, 1, 1, 1), maxOne},
		"slots": {func(l *ServerLimits) { l.Slots = 1 }, &pb.SubscribeRequest{Slots: map[string]*pb.SubscribeRequestFilterSlots{"a": {}}},
			&pb.SubscribeRequest{Slots: map[string]*pb.SubscribeRequestFilterSlots{"a": {}, "b": {}}}, maxOne},
		"entries": {func(l *ServerLimits) { l.Entries = 1 }, &pb.SubscribeRequest{Entry: map[string]*pb.SubscribeRequestFilterEntry{"a": {}}},
			&pb.SubscribeRequest{Entry: map[string]*pb.SubscribeRequestFilterEntry{"a": {}, "b": {}}}, maxOne},
		"blocks_meta": {func(l *ServerLimits) { l.BlocksMeta = 1 }, &pb.SubscribeRequest{BlocksMeta: map[string]*pb.SubscribeRequestFilterBlocksMeta{"a": {}}},
			&pb.SubscribeRequest{BlocksMeta: map[string]*pb.SubscribeRequestFilterBlocksMeta{"a": {}, "b": {}}}, maxOne},
		"transactions": {func(l *ServerLimits) { l.Transactions.Max = 1 }, onlyTx(nil),
			&pb.SubscribeRequest{Transactions: map[string]*transactionsFilter{"a": {}, "b": {}}}, maxOne},
		"status": {func(l *ServerLimits) { l.TransactionsStatus.Max = 1 }, &pb.SubscribeRequest{Transactions: map[string]*transactionsFilter{"a": {}, "b": {}}},
			&pb.SubscribeRequest{TransactionsStatus: map[string]*transactionsFilter{"a": {}, "b": {}}}, maxOne},
		"transactions any": {func(l *ServerLimits) { l.Transactions.Any = false }, onlyTx(&transactionsFilter{Vote: no}),
			onlyTx(&transactionsFilter{Signature: proto.String(strings.Repeat("1", 64))}), fullStream},
		"include":  {func(l *ServerLimits) { l.Transactions.IncludeMax = 1 }, onlyTx(&transactionsFilter{AccountInclude: text(1)}), onlyTx(&transactionsFilter{AccountInclude: text(1, 2)}), keysOne},
		"exclude":  {func(l *ServerLimits) { l.Transactions.ExcludeMax = 1 }, onlyTx(&transactionsFilter{AccountInclude: text(1, 2)}), onlyTx(&transactionsFilter{AccountExclude: text(1, 2)}), keysOne},
		"required": {func(l *ServerLimits) { l.Transactions.RequiredMax = 1 }, onlyTx(&transactionsFilter{AccountInclude: text(1, 2)}), onlyTx(&transactionsFilter{AccountRequired: text(1, 2)}), keysOne},
		"include reject": {func(l *ServerLimits) { l.Transactions.IncludeReject = one }, onlyTx(&transactionsFilter{AccountRequired: text(1), AccountExclude: text(1)}),
			onlyTx(&transactionsFilter{AccountInclude: text(1)}), "Pubkey " + text1 + " in filters is not allowed"},
		"blocks":      {func(l *ServerLimits) { l.Blocks.Max = 1 }, onlyBlock(nil), &pb.SubscribeRequest{Blocks: map[string]*blocksFilter{"a": {}, "b": {}}}, maxOne},
		"blocks any":  {func(l *ServerLimits) { l.Blocks.IncludeAny = false }, onlyBlock(&blocksFilter{AccountInclude: text(1)}), onlyBlock(nil), fullStream},
		"blocks keys": {func(l *ServerLimits) { l.Blocks.IncludeMax = 1 }, onlyBlock(&blocksFilter{AccountInclude: text(1)}), onlyBlock(&blocksFilter{AccountInclude: text(1, 2)}), keysOne},
		"blocks reject": {func(l *ServerLimits) { l.Blocks.IncludeReject = one }, onlyBlock(&blocksFilter{AccountInclude: text(2)}), onlyBlock(&blocksFilter{AccountInclude: text(1)}),
			"Pubkey " + text1 + " in filters is not allowed"},
		"blocks transactions": {func(l *ServerLimits) { l.Blocks.IncludeTransactions = false }, onlyBlock(&blocksFilter{IncludeTransactions: no}), onlyBlock(nil), "`include_transactions` is not allowed"},
		"blocks accounts":     {func(l *ServerLimits) { l.Blocks.IncludeAccounts = false }, onlyBlock(nil), onlyBlock(&blocksFilter{IncludeAccounts: yes}), "`include_accounts` is not allowed"},
		"blocks entries":      {func(l *ServerLimits) { l.Blocks.IncludeAccounts = false }, onlyBlock(&blocksFilter{IncludeEntries: no}), onlyBlock(&blocksFilter{IncludeEntries: yes}), "`include_entries` is not allowed"},
		"name":                {func(l *ServerLimits) { l.NameMax = 1 }, onlyTx(nil), &pb.SubscribeRequest{Blocks: map[string]*blocksFilter{"ab": {}}}, "oversized filter name (max allowed size 1), found 2"},
	} {
		t.Run(name, func(t *testing.T) {
			lim := UnlimitedServer()
			tc.limit(lim)
			if _, err := Compile(tc.ok, lim); err != nil {
				t.Errorf("refused: %v", err)
			}
			if got := refused(t, tc.bad, lim); got.Error() != "failed to create filter: "+tc.reason {
				t.Errorf("got %v", got)
			}
			if _, err := Compile(tc.bad, nil); err != nil {
				t.Errorf("refused without limits: %v", err)
			}
		})
	}
}
