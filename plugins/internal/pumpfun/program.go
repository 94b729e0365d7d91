// Package pumpfun knows the pump.fun program: its addresses, its instructions, and the layouts of its events and accounts. Layouts
// only ever grew at their end, so the decoders take any length from the oldest known on: what the bytes lack is absent (nil, or a
// Has field that is false), what is longer than known is counted in Tail.
//
// Sources: pump-public-docs, idl/pump.json of commit 2293f9a6 and the documents beside it; the lengths of older layouts were read
// off recorded transactions.
package pumpfun

import (
	"weir/abi/guest"
	"weir/plugins/internal/anchor"
)

// Addresses as text, for filters.
const (
	Program = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
	// MintAuthority is the PDA of "mint-authority", which every create and create_v2 names and nothing else does.
	MintAuthority = "TSLvdd1pWpHVjahSpsvCXUbgwsL3JAcvokwaKt1eokM"
	// EventAuthority is the PDA of "__event_authority", which signs the program's calls of itself.
	EventAuthority = "Ce6TQqeHC9p8KetsN6JsjHK7UTZk7nasjjnr7XxXp9F1"
	// Migrator is the program's withdraw authority, which moved graduated tokens to Raydium until March 2025.
	Migrator = "39azUYFWPz3VHgKCf3VChUwbpURdCHRxjWVowf5jUJjg"
)

// Addresses as keys.
var (
	ProgramKey  = guest.MustKey(Program)
	MigratorKey = guest.MustKey(Migrator)
)

// TokenDecimals is the number of decimals of every token made by pump.fun.
const TokenDecimals = 6

// Discriminators, sha256("event:Name"), sha256("global:name") and sha256("account:Name").
const (
	TradeEvent     anchor.Discriminator = 0xbddb7fd34ee661ee
	CreateEvent    anchor.Discriminator = 0x1b72a94ddeeb6376
	CompleteEvent  anchor.Discriminator = 0x5f72619cd42e9808
	MigrationEvent anchor.Discriminator = 0xbde95db95c94ea94 // CompletePumpAmmMigrationEvent

	CreateInstruction   anchor.Discriminator = 0x181ec828051c0777
	CreateV2Instruction anchor.Discriminator = 0xd6904cec5f8b31b4

	BondingCurveAccount anchor.Discriminator = 0x17b7f83760d8ac60
)

// Events returns a reader of the program's events of these types.
func Events(want ...anchor.Discriminator) *anchor.Reader {
	return anchor.NewReader(ProgramKey, guest.MustKey(EventAuthority), want...)
}
