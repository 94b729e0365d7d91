package geyser

import (
	"slices"
	"sync"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// Prepared is an update with its account keys collected, so that many matchers evaluate it at little cost. What only
// some filters need is made once, by the first of them. It is safe for concurrent use.
type Prepared struct {
	update *pb.SubscribeUpdate
	kind   Kind
	keys   []Pubkey // of a transaction

	onceOwners, onceStatus, onceBlockKeys sync.Once
	owners                                tokenOwners
	status                                *pb.SubscribeUpdate
	blockKeys                             [][]Pubkey
}

// Prepare collects u's keys. u must not be changed while the result or a Delivery made from it is in use.
func Prepare(u *pb.SubscribeUpdate) *Prepared {
	p := new(Prepared)
	p.prepare(u)
	return p
}

// Update returns the update that was prepared.
func (p *Prepared) Update() *pb.SubscribeUpdate { return p.update }

func (p *Prepared) prepare(u *pb.SubscribeUpdate) {
	p.update, p.kind = u, KindOf(u)
	if p.kind == KindTransaction {
		info := u.GetTransaction().GetTransaction()
		p.keys = appendKeys(slices.Grow(p.keys[:0], countKeys(info)), info)
	}
}

var preparedPool = sync.Pool{New: func() any { return new(Prepared) }}

// recycle gives p, which came from the pool and which nobody else has, back to it. Deliveries hold none of its memory
// but the status update, which is made anew each time.
func (p *Prepared) recycle() {
	*p = Prepared{keys: p.keys[:0]}
	preparedPool.Put(p)
}

// tokenOwners returns the owners of the transaction's token balances.
func (p *Prepared) tokenOwners() *tokenOwners {
	p.onceOwners.Do(func() { p.owners = ownersOf(p.update.GetTransaction().GetTransaction().GetMeta()) })
	return &p.owners
}

// statusUpdate returns the transaction in the form that transactions_status filters get.
func (p *Prepared) statusUpdate() *pb.SubscribeUpdate {
	p.onceStatus.Do(func() {
		tx := p.update.GetTransaction()
		info := tx.GetTransaction()
		p.status = &pb.SubscribeUpdate{
			UpdateOneof: &pb.SubscribeUpdate_TransactionStatus{TransactionStatus: &pb.SubscribeUpdateTransactionStatus{
				Slot: tx.GetSlot(), Signature: info.GetSignature(), IsVote: info.GetIsVote(), Index: info.GetIndex(),
				Err: info.GetMeta().GetErr(),
			}},
			CreatedAt: p.update.GetCreatedAt(),
		}
		if id, ok := BankID(p.update); ok {
			SetBankID(p.status, id)
		}
	})
	return p.status
}

// transactionKeys returns the keys of each of the block's transactions.
func (p *Prepared) transactionKeys() [][]Pubkey {
	p.onceBlockKeys.Do(func() {
		txs := p.update.GetBlock().GetTransactions()
		n := 0
		for _, tx := range txs {
			n += countKeys(tx)
		}
		flat := make([]Pubkey, 0, n)
		p.blockKeys = make([][]Pubkey, len(txs))
		for i, tx := range txs {
			start := len(flat)
			flat = appendKeys(flat, tx)
			p.blockKeys[i] = flat[start:]
		}
	})
	return p.blockKeys
}

func countKeys(info *pb.SubscribeUpdateTransactionInfo) int {
	meta := info.GetMeta()
	return len(info.GetTransaction().GetMessage().GetAccountKeys()) +
		len(meta.GetLoadedWritableAddresses()) + len(meta.GetLoadedReadonlyAddresses())
}

// appendKeys appends a transaction's account keys: static ones, then those from lookup tables. Bytes that are no key are
// left out.
func appendKeys(dst []Pubkey, info *pb.SubscribeUpdateTransactionInfo) []Pubkey {
	meta := info.GetMeta()
	for _, list := range [...][][]byte{
		info.GetTransaction().GetMessage().GetAccountKeys(), meta.GetLoadedWritableAddresses(), meta.GetLoadedReadonlyAddresses(),
	} {
		for _, b := range list {
			if len(b) == len(Pubkey{}) {
				dst = append(dst, Pubkey(b))
			}
		}
	}
	return dst
}
