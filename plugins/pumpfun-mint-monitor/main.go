// Pumpfun-mint-monitor reports every new pump.fun token: one event per CreateEvent. Where neither the event nor its log line is in the
// update (servers can leave out inner instructions, and logs are cut), the create or create_v2 instruction tells the same.
//
// Creator and quote_mint are missing where the creation is older than those fields.
package main

import (
	"bytes"

	"weir/abi/guest"
	"weir/plugins/internal/option"
	"weir/plugins/internal/pumpfun"
	"weir/plugins/internal/tally"
)

var manifest = guest.Manifest{
	Name:        "pumpfun-mint-monitor",
	Version:     "1.0.0",
	Description: "Every new token on pump.fun",
	Group:       guest.Medium,
	Subscribe:   subscribe(guest.Confirmed),
	Events: guest.Events{{Name: "mint", Fields: guest.Fields{
		{Name: "mint", Type: guest.TypePubkey},
		{Name: "name", Type: guest.TypeString},
		{Name: "symbol", Type: guest.TypeString},
		{Name: "uri", Type: guest.TypeString},
		{Name: "creator", Type: guest.TypePubkey},
		{Name: "user", Type: guest.TypePubkey},
		{Name: "bonding_curve", Type: guest.TypePubkey},
		{Name: "quote_mint", Type: guest.TypePubkey},
	}}},
	Config: guest.Options{
		{Name: "creators", Type: guest.ConfigArray, Default: "[]", Doc: "report tokens that these made or paid for only"},
		option.Commitment,
	},
}

// subscribe asks for every transaction with the authority over new mints: both kinds of creation name it, trades do not.
func subscribe(level guest.Commitment) *guest.Subscription {
	return guest.Subscribe().Transactions("creates", guest.TransactionFilter{
		Vote: guest.False, Failed: guest.False, AccountInclude: []string{pumpfun.MintAuthority},
	}).Commitment(level)
}

var (
	creators option.Keys
	events   = pumpfun.Events(pumpfun.CreateEvent)
	count    = tally.New()
	create   pumpfun.Create
	reported [][]byte // mints of the events of this transaction
)

func init() {
	guest.Register(guest.Monitor{Manifest: manifest, Match: match, Configure: configure})
}

func configure(c *guest.Config, m *guest.Manifest) (err error) {
	if creators, err = option.ReadKeys(c, "creators"); err != nil {
		return err
	}
	level, err := option.ReadCommitment(c)
	m.Subscribe = subscribe(level)
	return err
}

func match(u *guest.Update) int32 {
	count.Reset()
	tx, ok := u.Transaction()
	if !ok || tx.Failed() {
		return count.Result(u)
	}
	reported = reported[:0]
	for _, payload := range events.Payloads(tx) {
		if !create.Decode(payload) {
			count.Malformed("a CreateEvent is too short")
			continue
		}
		count.Tail(create.Tail)
		emit()
	}
	if events.Undecodable() > 0 {
		count.Malformed("a logged CreateEvent is no base64")
	}
	matchInstructions(tx)
	return count.Result(u)
}

// matchInstructions reports creations that no event told of.
func matchInstructions(tx *guest.Transaction) {
	program := tx.KeyIndex(&pumpfun.ProgramKey)
	all := tx.All()
	for i := range all {
		ix := &all[i]
		if ix.Program() != program || !pumpfun.IsCreate(ix) || isReported(ix.Account(0)) {
			continue
		}
		if !create.FromInstruction(ix) {
			count.Malformed("a create instruction is too short")
			continue
		}
		emit()
	}
}

func isReported(mint []byte) bool {
	for _, m := range reported {
		if bytes.Equal(m, mint) {
			return true
		}
	}
	return false
}

func emit() {
	reported = append(reported, create.Mint)
	if !creators.Allows(create.User) && !creators.Allows(create.Creator) {
		return
	}
	count.Emit(guest.NewEvent("mint").
		Key("mint", create.Mint).
		Text("name", create.Name).
		Text("symbol", create.Symbol).
		Text("uri", create.URI).
		Key("creator", create.Creator).
		Key("user", create.User).
		Key("bonding_curve", create.BondingCurve).
		Key("quote_mint", create.QuoteMint))
}

func main() {}
