// Raydium-mint-monitor reports every new pool of Raydium's AMM v4, CPMM and LaunchLab, made directly or by a program's call: one event
// per instruction that makes a pool, of every form that those programs have.
//
// In AMM v4 base is coin and quote is pc; in CPMM base is mint 0. LaunchLab has no lp_mint.
package main

import (
	"errors"

	"weir/abi/guest"
	"weir/plugins/internal/option"
	"weir/plugins/internal/raydium"
	"weir/plugins/internal/tally"
)

var manifest = guest.Manifest{
	Name:        "raydium-mint-monitor",
	Version:     "1.0.0",
	Description: "Every new Raydium pool: AMM v4, CPMM and LaunchLab",
	Group:       guest.Medium,
	Subscribe:   subscribe(everything, guest.Confirmed),
	Events: guest.Events{{Name: "pool", Fields: guest.Fields{
		{Name: "program", Type: guest.TypeString},
		{Name: "pool", Type: guest.TypePubkey},
		{Name: "base_mint", Type: guest.TypePubkey},
		{Name: "quote_mint", Type: guest.TypePubkey},
		{Name: "base_vault", Type: guest.TypePubkey},
		{Name: "quote_vault", Type: guest.TypePubkey},
		{Name: "lp_mint", Type: guest.TypePubkey},
		{Name: "creator", Type: guest.TypePubkey},
	}}},
	Config: guest.Options{
		{Name: "programs", Type: guest.ConfigArray, Default: `["amm_v4","cpmm","launchlab"]`,
			Doc: "report pools of these programs only; without launchlab the stream is much thinner"},
		{Name: "mints", Type: guest.ConfigArray, Default: "[]", Doc: "report pools of these tokens, on either side, only"},
		option.Commitment,
	},
}

// everything is the default of the option programs.
var everything = []string{raydium.NameAMMv4, raydium.NameCPMM, raydium.NameLaunchLab}

// marks maps a program to the account that all its new pools name. AMM v4 and CPMM have one that takes the fee for a new pool and that
// nothing else names. LaunchLab has none, so its trades come too: the accounts that its creations share beyond the program differ by
// form, and a form to come may have none of them.
var marks = map[string]string{
	raydium.NameAMMv4: raydium.AMMv4Fee, raydium.NameCPMM: raydium.CPMMFee, raydium.NameLaunchLab: raydium.LaunchLab,
}

func subscribe(programs []string, level guest.Commitment) *guest.Subscription {
	s := guest.Subscribe().Commitment(level)
	for _, name := range programs {
		s.Transactions(name, guest.TransactionFilter{
			Vote: guest.False, Failed: guest.False, AccountInclude: []string{marks[name]},
		})
	}
	return s
}

var (
	programs = everything
	mints    option.Keys
	count    = tally.New()
	finder   raydium.Finder
	pool     raydium.Pool
)

func init() {
	guest.Register(guest.Monitor{Manifest: manifest, Match: match, Configure: configure})
}

func configure(c *guest.Config, m *guest.Manifest) (err error) {
	if mints, err = option.ReadKeys(c, "mints"); err != nil {
		return err
	}
	var ok bool
	if programs, ok = c.Strings("programs"); !ok || len(programs) == 0 {
		return errors.New("config.programs: not a list of amm_v4, cpmm and launchlab")
	}
	for _, name := range programs {
		if marks[name] == "" {
			return errors.New("config.programs: " + name + " is not amm_v4, cpmm or launchlab")
		}
	}
	level, err := option.ReadCommitment(c)
	m.Subscribe = subscribe(programs, level)
	return err
}

func match(u *guest.Update) int32 {
	count.Reset()
	tx, ok := u.Transaction()
	if !ok || tx.Failed() || !finder.Reset(tx) {
		return count.Result(u)
	}
	all := tx.All()
	for i := range all {
		switch found, err := finder.Find(&all[i], &pool); {
		case err != nil:
			count.Malformed(err.Error())
		case found && wanted():
			emit()
		}
	}
	return count.Result(u)
}

func wanted() bool {
	for _, name := range programs {
		if name == pool.Program {
			return mints.Allows(pool.BaseMint) || mints.Allows(pool.QuoteMint)
		}
	}
	return false
}

func emit() {
	count.Emit(guest.NewEvent("pool").
		Str("program", pool.Program).
		Key("pool", pool.Pool).
		Key("base_mint", pool.BaseMint).
		Key("quote_mint", pool.QuoteMint).
		Key("base_vault", pool.BaseVault).
		Key("quote_vault", pool.QuoteVault).
		Key("lp_mint", pool.LPMint).
		Key("creator", pool.Creator))
}

func main() {}
