//go:build !upstreamproto

package geyser

import (
	"maps"
	"slices"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// KnowsNewer tells whether the protocol package has the newer names (cuckoo filters, token-account expansion, bank ids,
// block footers). It is false in a build with the tag upstreamproto, where everything in this file finds nothing and
// sets nothing.
const KnowsNewer = true

// BankID returns the id that tells forks of one slot apart; false where the update has none.
func BankID(u *pb.SubscribeUpdate) (uint64, bool) {
	var id uint64
	switch o := u.GetUpdateOneof().(type) {
	case *pb.SubscribeUpdate_Account:
		return o.Account.GetBankId(), o.Account != nil && o.Account.BankId != nil
	case *pb.SubscribeUpdate_Slot:
		return o.Slot.GetBankId(), o.Slot != nil && o.Slot.BankId != nil
	case *pb.SubscribeUpdate_Transaction:
		id = o.Transaction.GetBankId()
	case *pb.SubscribeUpdate_TransactionStatus:
		id = o.TransactionStatus.GetBankId()
	case *pb.SubscribeUpdate_BlockMeta:
		id = o.BlockMeta.GetBankId()
	case *pb.SubscribeUpdate_Entry:
		id = o.Entry.GetBankId()
	case *pb.SubscribeUpdate_BlockFooter:
		id = o.BlockFooter.GetBankId()
	}
	return id, id != 0
}

// SetBankID sets u's bank id. Kinds without the field (blocks, ping, pong) ignore it.
func SetBankID(u *pb.SubscribeUpdate, id uint64) {
	switch o := u.GetUpdateOneof().(type) {
	case *pb.SubscribeUpdate_Account:
		o.Account.BankId = &id
	case *pb.SubscribeUpdate_Slot:
		o.Slot.BankId = &id
	case *pb.SubscribeUpdate_Transaction:
		o.Transaction.BankId = id
	case *pb.SubscribeUpdate_TransactionStatus:
		o.TransactionStatus.BankId = id
	case *pb.SubscribeUpdate_BlockMeta:
		o.BlockMeta.BankId = id
	case *pb.SubscribeUpdate_Entry:
		o.Entry.BankId = id
	case *pb.SubscribeUpdate_BlockFooter:
		o.BlockFooter.BankId = id
	}
}

// SetEntryBankID sets the bank id of an entry inside a block.
func SetEntryBankID(e *pb.SubscribeUpdateEntry, id uint64) { e.BankId = id }

// BlockFooterNames returns the names of req's block_footer filters, sorted.
func BlockFooterNames(req *pb.SubscribeRequest) []string {
	return slices.Sorted(maps.Keys(req.GetBlockFooter()))
}

// SetBlockFooterNames replaces req's block_footer filters, which have no fields.
func SetBlockFooterNames(req *pb.SubscribeRequest, names []string) {
	req.BlockFooter = nil
	for _, n := range names {
		if req.BlockFooter == nil {
			req.BlockFooter = make(map[string]*pb.SubscribeRequestFilterBlockFooter, len(names))
		}
		req.BlockFooter[n] = &pb.SubscribeRequestFilterBlockFooter{}
	}
}

// NewBlockFooter returns a block_footer update; nil in a build without it.
func NewBlockFooter(slot, bank uint64, hash []byte, producedNanos uint64, agent []byte) *pb.SubscribeUpdate {
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_BlockFooter{BlockFooter: &pb.SubscribeUpdateBlockFooter{
		Slot: slot, BankId: bank, BankHash: hash, BlockProducerTimeNanos: producedNanos, BlockUserAgent: agent,
	}}}
}

func newerKind(oneof any) Kind {
	if _, ok := oneof.(*pb.SubscribeUpdate_BlockFooter); ok {
		return KindBlockFooter
	}
	return KindUnknown
}

func newerSlot(oneof any) uint64 {
	if o, ok := oneof.(*pb.SubscribeUpdate_BlockFooter); ok {
		return o.BlockFooter.GetSlot()
	}
	return 0
}

// CuckooOf returns the cuckoo filter of a filter of a request (accounts, transactions or blocks), nil where there is none.
func CuckooOf(filter any) *CuckooBits {
	var c *pb.CuckooFilter
	switch f := filter.(type) {
	case *pb.SubscribeRequestFilterAccounts:
		c = f.GetCuckooAccountsFilter()
	case *pb.SubscribeRequestFilterTransactions:
		c = f.GetCuckooAccountInclude()
	case *pb.SubscribeRequestFilterBlocks:
		c = f.GetCuckooAccountInclude()
	}
	if c == nil {
		return nil
	}
	return &CuckooBits{Data: c.GetData(), Seed: c.GetHashSeed()}
}

// SetCuckoo gives a filter of a request (accounts, transactions or blocks) the cuckoo filter c; nil removes it.
func SetCuckoo(filter any, c *CuckooBits) {
	var p *pb.CuckooFilter
	if c != nil {
		p = &pb.CuckooFilter{Data: c.Data, BucketCount: uint32(len(c.Data) / bucketBytes), HashSeed: c.Seed,
			EntriesPerBucket: bucketEntries, FingerprintBits: fingerprintBits, HashAlgorithm: pb.CuckooHashAlgorithm_SIP_HASH}
	}
	switch f := filter.(type) {
	case *pb.SubscribeRequestFilterAccounts:
		f.CuckooAccountsFilter = p
	case *pb.SubscribeRequestFilterTransactions:
		f.CuckooAccountInclude = p
	case *pb.SubscribeRequestFilterBlocks:
		f.CuckooAccountInclude = p
	}
}

// TokenAccountsOf returns a transaction filter's token_accounts mode (0 ALL, 1 BALANCE_CHANGED); false where it is unset.
func TokenAccountsOf(f *pb.SubscribeRequestFilterTransactions) (mode int32, ok bool) {
	return int32(f.GetTokenAccounts()), f != nil && f.TokenAccounts != nil
}

// SetTokenAccounts sets a transaction filter's token_accounts mode.
func SetTokenAccounts(f *pb.SubscribeRequestFilterTransactions, mode int32) {
	f.TokenAccounts = pb.TokenAccountExpansionControlFlag(mode).Enum()
}
