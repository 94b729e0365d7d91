package pumpfun

import (
	"weir/abi/guest"
	"weir/plugins/internal/anchor"
)

// Create is a CreateEvent, or what a create or create_v2 instruction tells of the same: a new token and its bonding curve. Its
// slices point into the decoded bytes.
type Create struct {
	Mint         []byte
	Name         []byte
	Symbol       []byte
	URI          []byte
	BondingCurve []byte
	User         []byte // who paid for it
	Creator      []byte // who earns its creator fees; since May 2025
	QuoteMint    []byte // since May 2026; 32 zero bytes are SOL

	Tail int // bytes beyond what is known
}

// Decode reads an event's payload from its discriminator on. It is false where the bytes are too few for the oldest layout; n is then
// in any state.
func (n *Create) Decode(payload []byte) bool {
	c := guest.NewCursor(payload)
	c.Skip(anchor.DiscriminatorBytes)
	*n = Create{}
	n.Name, n.Symbol, n.URI = c.String(), c.String(), c.String()
	n.Mint, n.BondingCurve, n.User = c.Key(), c.Key(), c.Key()
	if !c.OK() {
		return false
	}
	n.Creator = c.Key()
	c.Skip(8)             // timestamp
	c.Skip(8 + 8 + 8 + 8) // virtual_token_reserves, virtual_sol_reserves, real_token_reserves, token_total_supply
	c.Skip(32)            // token_program
	c.Skip(1 + 1)         // is_mayhem_mode, is_cashback_enabled
	n.QuoteMint = c.Key()
	c.Skip(8) // virtual_quote_reserves
	if c.Remaining() >= 9 {
		c.Skip(8 + 1) // creator_fee_basis_points, is_holder_reward
	}
	if c.Remaining() >= 1 {
		c.Skip(1) // depth
	}
	n.Tail = c.Remaining()
	return true
}

// IsCreate reports whether the instruction is a create or a create_v2 of pump.fun.
func IsCreate(ix *guest.Instruction) bool {
	switch anchor.Of(ix.Data()) {
	case CreateInstruction, CreateV2Instruction:
		return ProgramKey.Is(ix.ProgramID())
	}
	return false
}

// Accounts of create and create_v2.
const (
	createMint         = 0
	createBondingCurve = 2
	createUser         = 7
	createV2User       = 5
	createV2Quote      = 16 // optional
	createV2Accounts   = 16 // without the optional ones
)

// FromInstruction reads a create or create_v2, for which the event is not recorded. It is false where accounts or arguments are
// missing.
func (n *Create) FromInstruction(ix *guest.Instruction) bool {
	c := guest.NewCursor(ix.Data())
	c.Skip(anchor.DiscriminatorBytes)
	*n = Create{}
	n.Name, n.Symbol, n.URI = c.String(), c.String(), c.String()
	if !c.OK() {
		return false
	}
	n.Creator = c.Key()
	n.Mint, n.BondingCurve = ix.Account(createMint), ix.Account(createBondingCurve)
	if anchor.Of(ix.Data()) == CreateInstruction {
		n.User = ix.Account(createUser)
	} else {
		n.User = ix.Account(createV2User)
		if ix.NumAccounts() > createV2Accounts+2 {
			n.QuoteMint = ix.Account(createV2Quote)
		}
	}
	return n.Mint != nil && n.BondingCurve != nil && n.User != nil
}
