package upstream

import (
	"math/rand/v2"
	"time"
)

// settled is how long a stream or connection must have lived before its next failure counts as the first one.
const settled = 10 * time.Second

// Long delays, for faults that do not heal by themselves within seconds.
const (
	refusedBase = 30 * time.Second // the token is refused, or the server is no Yellowstone server
	refusedCap  = 5 * time.Minute
	filterBase  = time.Minute // a filter that the server refuses by itself
	filterCap   = time.Hour
	limitedBase = 5 * time.Second // RESOURCE_EXHAUSTED: we are over some limit of the provider's
	limitedCap  = 2 * time.Minute
)

// backoff counts the failures in a row of one thing.
type backoff struct{ failures int }

// reset forgets the failures.
func (b *backoff) reset() { b.failures = 0 }

// full returns a delay with full jitter: anything from 0 to base, whose bound doubles with each failure up to limit.
func (b *backoff) full(base, limit time.Duration) time.Duration {
	return rand.N(b.bound(base, limit) + 1)
}

// half returns a delay of at least half the bound, for faults where trying soon is known to be useless.
func (b *backoff) half(base, limit time.Duration) time.Duration {
	d := b.bound(base, limit)
	return d/2 + rand.N(d/2+1)
}

func (b *backoff) bound(base, limit time.Duration) time.Duration {
	d := base
	for range b.failures {
		if d >= limit/2 {
			d = limit
			break
		}
		d *= 2
	}
	b.failures++
	return min(d, limit)
}
