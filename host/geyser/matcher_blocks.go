package geyser

import (
	"maps"
	"slices"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

// blockSet is a request's `blocks` filters. Each gets every block, cut to what it asked for: the transactions and
// accounts that it includes, with account_include and the cuckoo filter both empty all of them.
type blockSet struct {
	names   []string
	filters []blockFilter
}

type blockFilter struct {
	include                         map[Pubkey]struct{}
	cuckoo                          *CuckooBits
	transactions, accounts, entries bool
}

func (m *Matcher) compileBlocks(req *pb.SubscribeRequest, lim *ServerLimits) error {
	const section = "blocks"
	filters := req.GetBlocks()
	if err := located(checkMax(len(filters), lim.Blocks.Max), section, ""); err != nil {
		return err
	}
	m.blocks.names = slices.Sorted(maps.Keys(filters))
	for _, name := range m.blocks.names {
		f, err := compileBlock(name, filters[name], lim)
		if err != nil {
			return located(err, section, name)
		}
		m.blocks.filters = append(m.blocks.filters, f)
	}
	return nil
}

func compileBlock(name string, f *pb.SubscribeRequestFilterBlocks, lim *ServerLimits) (out blockFilter, err error) {
	l := &lim.Blocks
	out = blockFilter{cuckoo: CuckooOf(f), transactions: f == nil || f.IncludeTransactions == nil || *f.IncludeTransactions,
		accounts: f.GetIncludeAccounts(), entries: f.GetIncludeEntries()}
	if err := firstOf(
		checkAny(len(f.GetAccountInclude()) == 0, l.IncludeAny),
		checkKeys(len(f.GetAccountInclude()), l.IncludeMax),
		checkPart("transactions", out.transactions, l.IncludeTransactions),
		checkPart("accounts", out.accounts, l.IncludeAccounts),
		checkPart("entries", out.entries, l.IncludeAccounts), // the server looks at the limit for accounts here too
	); err != nil {
		return out, err
	}
	if out.cuckoo != nil {
		if err := checkMax(len(out.cuckoo.Data), l.CuckooMaxSize); err != nil {
			return out, err
		}
	}
	if err := checkName(name, lim.NameMax); err != nil {
		return out, err
	}
	keys, err := decodeKeys(f.GetAccountInclude(), l.IncludeReject)
	if err != nil {
		return out, err
	}
	out.include = make(map[Pubkey]struct{}, len(keys))
	for _, k := range keys {
		out.include[k] = struct{}{}
	}
	return out, nil
}

func checkPart(part string, wanted, allowed bool) error {
	if !wanted || allowed {
		return nil
	}
	return refusal("`include_" + part + "` is not allowed")
}

func (m *Matcher) evaluateBlock(p *Prepared, dst []Delivery) []Delivery {
	for i := range m.blocks.filters {
		names := m.blocks.names[i : i+1 : i+1]
		dst = append(dst, Delivery{Names: names, Update: m.blocks.filters[i].cut(p, m.slices)})
	}
	return dst
}

// cut returns the block as the filter gets it: the update itself when all of it remains.
func (f *blockFilter) cut(p *Prepared, cut dataSlices) *pb.SubscribeUpdate {
	b := p.update.GetBlock()
	txs, accounts, entries := f.transactionsOf(p), f.accountsOf(b), b.GetEntries()
	if !f.entries {
		entries = nil
	}
	if len(txs) == len(b.GetTransactions()) && len(accounts) == len(b.GetAccounts()) &&
		len(entries) == len(b.GetEntries()) && (len(cut) == 0 || len(accounts) == 0) {
		return p.update
	}
	out := &pb.SubscribeUpdateBlock{
		Slot: b.GetSlot(), Blockhash: b.GetBlockhash(), Rewards: b.GetRewards(), BlockTime: b.GetBlockTime(),
		BlockHeight: b.GetBlockHeight(), Transactions: txs, ParentSlot: b.GetParentSlot(),
		ParentBlockhash: b.GetParentBlockhash(), ExecutedTransactionCount: b.GetExecutedTransactionCount(),
		UpdatedAccountCount: b.GetUpdatedAccountCount(), Accounts: cut.infos(accounts), EntriesCount: b.GetEntriesCount(),
		Entries: entries,
	}
	keepUnknown(out, b)
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Block{Block: out}, CreatedAt: p.update.GetCreatedAt()}
}

func (f *blockFilter) transactionsOf(p *Prepared) []*pb.SubscribeUpdateTransactionInfo {
	txs := p.update.GetBlock().GetTransactions()
	switch {
	case !f.transactions:
		return nil
	case f.takesAll():
		return txs
	}
	var out []*pb.SubscribeUpdateTransactionInfo
	for i, keys := range p.transactionKeys() {
		if slices.ContainsFunc(keys, f.takes) {
			out = append(out, txs[i])
		}
	}
	return out
}

func (f *blockFilter) accountsOf(b *pb.SubscribeUpdateBlock) []*pb.SubscribeUpdateAccountInfo {
	switch {
	case !f.accounts:
		return nil
	case f.takesAll():
		return b.GetAccounts()
	}
	var out []*pb.SubscribeUpdateAccountInfo
	for _, a := range b.GetAccounts() {
		if len(a.GetPubkey()) == len(Pubkey{}) && f.takes(Pubkey(a.GetPubkey())) {
			out = append(out, a)
		}
	}
	return out
}

func (f *blockFilter) takesAll() bool { return len(f.include) == 0 && f.cuckoo == nil }

func (f *blockFilter) takes(k Pubkey) bool {
	if _, ok := f.include[k]; ok {
		return true
	}
	return f.cuckoo != nil && f.cuckoo.Contains(&k)
}

// keepUnknown gives a copy the fields of from that this version of the protocol does not know.
func keepUnknown(to, from proto.Message) {
	if unknown := from.ProtoReflect().GetUnknown(); len(unknown) > 0 {
		to.ProtoReflect().SetUnknown(unknown)
	}
}
