// Package raydium knows three of Raydium's programs: the AMM v4, the constant-product AMM (CPMM) and LaunchLab. It decodes the
// instructions that make a pool and the account of an AMM v4 pool.
//
// Sources: raydium-amm (program/src/instruction.rs, processor.rs, state.rs), raydium-cp-swap (programs/cp-swap/src), LaunchLab's IDL;
// checked against recorded transactions.
package raydium

import (
	"weir/abi/guest"
	"weir/plugins/internal/anchor"
)

// Addresses as text, for filters.
const (
	AMMv4     = "675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8"
	CPMM      = "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C"
	LaunchLab = "LanMV9sAd7wArD4vJFi2qDdfnVhFxYSUg6eADduJ3uj"
	// AMMv4Fee takes the fee of every new AMM v4 pool; initialize2 accepts no other (processor.rs, create_pool_fee_address).
	AMMv4Fee = "7YttLkHDoNj9wyDur5pM1ejNaAvT9X4eqaYcHQqtj2G5"
	// CPMMFee takes the fee of every new CPMM pool; initialize accepts no other (lib.rs, create_pool_fee_reveiver).
	CPMMFee = "DNXgeM9EiiaAbaWvwjHj9fQQLAX5ZsfHyvmYUNRAdNC8"
)

// Addresses as keys.
var (
	AMMv4Key     = guest.MustKey(AMMv4)
	cpmmKey      = guest.MustKey(CPMM)
	launchLabKey = guest.MustKey(LaunchLab)
	ammV4FeeKey  = guest.MustKey(AMMv4Fee)
)

// initialize2 is the tag of AMM v4's instruction of that name, the first byte of its data.
const initialize2 = 1

// Discriminators, sha256("global:name"). initialize is one name in CPMM, LaunchLab and other programs.
const (
	initialize               anchor.Discriminator = 0xafaf6d1f0d989bed
	initializeWithPermission anchor.Discriminator = 0x3f37fe4131b25979 // CPMM
	initializeV2             anchor.Discriminator = 0x4399af27da102620 // LaunchLab
	initializeWithToken2022  anchor.Discriminator = 0x25be7ede2c9aab11 // LaunchLab
)
