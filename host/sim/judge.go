package sim

import (
	"sync"
	"time"
)

// judge watches the rate of connects and subscribes as a provider would: no window of the given length, wherever it
// begins, may hold more than limit of them. It counts and refuses nothing.
type judge struct {
	limit  int // 0 or less judges nothing
	window time.Duration

	mu         sync.Mutex // guards all below
	times      []time.Time
	peak       int
	violations uint64
}

// observe counts one connect or subscribe at now. Calls come in the order of time.
func (j *judge) observe(now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	old := 0
	for old < len(j.times) && now.Sub(j.times[old]) >= j.window {
		old++
	}
	j.times = append(j.times[old:], now)
	j.peak = max(j.peak, len(j.times))
	if j.limit > 0 && len(j.times) > j.limit {
		j.violations++
	}
}

func (j *judge) verdict() (violations uint64, peak int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.violations, j.peak
}
