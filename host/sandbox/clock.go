package sandbox

// clock is the time that guests are shown: the updates', so that a replay runs as the first time did.
type clock struct {
	ms       int64 // unix milliseconds, 0 before the first
	first    int64 // the first ms
	latest   int64 // the highest ms so far
	advanced int64 // nanoseconds that the guest slept, or spent reading the clock
}

const (
	// monotonicStart is what the monotonic clock shows first: Go's runtime refuses a clock that shows 0.
	monotonicStart = int64(1e9)
	// monotonicStep is how far each reading moves the monotonic clock, so that loops that wait for it end.
	monotonicStep = int64(1e3)
)

func (c *clock) set(ms int64) {
	if ms == 0 {
		return
	}
	if c.first == 0 {
		c.first, c.latest = ms, ms
	}
	c.ms = ms
	c.latest = max(c.latest, ms)
}

// wall is in unix nanoseconds.
func (c *clock) wall() int64 { return c.ms * 1e6 }

// monotonic is in nanoseconds and never goes back.
func (c *clock) monotonic() int64 {
	return monotonicStart + (c.latest-c.first)*1e6 + c.advanced
}

// read is monotonic as a guest sees it.
func (c *clock) read() int64 {
	c.advanced += monotonicStep
	return c.monotonic()
}
