package chain

import "time"

// SlotTime is a slot's nominal length.
const SlotTime = 400 * time.Millisecond

// Config describes a feed. The zero value of a field means its default.
type Config struct {
	Seed      uint64
	StartSlot uint64    // first slot; default 450 000 000
	StartTime time.Time // start of the first slot (block times, event times, created_at); default 2026-10-09 00:00 UTC
	Mix       Mix       // default DefaultMix()

	// One in that many slots, on average; 0 is the default (150, 40 and 200), negative is never.
	DeadEvery, SkipEvery, ForkEvery int

	// NoAccounts and NoEntries leave those updates out.
	NoAccounts, NoEntries bool
}
