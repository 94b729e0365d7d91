package upstream

import "time"

// coalescer gathers changes: the first one goes at once and opens a window behind it; what comes while the window is
// open goes together, at the window's end or when there are limit of them, and opens the next window.
type coalescer struct {
	window  time.Duration
	limit   int
	pending int
	until   time.Time // the open window's end
}

func (c *coalescer) change(n int) { c.pending += n }

// due tells whether the pending changes go now.
func (c *coalescer) due(now time.Time) bool {
	return c.pending > 0 && (c.pending >= c.limit || !now.Before(c.until))
}

// flush says that the pending changes went.
func (c *coalescer) flush(now time.Time) {
	c.pending = 0
	c.until = now.Add(max(c.window, 0))
}

// next returns when due will be true without another change, the zero time when there is nothing to do.
func (c *coalescer) next() time.Time {
	if c.pending == 0 {
		return time.Time{}
	}
	return c.until
}
