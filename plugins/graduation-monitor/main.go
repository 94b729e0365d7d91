// Graduation-monitor reports pump.fun tokens that leave their bonding curve, in two stages: "complete" when the curve has sold out (a
// CompleteEvent), "migrated" when the token has its pool: on PumpSwap (a CompletePumpAmmMigrationEvent), or, until March 2025, on
// Raydium AMM v4, made by pump.fun's migrator.
//
// No migration is: a migrate instruction that did nothing, which reports no event; a pool that somebody else made for a pump.fun
// token, even where the migrator is among the transaction's accounts.
package main

import (
	"weir/abi/guest"
	"weir/plugins/internal/anchor"
	"weir/plugins/internal/option"
	"weir/plugins/internal/pumpfun"
	"weir/plugins/internal/raydium"
	"weir/plugins/internal/tally"
	"weir/plugins/internal/token"
)

var manifest = guest.Manifest{
	Name:        "graduation-monitor",
	Version:     "1.0.0",
	Description: "pump.fun tokens that complete their curve or move to PumpSwap or Raydium",
	Group:       guest.Medium,
	Subscribe:   subscribe(option.Keys{}, guest.Confirmed),
	Events: guest.Events{{Name: "graduation", Fields: guest.Fields{
		{Name: "stage", Type: guest.TypeString},
		{Name: "to", Type: guest.TypeString},
		{Name: "mint", Type: guest.TypePubkey},
		{Name: "bonding_curve", Type: guest.TypePubkey},
		{Name: "user", Type: guest.TypePubkey},
		{Name: "pool", Type: guest.TypePubkey},
	}}},
	Config: guest.Options{
		{Name: "mints", Type: guest.ConfigArray, Default: "[]", Doc: "report these tokens only"},
		option.Commitment,
	},
}

// subscribe asks for the program's transactions, for the events, and for the migrator's: its pools on Raydium do not name the program.
func subscribe(mints option.Keys, level guest.Commitment) *guest.Subscription {
	s := guest.Subscribe().Commitment(level)
	for _, f := range [...]struct{ name, key string }{{"events", pumpfun.Program}, {"migrator", pumpfun.Migrator}} {
		filter := guest.TransactionFilter{Vote: guest.False, Failed: guest.False, AccountInclude: []string{f.key}}
		if !mints.Empty() {
			filter.AccountInclude, filter.AccountRequired = mints.Text(), []string{f.key}
		}
		s.Transactions(f.name, filter)
	}
	return s
}

var (
	mints     option.Keys
	events    = pumpfun.Events(pumpfun.CompleteEvent, pumpfun.MigrationEvent)
	count     = tally.New()
	complete  pumpfun.Complete
	migration pumpfun.Migration
	finder    raydium.Finder
	pool      raydium.Pool
)

func init() {
	guest.Register(guest.Monitor{Manifest: manifest, Match: match, Configure: configure})
}

func configure(c *guest.Config, m *guest.Manifest) (err error) {
	if mints, err = option.ReadKeys(c, "mints"); err != nil {
		return err
	}
	level, err := option.ReadCommitment(c)
	m.Subscribe = subscribe(mints, level)
	return err
}

func match(u *guest.Update) int32 {
	count.Reset()
	tx, ok := u.Transaction()
	if !ok || tx.Failed() {
		return count.Result(u)
	}
	for _, payload := range events.Payloads(tx) {
		if anchor.Of(payload) == pumpfun.CompleteEvent {
			matchComplete(payload)
		} else {
			matchPumpSwap(payload)
		}
	}
	if events.Undecodable() > 0 {
		count.Malformed("a logged graduation event is no base64")
	}
	if signed(tx) && finder.Reset(tx) {
		matchRaydium(tx)
	}
	return count.Result(u)
}

func matchComplete(payload []byte) {
	if !complete.Decode(payload) {
		count.Malformed("a CompleteEvent is too short")
		return
	}
	if !mints.Allows(complete.Mint) {
		return
	}
	count.Tail(complete.Tail)
	count.Emit(guest.NewEvent("graduation").
		Str("stage", "complete").
		Key("mint", complete.Mint).
		Key("bonding_curve", complete.BondingCurve).
		Key("user", complete.User))
}

func matchPumpSwap(payload []byte) {
	if !migration.Decode(payload) {
		count.Malformed("a CompletePumpAmmMigrationEvent is too short")
		return
	}
	if !mints.Allows(migration.Mint) {
		return
	}
	count.Tail(migration.Tail)
	count.Emit(guest.NewEvent("graduation").
		Str("stage", "migrated").
		Str("to", "pumpswap").
		Key("mint", migration.Mint).
		Key("bonding_curve", migration.BondingCurve).
		Key("user", migration.User).
		Key("pool", migration.Pool))
}

// signed reports whether the migrator is among those who signed.
func signed(tx *guest.Transaction) bool {
	for i := range min(tx.NumSigners(), tx.NumStaticKeys()) {
		if pumpfun.MigratorKey.Is(tx.Key(i)) {
			return true
		}
	}
	return false
}

// matchRaydium reports the AMM v4 pools that the migrator, who has signed, makes. They do not tell of the bonding curve.
func matchRaydium(tx *guest.Transaction) {
	all := tx.All()
	for i := range all {
		found, err := finder.FindAMMv4(&all[i], &pool)
		if err != nil {
			count.Malformed(err.Error())
		}
		if !found || !pumpfun.MigratorKey.Is(pool.Creator) {
			continue
		}
		if mint := migratedMint(); mints.Allows(mint) {
			count.Emit(guest.NewEvent("graduation").
				Str("stage", "migrated").
				Str("to", "raydium_v4").
				Key("mint", mint).
				Key("user", pool.Creator).
				Key("pool", pool.Pool))
		}
	}
}

// migratedMint returns the side of the pool that is not wrapped SOL, nil where that does not tell. The migrator put SOL on the coin
// side.
func migratedMint() []byte {
	base, quote := token.WrappedSOL.Is(pool.BaseMint), token.WrappedSOL.Is(pool.QuoteMint)
	switch {
	case base && !quote:
		return pool.QuoteMint
	case quote && !base:
		return pool.BaseMint
	}
	return nil
}

func main() {}
