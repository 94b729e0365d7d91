package geyser

import (
	"fmt"
	"math"
	"strconv"

	"github.com/mr-tron/base58"
)

// Unlimited is the value of a ServerLimits number that limits nothing.
const Unlimited = math.MaxInt

// ServerLimits is a Yellowstone server's `grpc.filter_limits` configuration, with its `filter_name_size_limit`. Numbers
// are the most that is allowed; 0 allows none. The zero value allows next to nothing: start from UnlimitedServer.
type ServerLimits struct {
	NameMax            int // bytes of a filter's name; no configuration of the server lifts it
	Accounts           AccountLimits
	Slots              int // filters
	Transactions       TransactionLimits
	TransactionsStatus TransactionLimits
	Blocks             BlockLimits
	BlocksMeta         int // filters
	BlockFooter        int // filters
	Entries            int // filters
}

// Pubkey is an account address.
type Pubkey = [32]byte

// AccountLimits limits `accounts` filters and data slices.
type AccountLimits struct {
	Max           int  // filters
	Any           bool // whether a filter without accounts, owners and cuckoo filter is allowed
	AccountMax    int  // accounts in a filter
	AccountReject map[Pubkey]struct{}
	OwnerMax      int // owners in a filter
	OwnerReject   map[Pubkey]struct{}
	DataSliceMax  int // slices in a request
	CuckooMaxSize int // bytes of a cuckoo filter's data
}

// TransactionLimits limits `transactions` or `transactions_status` filters.
type TransactionLimits struct {
	Max           int  // filters
	Any           bool // whether a filter without any condition but a signature is allowed
	IncludeMax    int  // accounts in account_include
	IncludeReject map[Pubkey]struct{}
	ExcludeMax    int // accounts in account_exclude
	RequiredMax   int // accounts in account_required
	CuckooMaxSize int // bytes of a cuckoo filter's data
}

// BlockLimits limits `blocks` filters.
type BlockLimits struct {
	Max                 int  // filters
	IncludeMax          int  // accounts in account_include
	IncludeAny          bool // whether account_include may be empty
	IncludeReject       map[Pubkey]struct{}
	IncludeTransactions bool // whether blocks may come with transactions
	IncludeAccounts     bool // whether blocks may come with accounts, and with entries
	IncludeEntries      bool // read by the server's configuration, but never checked
	CuckooMaxSize       int  // bytes of a cuckoo filter's data
}

// serverNameMax is the server's default for filter_name_size_limit (config.rs).
const serverNameMax = 128

// UnlimitedServer returns the server's own defaults: filter names of at most 128 bytes, nothing else limited.
func UnlimitedServer() *ServerLimits {
	tx := TransactionLimits{Max: Unlimited, Any: true, IncludeMax: Unlimited, ExcludeMax: Unlimited,
		RequiredMax: Unlimited, CuckooMaxSize: Unlimited}
	return &ServerLimits{
		NameMax: serverNameMax,
		Accounts: AccountLimits{Max: Unlimited, Any: true, AccountMax: Unlimited, OwnerMax: Unlimited,
			DataSliceMax: Unlimited, CuckooMaxSize: Unlimited},
		Slots: Unlimited, Transactions: tx, TransactionsStatus: tx,
		Blocks: BlockLimits{Max: Unlimited, IncludeMax: Unlimited, IncludeAny: true, IncludeTransactions: true,
			IncludeAccounts: true, IncludeEntries: true, CuckooMaxSize: Unlimited},
		BlocksMeta: Unlimited, BlockFooter: Unlimited, Entries: Unlimited,
	}
}

// FilterError says why a server refuses a SubscribeRequest. Its text is the server's status message, sent with
// codes.InvalidArgument; the stream ends with it.
type FilterError struct {
	Section string // the request's field, such as "accounts"
	Filter  string // the filter's name, empty where no single filter is at fault
	Reason  string // the server's wording behind "failed to create filter: "
}

func (e *FilterError) Error() string { return "failed to create filter: " + e.Reason }

// refusal returns a reason as an error that located turns into a FilterError.
type refusal string

func (r refusal) Error() string { return string(r) }

// located says where err, if any, was found.
func located(err error, section, filter string) error {
	if err == nil {
		return nil
	}
	return &FilterError{Section: section, Filter: filter, Reason: err.Error()}
}

func checkMax(n, limit int) error {
	if n <= limit {
		return nil
	}
	return refusal(fmt.Sprintf("Max amount of filters/data_slices reached, only %d allowed", limit))
}

func checkKeys(n, limit int) error {
	if n <= limit {
		return nil
	}
	return refusal(fmt.Sprintf("Max amount of Pubkeys reached, only %d allowed", limit))
}

func checkAny(empty, any bool) error {
	if !empty || any {
		return nil
	}
	return refusal("Subscribe on full stream with `any` is not allowed, at least one filter required")
}

func checkName(name string, limit int) error {
	if len(name) <= limit {
		return nil
	}
	return refusal("oversized filter name (max allowed size " + strconv.Itoa(limit) + "), found " + strconv.Itoa(len(name)))
}

// decodeKeys decodes pubkeys in base58 and refuses those in reject.
func decodeKeys(list []string, reject map[Pubkey]struct{}) ([]Pubkey, error) {
	keys := make([]Pubkey, 0, len(list))
	for _, s := range list {
		k, err := decodeKey(s)
		if err != nil {
			return nil, err
		}
		if _, bad := reject[k]; bad {
			return nil, refusal("Pubkey " + base58.Encode(k[:]) + " in filters is not allowed")
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// The longest base58 forms of 32 and 64 bytes (solana-pubkey, solana-signature).
const (
	maxKeyText       = 44
	maxSignatureText = 88
)

func decodeKey(s string) (k Pubkey, err error) {
	const wrongSize = refusal("String is the wrong size")
	if len(s) > maxKeyText || s == "" {
		return k, wrongSize
	}
	b, err := base58.Decode(s)
	if err != nil {
		return k, refusal("Invalid Base58 string")
	}
	if len(b) != len(k) {
		return k, wrongSize
	}
	return Pubkey(b), nil
}

func decodeSignature(s string) ([]byte, error) {
	const wrongSize = refusal("string decoded to wrong size for signature")
	if len(s) > maxSignatureText || s == "" {
		return nil, wrongSize
	}
	b, err := base58.Decode(s)
	if err != nil {
		return nil, refusal("failed to decode string to signature")
	}
	if len(b) != 64 {
		return nil, wrongSize
	}
	return b, nil
}
