package geyser

// Limits is what a provider allows. Zero means unlimited, a negative number means none at all.
type Limits struct {
	Streams               int         `yaml:"streams" json:"streams"`                                 // concurrent streams of one account
	Filters               FilterCount `yaml:"filters" json:"filters"`                                 // filters of one type in one stream
	AccountKeys           int         `yaml:"account_keys" json:"account_keys"`                       // `account` of one accounts filter
	AccountOwners         int         `yaml:"account_owners" json:"account_owners"`                   // `owner` of one accounts filter
	TransactionInclude    int         `yaml:"transaction_include" json:"transaction_include"`         // account_include of one transaction filter
	TransactionExclude    int         `yaml:"transaction_exclude" json:"transaction_exclude"`         // account_exclude of one transaction filter
	TransactionRequired   int         `yaml:"transaction_required" json:"transaction_required"`       // account_required of one transaction filter
	BlockInclude          int         `yaml:"block_include" json:"block_include"`                     // account_include of one block filter
	DataSlices            int         `yaml:"data_slices" json:"data_slices"`                         // accounts_data_slice of one stream
	NameBytes             int         `yaml:"name_bytes" json:"name_bytes"`                           // length of a filter's name; 0 is the server's own 128
	NoFullStreams         bool        `yaml:"no_full_streams" json:"no_full_streams"`                 // filters without any key are refused ("any")
	NoBlockTransactions   bool        `yaml:"no_block_transactions" json:"no_block_transactions"`     // include_transactions is refused
	NoBlockAccounts       bool        `yaml:"no_block_accounts" json:"no_block_accounts"`             // include_accounts is refused
	NoBlockEntries        bool        `yaml:"no_block_entries" json:"no_block_entries"`               // include_entries is refused
	ResubscribesPerSecond int         `yaml:"resubscribes_per_second" json:"resubscribes_per_second"` // live filter updates of all streams
	RequestBytes          int         `yaml:"request_bytes" json:"request_bytes"`                     // one SubscribeRequest; 0 is the server's own 4 MiB
	UpdateBytes           int         `yaml:"update_bytes" json:"update_bytes"`                       // larger updates are never sent by the provider
	RejectAccounts        []string    `yaml:"reject_accounts" json:"reject_accounts"`                 // base58 keys refused in account, owner and account_include
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

// LimitsPreset returns a provider's published limits by a short name, such as "chainstack".
func LimitsPreset(name string) (Limits, bool) { return Limits{}, false }

// Check tells whether d can be had under l at all, with the server's wording where it cannot. The error is a
// *RefusedError.
func (l Limits) Check(d *Declared) error { return nil }
