package upstream

import (
	"slices"
	"time"
)

// limiterGuard is added to the provider's window: a failed dial may still reach the server after we gave it up, and the
// server's clock need not run exactly like ours.
const limiterGuard = 500 * time.Millisecond

// limiter is a strict sliding window over connects and subscribes, with a first-come queue in front. It belongs to the
// planner's goroutine and takes the time from its caller.
//
// A token counts as used from the moment it is granted until window + guard after its request has completed. The server
// sees the request somewhere between the two, so no window of the server's can hold more than limit of them, whatever the
// network's delay.
type limiter struct {
	limit  int
	window time.Duration

	flying int         // granted, not completed
	spent  []time.Time // when each completed token is free again, ascending
	queue  []*request  // first come, first served; at most one per connection and one per stream
}

// request asks for one token.
type request struct {
	since time.Time
	link  *link         // to dial
	sub   *subscription // to subscribe; exactly one of the two is set
}

func newLimiter(limit int, window time.Duration) *limiter {
	return &limiter{limit: limit, window: window}
}

// ask puts r at the end of the queue.
func (l *limiter) ask(r *request) { l.queue = append(l.queue, r) }

// drop takes r out of the queue; it is no error when it is not there.
func (l *limiter) drop(r *request) {
	if i := slices.Index(l.queue, r); i >= 0 {
		l.queue = slices.Delete(l.queue, i, i+1)
	}
}

// grant takes the first request out of the queue when there is a token for it, else it returns nil.
func (l *limiter) grant(now time.Time) *request {
	if len(l.queue) == 0 || l.used(now) >= l.limit {
		return nil
	}
	r := l.queue[0]
	l.queue = slices.Delete(l.queue, 0, 1)
	l.flying++
	return r
}

// complete starts the window of a granted token: its request has been answered, or has failed.
func (l *limiter) complete(now time.Time) {
	l.flying--
	l.spent = append(l.spent, now.Add(l.window+limiterGuard))
}

// refund gives back a granted token whose request was never made.
func (l *limiter) refund() { l.flying-- }

// used returns the tokens that count at now.
func (l *limiter) used(now time.Time) int {
	l.expire(now)
	return l.flying + len(l.spent)
}

func (l *limiter) expire(now time.Time) {
	n := 0
	for n < len(l.spent) && !l.spent[n].After(now) {
		n++
	}
	l.spent = slices.Delete(l.spent, 0, n)
}

// next returns when the queue's head may get its token, the zero time when nothing waits or only a completion can tell.
func (l *limiter) next(now time.Time) time.Time {
	if len(l.queue) == 0 {
		return time.Time{}
	}
	if l.used(now) < l.limit {
		return now
	}
	return freeAt(l.spent, l.flying, l.limit)
}

// freeAt returns when the number of tokens in use falls below limit, the zero time when completions must come first.
func freeAt(spent []time.Time, flying, limit int) time.Time {
	over := flying + len(spent) - limit // this many, and one more, have to go
	if over < 0 || over >= len(spent) {
		return time.Time{}
	}
	return spent[over]
}

// view copies what Snapshot needs.
func (l *limiter) view() limiterView {
	return limiterView{
		limit: l.limit, window: l.window, flying: l.flying, spent: slices.Clone(l.spent), queued: len(l.queue),
	}
}

// limiterView is a limiter at one moment; status can be asked for any later one.
type limiterView struct {
	limit, flying, queued int
	window                time.Duration
	spent                 []time.Time
}

func (v *limiterView) status(now time.Time) RateLimit {
	spent := v.spent
	for len(spent) > 0 && !spent[0].After(now) {
		spent = spent[1:]
	}
	used := v.flying + len(spent)
	s := RateLimit{
		Limit: v.limit, Window: v.window, Used: used, Available: max(v.limit-used, 0), Queued: v.queued,
	}
	if at := freeAt(spent, v.flying, v.limit); !at.IsZero() {
		s.NextIn = at.Sub(now)
	}
	return s
}
