// Package chain generates a Solana ledger as a Yellowstone server would tell it: slot by slot, seeded, with the real
// layouts of the programs that the monitors watch and, beside every update, the facts that a monitor has to find in it.
//
// Its state hangs together: curves move by the constant product and complete when their tokens are sold, a token that a
// create makes is traded afterwards, and what lamports one account loses another gets. Addresses are really derived;
// signatures and hashes are made up.
//
// It starts no goroutines. A Chain belongs to one goroutine at a time; what it has returned is never changed again.
package chain

import (
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// Update is one message of the feed.
type Update struct {
	*pb.SubscribeUpdate // exactly one oneof field, no filters, created_at set; nobody may change it

	Slot   uint64
	Bank   uint64        // id of the bank that it belongs to; 0 for FIRST_SHRED_RECEIVED and COMPLETED
	Offset time.Duration // from the start of the turn that tells it, of SlotTime each
	At     time.Duration // from the start of the first turn
	Fate   Fate
	Last   bool // the last update of its turn

	truth []finding
}

// Fate is what becomes of the bank that an update belongs to.
type Fate uint8

// The fates.
const (
	Rooted    Fate = iota // is confirmed and finalized later
	Dead                  // is marked dead in the middle
	Abandoned             // freezes, but another bank of the same slot is confirmed
)

// Chain generates. Make one with New.
type Chain struct {
	cfg   Config
	rnd   random
	mem   memory
	newer newerFields
	sys   known
	b     builder

	accounts   map[Key]*account
	quoteATAs  map[[2]*account]*account // by quote and owner
	volumes    map[*account]*account    // users' volume accumulators
	wrapped    map[*account]*account    // users' accounts for wrapped SOL
	users      []*account
	validators []validator
	live       []*curve // neither complete nor forgotten
	due        []migration
	pools      []*pool
	amms       []*amm
	cpmms      []*cpmmPool
	launches   []*launchPool

	tableKey              Key
	whitelist, permission *account
	clmm, clmmConfig      *account
	ammConfig, globalData []byte

	votes   voteShared
	order   []*account // of the transaction in hand
	metas   []meta
	scratch []byte
	plan    []func(*Chain)

	bank
	turns    uint64 // of SlotTime, so far
	unix     int64  // block time of the turn
	recent   []byte // the parent's block hash
	version  uint64 // last write_version
	lastBank uint64
	height   uint64
	body     []*Update // of the slot in hand, without its statuses
	queue    []*Update // what Next returns
	next     int
	turnFrom int    // where in queue the turn in hand begins
	pending  []bank // frozen, not confirmed
	rooting  []bank // confirmed or to be, not finalized
}

// bank is one slot's bank.
type bank struct {
	slot, parent, id uint64
	hash             string
	parentHash       string
	transactions     uint64
	entries          uint64
	unentered        uint64 // transactions since the last entry
	fees             uint64
}

const whitelistQuote = "6z6GDdfb2AjR9ZhJmAUQ5cipJCVxQvLJhB2H8mCwTFBP" // last account of create_v2 with a quote (recorded 2026)

// users and what there is before the feed begins.
const (
	startUsers    = 600
	startCurves   = 120
	startPools    = 60
	startAMMs     = 30
	startLaunches = 20
)

// New returns the generator that cfg describes; equal configurations give equal bytes.
func New(cfg Config) *Chain {
	c := &Chain{
		cfg: cfg.withDefaults(), newer: findNewerFields(), accounts: map[Key]*account{},
		quoteATAs: map[[2]*account]*account{}, volumes: map[*account]*account{}, wrapped: map[*account]*account{},
	}
	c.rnd = newRandom(c.cfg.Seed)
	c.b.c = c
	c.addKnown()
	c.addValidators()
	for range startUsers {
		c.users = append(c.users, newAccount(c.rnd.wallet(), c.rnd.between(2, 200)*lamportsPerSOL))
	}
	c.tableKey = c.rnd.wallet()
	c.whitelist, c.permission = c.account(address(whitelistQuote)), c.account(c.rnd.key())
	c.addOthers()
	c.unix = c.cfg.StartTime.Unix()
	for range startCurves {
		v2, quote := c.rnd.chance(2), c.sys.wsol
		if v2 && c.rnd.chance(6) {
			quote = pick(c.rnd, c.sys.quotes)
		}
		c.launch(c.newCurve(v2, quote, pick(c.rnd, c.users)))
	}
	for range startPools {
		c.graduated()
	}
	for range startAMMs {
		c.oldAMM()
	}
	for range startLaunches {
		c.oldLaunch()
	}
	c.slot, c.height = c.cfg.StartSlot-1, c.cfg.StartSlot-25_000_000
	c.setHash()
	c.version, c.lastBank = 1_000_000_000, c.slot*2
	return c
}

// Next returns the next update. The feed has no end.
func (c *Chain) Next() *Update {
	if c.next == len(c.queue) {
		c.next, c.turnFrom, c.queue = 0, 0, c.queue[:0]
		for len(c.queue) == 0 {
			c.turn()
		}
	}
	u := c.queue[c.next]
	c.queue[c.next] = nil
	c.next++
	return u
}
