// Raydium-account-monitor reports every write of a Raydium AMM v4 pool's state (AmmInfo): its status, mints and vaults. Other accounts
// of that program, and accounts of Raydium's other programs, are no AmmInfo.
package main

import (
	"weir/abi/guest"
	"weir/plugins/internal/option"
	"weir/plugins/internal/raydium"
	"weir/plugins/internal/tally"
)

var manifest = guest.Manifest{
	Name:        "raydium-account-monitor",
	Version:     "1.0.0",
	Description: "State of Raydium AMM v4 pools, at every write",
	Group:       guest.Low,
	Subscribe:   subscribe(guest.Confirmed),
	Events: guest.Events{{Name: "amm", Fields: guest.Fields{
		{Name: "pubkey", Type: guest.TypePubkey},
		{Name: "status", Type: guest.TypeU64},
		{Name: "base_mint", Type: guest.TypePubkey},
		{Name: "quote_mint", Type: guest.TypePubkey},
		{Name: "base_vault", Type: guest.TypePubkey},
		{Name: "quote_vault", Type: guest.TypePubkey},
		{Name: "lp_mint", Type: guest.TypePubkey},
		{Name: "open_time", Type: guest.TypeU64},
	}}},
	Config: guest.Options{
		{Name: "mints", Type: guest.ConfigArray, Default: "[]", Doc: "report pools of these tokens, on either side, only"},
		option.Commitment,
	},
}

func subscribe(level guest.Commitment) *guest.Subscription {
	return guest.Subscribe().Accounts("pools", guest.AccountFilter{
		Owner: []string{raydium.AMMv4}, States: []guest.AccountState{guest.DataSize(raydium.AMMBytes)},
	}).Commitment(level)
}

var (
	mints option.Keys
	count = tally.New()
	amm   raydium.AMM
)

func init() {
	guest.Register(guest.Monitor{Manifest: manifest, Match: match, Configure: configure})
}

func configure(c *guest.Config, m *guest.Manifest) (err error) {
	if mints, err = option.ReadKeys(c, "mints"); err != nil {
		return err
	}
	level, err := option.ReadCommitment(c)
	m.Subscribe = subscribe(level)
	return err
}

func match(u *guest.Update) int32 {
	count.Reset()
	a, ok := u.Account()
	if !ok || !raydium.AMMv4Key.Is(a.Owner()) || !amm.Decode(a.Data()) {
		return count.Result(u)
	}
	if mints.Allows(amm.BaseMint) || mints.Allows(amm.QuoteMint) {
		emit(a.Pubkey())
	}
	return count.Result(u)
}

func emit(pubkey []byte) {
	count.Emit(guest.NewEvent("amm").
		Key("pubkey", pubkey).
		U64String("status", amm.Status).
		Key("base_mint", amm.BaseMint).
		Key("quote_mint", amm.QuoteMint).
		Key("base_vault", amm.BaseVault).
		Key("quote_vault", amm.QuoteVault).
		Key("lp_mint", amm.LPMint).
		U64String("open_time", amm.OpenTime))
}

func main() {}
