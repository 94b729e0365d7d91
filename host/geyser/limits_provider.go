package geyser

import (
	"errors"
	"fmt"

	"github.com/mr-tron/base58"
)

// Limits is what a provider allows. In every number, zero means unlimited and a negative one means none at all.
type Limits struct {
	Streams               int         `yaml:"streams" json:"streams"`                                 // streams of one account at a time
	Filters               FilterCount `yaml:"filters" json:"filters"`                                 // filters of one type in one stream
	AccountKeys           int         `yaml:"account_keys" json:"account_keys"`                       // `account` keys of one accounts filter
	AccountOwners         int         `yaml:"account_owners" json:"account_owners"`                   // `owner` keys of one accounts filter
	TransactionInclude    int         `yaml:"transaction_include" json:"transaction_include"`         // account_include keys of one transaction filter
	TransactionExclude    int         `yaml:"transaction_exclude" json:"transaction_exclude"`         // account_exclude keys of one transaction filter
	TransactionRequired   int         `yaml:"transaction_required" json:"transaction_required"`       // account_required keys of one transaction filter
	BlockInclude          int         `yaml:"block_include" json:"block_include"`                     // account_include keys of one blocks filter
	DataSlices            int         `yaml:"data_slices" json:"data_slices"`                         // accounts_data_slice entries of one stream
	NameBytes             int         `yaml:"name_bytes" json:"name_bytes"`                           // bytes of a filter's name, at least MaxNameBytes; 0: the server's 128
	NoFullStreams         bool        `yaml:"no_full_streams" json:"no_full_streams"`                 // accounts and transaction filters without conditions are refused (`any`)
	NoFullBlocks          bool        `yaml:"no_full_blocks" json:"no_full_blocks"`                   // blocks filters without account_include are refused
	NoBlockTransactions   bool        `yaml:"no_block_transactions" json:"no_block_transactions"`     // blocks with transactions are refused
	NoBlockAccounts       bool        `yaml:"no_block_accounts" json:"no_block_accounts"`             // blocks with accounts are refused
	NoBlockEntries        bool        `yaml:"no_block_entries" json:"no_block_entries"`               // blocks with entries are refused
	ResubscribesPerSecond int         `yaml:"resubscribes_per_second" json:"resubscribes_per_second"` // subscribes and filter updates of all streams
	RequestBytes          int         `yaml:"request_bytes" json:"request_bytes"`                     // one SubscribeRequest; 0: the server's 4 MiB
	UpdateBytes           int         `yaml:"update_bytes" json:"update_bytes"`                       // the provider drops larger updates
	RejectAccounts        []string    `yaml:"reject_accounts" json:"reject_accounts"`                 // base58 keys refused as `account` or account_include
	RejectOwners          []string    `yaml:"reject_owners" json:"reject_owners"`                     // base58 keys refused as `owner`
}

// FilterCount is a number of filters for each section of a SubscribeRequest.
type FilterCount struct {
	Accounts           int `yaml:"accounts" json:"accounts"`
	Slots              int `yaml:"slots" json:"slots"`
	Transactions       int `yaml:"transactions" json:"transactions"`
	TransactionsStatus int `yaml:"transactions_status" json:"transactions_status"`
	Blocks             int `yaml:"blocks" json:"blocks"`
	BlocksMeta         int `yaml:"blocks_meta" json:"blocks_meta"`
	BlockFooter        int `yaml:"block_footer" json:"block_footer"`
	Entry              int `yaml:"entry" json:"entry"`
}

// serverRequestBytes is the server's own limit on our requests (yellowstone-grpc config.rs, max_decoding_message_size).
const serverRequestBytes = 4 << 20

// limitOf turns one of Limits' numbers into one of ServerLimits'.
func limitOf(n int) int {
	switch {
	case n == 0:
		return Unlimited
	case n < 0:
		return 0
	}
	return n
}

