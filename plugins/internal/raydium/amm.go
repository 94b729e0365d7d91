package raydium

import "weir/abi/guest"

// AMMBytes is the size of an AmmInfo account, the state of an AMM v4 pool. It has no discriminator: owner and size tell it apart.
const AMMBytes = 752

// AMM is what an AmmInfo account says of its pool (state.rs). Its slices point into the decoded bytes.
type AMM struct {
	Status     uint64 // 6 swaps only, 7 waiting for OpenTime, others in AmmStatus of state.rs
	OpenTime   uint64 // seconds since 1970, 0 where the pool was open at once
	BaseVault  []byte // coin
	QuoteVault []byte // pc
	BaseMint   []byte
	QuoteMint  []byte
	LPMint     []byte
}

// Decode reads an account's data. It is false where they have another size. The caller has made sure of the account's owner.
func (a *AMM) Decode(data []byte) bool {
	if len(data) != AMMBytes {
		return false
	}
	a.Status, _ = guest.U64At(data, 0)
	a.OpenTime, _ = guest.U64At(data, 224)
	a.BaseVault = guest.KeyAt(data, 336)
	a.QuoteVault = guest.KeyAt(data, 368)
	a.BaseMint = guest.KeyAt(data, 400)
	a.QuoteMint = guest.KeyAt(data, 432)
	a.LPMint = guest.KeyAt(data, 464)
	return true
}
