//go:build upstreamproto

package geyser

import pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

// KnowsNewer tells whether the protocol package has the newer names (cuckoo filters, token-account expansion, bank ids,
// block footers). This build has not: everything in this file finds nothing and sets nothing.
const KnowsNewer = false

// BankID returns the id that tells forks of one slot apart: none in this build.
func BankID(*pb.SubscribeUpdate) (uint64, bool) { return 0, false }

// SetBankID does nothing in this build.
func SetBankID(*pb.SubscribeUpdate, uint64) {}

// SetEntryBankID does nothing in this build.
func SetEntryBankID(*pb.SubscribeUpdateEntry, uint64) {}

// BlockFooterNames returns the names of req's block_footer filters: none in this build.
func BlockFooterNames(*pb.SubscribeRequest) []string { return nil }

// SetBlockFooterNames does nothing in this build.
func SetBlockFooterNames(*pb.SubscribeRequest, []string) {}

// NewBlockFooter returns nil in this build.
func NewBlockFooter(slot, bank uint64, hash []byte, producedNanos uint64, agent []byte) *pb.SubscribeUpdate {
	return nil
}

func newerKind(any) Kind { return KindUnknown }

func newerSlot(any) uint64 { return 0 }

// CuckooOf returns a filter's cuckoo filter: nil in this build.
func CuckooOf(any) *CuckooBits { return nil }

// SetCuckoo does nothing in this build.
func SetCuckoo(any, *CuckooBits) {}

// TokenAccountsOf returns a transaction filter's token_accounts mode: unset in this build.
func TokenAccountsOf(*pb.SubscribeRequestFilterTransactions) (mode int32, ok bool) { return 0, false }

// SetTokenAccounts does nothing in this build.
func SetTokenAccounts(*pb.SubscribeRequestFilterTransactions, int32) {}
