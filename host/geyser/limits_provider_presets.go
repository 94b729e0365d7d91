package geyser

import (
	"maps"
	"slices"
)

// keys that providers refuse to filter by.
const (
	tokenProgram  = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
	systemProgram = "11111111111111111111111111111111"
	kinMint       = "kinXdEcpDQeHPEuQnqmUgtYykqKGVFq6CeVX5iAHJq6"
)

// presets are the limits that providers publish, each as of the middle of 2026. Where they depend on the plan, the
// smallest one counts: a larger plan overrides `streams`.
var presets = map[string]Limits{
	// docs.chainstack.com, Yellowstone gRPC add-on: 2, 7 or 25 streams by plan, 5 filters of one type in a connection, the
	// token program and the kin mint refused; 200 accounts in a filter after the correction in chainstack/dev-portal#696.
	"chainstack": {
		Streams: 2, Filters: everySection(5), AccountKeys: 200, AccountOwners: 200, TransactionInclude: 200,
		TransactionExclude: 200, TransactionRequired: 200, BlockInclude: 200,
		RejectAccounts: []string{tokenProgram, kinMint}, RejectOwners: []string{tokenProgram, kinMint},
	},
	// supanode.xyz/docs/solana/grpc/limits: 1, 10, 20, 50 or unlimited streams by plan, 10 resubscribes a second.
	"supanode": {Streams: 1, ResubscribesPerSecond: 10},
	// docs.vali.wtf/products/grpc, the filter_limits of its servers: no cap on connections; what it does not name (block
	// includes, statuses) is unlimited there. The limits on transaction keys hold for statuses too here, to be safe.
	"vali": {
		Filters:     FilterCount{Accounts: 400, Slots: 1, Transactions: 25, Blocks: 1, BlocksMeta: 1, Entry: 1},
		AccountKeys: 400, AccountOwners: 400, TransactionInclude: 100, TransactionExclude: 10, TransactionRequired: 10,
		DataSlices: 20, NoFullStreams: true, RejectAccounts: []string{tokenProgram},
	},
	// htw.tech/docs/guides/solana/rpc/grpc-limits: 5, 15 or 50 streams by plan, messages above 4 MB are dropped.
	"htw": {Streams: 5, UpdateBytes: 4_000_000},
	// The sample configuration of the server itself (rpcpool/yellowstone-grpc, yellowstone-grpc-geyser/config.json), which
	// Triton's shared endpoints follow.
	"triton-sample": {
		Filters: everySection(1), AccountKeys: 10, AccountOwners: 10, TransactionInclude: 10, TransactionExclude: 10,
		TransactionRequired: 10, BlockInclude: 10, DataSlices: 2, NoFullStreams: true, NoFullBlocks: true,
		NoBlockAccounts: true, NoBlockEntries: true, RejectAccounts: []string{tokenProgram}, RejectOwners: []string{systemProgram},
	},
}

func everySection(n int) FilterCount {
	return FilterCount{
		Accounts: n, Slots: n, Transactions: n, TransactionsStatus: n, Blocks: n, BlocksMeta: n, BlockFooter: n, Entry: n,
	}
}

// LimitsPreset returns a provider's published limits by a short name, one of LimitsPresets. Each call returns a copy.
func LimitsPreset(name string) (Limits, bool) {
	l, ok := presets[name]
	l.RejectAccounts = slices.Clone(l.RejectAccounts)
	l.RejectOwners = slices.Clone(l.RejectOwners)
	return l, ok
}

// LimitsPresets returns the names of the presets, sorted.
func LimitsPresets() []string { return slices.Sorted(maps.Keys(presets)) }
