package geyser

import "math"

// Unlimited is the value of a ServerLimits number that limits nothing.
const Unlimited = math.MaxInt

// ServerLimits is a Yellowstone server's `grpc.filter_limits` section.
type ServerLimits struct {
	Accounts           AccountLimits
	Slots              int
	Transactions       TransactionLimits
	TransactionsStatus TransactionLimits
	Blocks             BlockLimits
	BlocksMeta         int
	BlockFooter        int
	Entries            int
}

// Pubkey is an account address.
type Pubkey = [32]byte

// AccountLimits limits `accounts` filters and data slices.
type AccountLimits struct {
	Max           int
	Any           bool // whether a filter without condition is allowed
	AccountMax    int
	AccountReject map[Pubkey]struct{}
	OwnerMax      int
	OwnerReject   map[Pubkey]struct{}
	DataSliceMax  int
	CuckooMaxSize int // bytes of a cuckoo filter's data
}

// TransactionLimits limits `transactions` or `transactions_status` filters.
type TransactionLimits struct {
	Max           int
	Any           bool
	IncludeMax    int
	IncludeReject map[Pubkey]struct{}
	ExcludeMax    int
	RequiredMax   int
	CuckooMaxSize int // bytes of a cuckoo filter's data
}

// BlockLimits limits `blocks` filters.
type BlockLimits struct {
	Max                 int
	IncludeMax          int
	IncludeAny          bool
	IncludeReject       map[Pubkey]struct{}
	IncludeTransactions bool
	IncludeAccounts     bool
	IncludeEntries      bool
	CuckooMaxSize       int // bytes of a cuckoo filter's data
}

// UnlimitedServer returns the server's own defaults: nothing is limited.
func UnlimitedServer() *ServerLimits { return &ServerLimits{} }

// FilterError says why a server refuses a SubscribeRequest. Its text is the server's status message, sent with
// codes.InvalidArgument.
type FilterError struct {
	Section string // the request's field, such as "accounts"
	Filter  string // the filter's name, where one filter is at fault
	Reason  string // the server's wording without the "failed to create filter: " prefix
}

func (e *FilterError) Error() string { return "failed to create filter: " + e.Reason }