// of returns the number of filters that one stream may have in a section.
func (f FilterCount) of(section int) int {
	byName := map[string]int{
		"accounts": f.Accounts, "slots": f.Slots, "transactions": f.Transactions,
		"transactions_status": f.TransactionsStatus, "blocks": f.Blocks, "blocks_meta": f.BlocksMeta,
		"block_footer": f.BlockFooter, "entry": f.Entry,
	}
	return limitOf(byName[string(sections[section].Name())])
}

// Validate checks l itself; errors name the key below `limits`.
func (l Limits) Validate() error {
	if l.NameBytes != 0 && l.NameBytes < MaxNameBytes {
		return fmt.Errorf("name_bytes: %d is too small, names need %d: raise it or set 0 for the server's 128", l.NameBytes, MaxNameBytes)
	}
	if _, err := rejectSet(l.RejectAccounts); err != nil {
		return fmt.Errorf("reject_accounts: %w", err)
	}
	if _, err := rejectSet(l.RejectOwners); err != nil {
		return fmt.Errorf("reject_owners: %w", err)
	}
	return nil
}

func rejectSet(keys []string) (map[Pubkey]struct{}, error) {
	reject := make(map[Pubkey]struct{}, len(keys))
	var errs []error
	for _, k := range keys {
		raw, err := base58.Decode(k)
		if err != nil || len(raw) != len(Pubkey{}) {
			errs = append(errs, fmt.Errorf("%q is no account address: give 32 bytes in base58", k))
			continue
		}
		reject[Pubkey(raw)] = struct{}{}
	}
	return reject, errors.Join(errs...)
}

// Server returns l as the limits of a server, for Compile and the simulator. Keys that are no addresses (Validate names
// them) are left out.
func (l Limits) Server() *ServerLimits {
	s := UnlimitedServer()
	if l.NameBytes != 0 {
		s.NameMax = limitOf(l.NameBytes)
	}
	reject, _ := rejectSet(l.RejectAccounts)
	owners, _ := rejectSet(l.RejectOwners)
	s.Accounts.Max = limitOf(l.Filters.Accounts)
	s.Accounts.Any = !l.NoFullStreams
	s.Accounts.AccountMax, s.Accounts.AccountReject = limitOf(l.AccountKeys), reject
	s.Accounts.OwnerMax, s.Accounts.OwnerReject = limitOf(l.AccountOwners), owners
	s.Accounts.DataSliceMax = limitOf(l.DataSlices)
	s.Slots = limitOf(l.Filters.Slots)
	for t, n := range map[*TransactionLimits]int{&s.Transactions: l.Filters.Transactions, &s.TransactionsStatus: l.Filters.TransactionsStatus} {
		t.Max, t.Any = limitOf(n), !l.NoFullStreams
		t.IncludeMax, t.IncludeReject = limitOf(l.TransactionInclude), reject
		t.ExcludeMax, t.RequiredMax = limitOf(l.TransactionExclude), limitOf(l.TransactionRequired)
	}
	s.Blocks.Max = limitOf(l.Filters.Blocks)
	s.Blocks.IncludeMax, s.Blocks.IncludeReject = limitOf(l.BlockInclude), reject
	s.Blocks.IncludeAny = !l.NoFullBlocks
	s.Blocks.IncludeTransactions = !l.NoBlockTransactions
	s.Blocks.IncludeAccounts, s.Blocks.IncludeEntries = !l.NoBlockAccounts, !l.NoBlockEntries
	s.BlocksMeta, s.BlockFooter, s.Entries = limitOf(l.Filters.BlocksMeta), limitOf(l.Filters.BlockFooter), limitOf(l.Filters.Entry)
	return s
}

// Check tells whether d can be had under l at all: with streams of its own, and with its filters split or widened where
// that helps. The error is a *RefusedError and wraps the server's own words (*FilterError) where it has some.
func (l Limits) Check(d *Declared) error {
	_, err := Pack([]Want{{Declared: d}}, new(Names), l, 0, nil)
	if packed, ok := errors.AsType[*PackError](err); ok {
		return packed.Refused[0]
	}
	return err
}
