// Pumpfun-account-monitor reports every write of a pump.fun bonding curve: its reserves and whether it is complete.
//
// Creator and quote_mint are missing where the account is shorter than those fields. Reserves are in base units.
package main

import (
	"weir/abi/guest"
	"weir/plugins/internal/option"
	"weir/plugins/internal/pumpfun"
	"weir/plugins/internal/tally"
)

var manifest = guest.Manifest{
	Name:        "pumpfun-account-monitor",
	Version:     "1.0.0",
	Description: "State of pump.fun bonding curves, at every write",
	Group:       guest.Low,
	Subscribe:   subscribe(false, guest.Confirmed),
	Events: guest.Events{{Name: "bonding_curve", Fields: guest.Fields{
		{Name: "pubkey", Type: guest.TypePubkey},
		{Name: "virtual_token_reserves", Type: guest.TypeU64},
		{Name: "virtual_quote_reserves", Type: guest.TypeU64},
		{Name: "real_token_reserves", Type: guest.TypeU64},
		{Name: "real_quote_reserves", Type: guest.TypeU64},
		{Name: "token_total_supply", Type: guest.TypeU64},
		{Name: "complete", Type: guest.TypeBool},
		{Name: "creator", Type: guest.TypePubkey},
		{Name: "quote_mint", Type: guest.TypePubkey},
	}}},
	Config: guest.Options{
		{Name: "complete_only", Type: guest.ConfigBool, Default: "false", Doc: "report curves that have sold out only"},
		{Name: "creators", Type: guest.ConfigArray, Default: "[]", Doc: "report curves of these creators only"},
		option.Commitment,
	},
}

// subscribe asks for bonding curves by their discriminator: their size has changed often, and most of the program's accounts are
// others.
func subscribe(completeOnly bool, level guest.Commitment) *guest.Subscription {
	kind := pumpfun.BondingCurveAccount.Bytes()
	states := []guest.AccountState{guest.Memcmp(0, kind[:])}
	if completeOnly {
		states = append(states, guest.Memcmp(pumpfun.CurveComplete, []byte{1}))
	}
	return guest.Subscribe().Accounts("curves", guest.AccountFilter{
		Owner: []string{pumpfun.Program}, States: states,
	}).Commitment(level)
}

var (
	completeOnly bool
	creators     option.Keys
	count        = tally.New()
	curve        pumpfun.Curve
)

func init() {
	guest.Register(guest.Monitor{Manifest: manifest, Match: match, Configure: configure})
}

func configure(c *guest.Config, m *guest.Manifest) (err error) {
	if creators, err = option.ReadKeys(c, "creators"); err != nil {
		return err
	}
	completeOnly = c.Bool("complete_only")
	level, err := option.ReadCommitment(c)
	m.Subscribe = subscribe(completeOnly, level)
	return err
}

func match(u *guest.Update) int32 {
	count.Reset()
	a, ok := u.Account()
	if !ok || !pumpfun.ProgramKey.Is(a.Owner()) || !pumpfun.IsCurve(a.Data()) {
		return count.Result(u)
	}
	switch {
	case !curve.Decode(a.Data()):
		count.Malformed("a bonding curve is too short")
	case curve.Complete || !completeOnly:
		if creators.Allows(curve.Creator) {
			count.Tail(curve.Tail)
			emit(a.Pubkey())
		}
	}
	return count.Result(u)
}

func emit(pubkey []byte) {
	count.Emit(guest.NewEvent("bonding_curve").
		Key("pubkey", pubkey).
		U64String("virtual_token_reserves", curve.VirtualToken).
		U64String("virtual_quote_reserves", curve.VirtualQuote).
		U64String("real_token_reserves", curve.RealToken).
		U64String("real_quote_reserves", curve.RealQuote).
		U64String("token_total_supply", curve.TotalSupply).
		Bool("complete", curve.Complete).
		Key("creator", curve.Creator).
		Key("quote_mint", curve.QuoteMint))
}

func main() {}
