package chain

import (
	"time"

	"weir/host/geyser"
)

// SlotTime is a slot's nominal length.
const SlotTime = 400 * time.Millisecond

// Config describes a feed. The zero value of a field means its default.
type Config struct {
	Seed      uint64
	StartSlot uint64    // first slot; default 450 000 000, at least 30 000 000
	StartTime time.Time // start of the first slot (block times, event times, created_at); default 2026-10-09 00:00 UTC
	Mix       Mix       // default DefaultMix()

	// One in that many slots dies, is skipped or has two banks, on average; 0 is the default (150, 40 and 200), negative
	// is never. Where the protocol package knows no bank ids, no slot ever has two banks.
	DeadEvery, SkipEvery, ForkEvery int

	// NoAccounts and NoEntries leave those updates out; block metas then count no entries.
	NoAccounts, NoEntries bool
}

func (c Config) withDefaults() Config {
	if c.StartSlot < 30_000_000 {
		c.StartSlot = 450_000_000
	}
	if c.StartTime.IsZero() {
		c.StartTime = time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC)
	}
	if c.Mix == (Mix{}) {
		c.Mix = DefaultMix()
	}
	if !geyser.KnowsNewer {
		c.ForkEvery = -1
	}
	for _, d := range []struct {
		v *int
		n int
	}{{&c.DeadEvery, 150}, {&c.SkipEvery, 40}, {&c.ForkEvery, 200}} {
		if *d.v == 0 {
			*d.v = d.n
		}
	}
	return c
}
