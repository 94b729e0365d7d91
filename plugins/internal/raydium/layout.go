package raydium

import (
	"weir/abi/guest"
	"weir/plugins/internal/anchor"
)

// none is the position of an account that an instruction does not have.
const none = -1

// A layout says where an instruction names a pool's accounts, and how long its data is at least.
type layout struct {
	program               string
	data                  int
	pool                  int
	base, quote           int
	baseVault, quoteVault int
	lpMint                int
	creator               int
}

// AMM v4, initialize2: a tag, a nonce u8, open_time, init_pc_amount and init_coin_amount u64. It has named 21 accounts; since commit
// 27f461d of raydium-amm, 19: without the open orders and without the market program.
var (
	ammV4With21 = layout{program: NameAMMv4, data: 26, pool: 4, base: 8, quote: 9, baseVault: 10, quoteVault: 11, lpMint: 7, creator: 17}
	ammV4With19 = layout{program: NameAMMv4, data: 26, pool: 4, base: 7, quote: 8, baseVault: 9, quoteVault: 10, lpMint: 6, creator: 15}
)

// Where the two forms name the account that takes the fee.
const (
	feeWith21 = 14
	feeWith19 = 13
)

// ammV4Layout returns the layout of an initialize2, nil for another instruction. Callers may add accounts of their own behind, so the
// forms are told apart by where the account is that the program insists on, and by their number only where it is in neither place.
func ammV4Layout(ix *guest.Instruction) *layout {
	data := ix.Data()
	switch {
	case len(data) == 0 || data[0] != initialize2:
		return nil
	case ammV4FeeKey.Is(ix.Account(feeWith21)):
		return &ammV4With21
	case ammV4FeeKey.Is(ix.Account(feeWith19)):
		return &ammV4With19
	case ix.NumAccounts() >= 21:
		return &ammV4With21
	}
	return &ammV4With19
}

// CPMM: three u64 of arguments. The form with permission has a payer before the creator.
var (
	cpmmInitialize     = layout{program: NameCPMM, data: 8 + 24, pool: 3, base: 4, quote: 5, baseVault: 10, quoteVault: 11, lpMint: 6, creator: 0}
	cpmmWithPermission = layout{program: NameCPMM, data: 8 + 24, pool: 4, base: 5, quote: 6, baseVault: 11, quoteVault: 12, lpMint: 7, creator: 1}
)

func cpmmLayout(d anchor.Discriminator) *layout {
	switch d {
	case initialize:
		return &cpmmInitialize
	case initializeWithPermission:
		return &cpmmWithPermission
	}
	return nil
}

// LaunchLab: the three forms agree in all accounts that matter here.
var launchLabInitialize = layout{
	program: NameLaunchLab, data: 8, pool: 5, base: 6, quote: 7, baseVault: 8, quoteVault: 9, lpMint: none, creator: 1,
}

func launchLabLayout(d anchor.Discriminator) *layout {
	switch d {
	case initialize, initializeV2, initializeWithToken2022:
		return &launchLabInitialize
	}
	return nil
}
