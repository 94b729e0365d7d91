// Package chain generates a Solana ledger as a Yellowstone server would tell it: slot by slot, seeded, with the real
// layouts of the programs that the monitors watch and, beside every update, the facts that a monitor has to find in it.
//
// It starts no goroutines. A Chain belongs to one goroutine at a time; what it has returned is never changed again.
package chain

import (
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// Update is one message of the feed.
type Update struct {
	*pb.SubscribeUpdate // exactly one oneof field; no filters; nobody may change it

	Slot   uint64
	Bank   uint64        // bank_id of the bank that it belongs to; 0 for FIRST_SHRED_RECEIVED and COMPLETED
	Offset time.Duration // from the start of Slot's 400 ms to this update
	At     time.Duration // from the start of the first slot to this update
	Fate   Fate
	Last   bool // no update of this turn of the clock follows

	truth []Fact
}

// Fate is what becomes of the bank that an update belongs to.
type Fate uint8

// The fates.
const (
	Rooted    Fate = iota // is confirmed and finalized later
	Dead                  // the bank is marked dead in the middle
	Abandoned             // the bank freezes, but another one of the same slot is confirmed
)

// Chain generates. Make one with New.
type Chain struct{}

// New returns the generator that cfg describes; equal configurations give equal bytes.
func New(cfg Config) *Chain { return &Chain{} }

// Next returns the next update. The feed has no end.
func (c *Chain) Next() *Update { return &Update{} }
