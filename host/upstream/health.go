package upstream

import "time"

// endpoint is a checked endpoint with what the planner knows of its health.
type endpoint struct {
	target
	reason  string    // why it is not healthy, empty when it is
	until   time.Time // not chosen before, if another one is healthy
	refused bool      // not used before until even if there is no other
	tries   backoff   // of refusals
}

func (e *endpoint) healthy(now time.Time) bool { return e.reason == "" || !now.Before(e.until) }

// fail marks the endpoint unfit until then.
func (e *endpoint) fail(reason string, until time.Time) {
	if e.refused && until.Before(e.until) {
		return
	}
	e.reason, e.until = reason, until
}

// refuse marks an endpoint that does not want us, whatever we do, for a long while.
func (e *endpoint) refuse(reason string, now time.Time) {
	if e.refused && now.Before(e.until) {
		return // the other streams of the same connection say the same
	}
	e.reason, e.refused = reason, true
	e.until = now.Add(e.tries.half(refusedBase, refusedCap))
}

// dialed says that a connection came up, which clears everything but a refusal.
func (e *endpoint) dialed() {
	if !e.refused {
		e.reason, e.until = "", time.Time{}
	}
}

// served says that a stream is live.
func (e *endpoint) served() {
	e.reason, e.until, e.refused = "", time.Time{}, false
	e.tries.reset()
}

// choose returns the first healthy endpoint and the time from which it may be used. Without a healthy one it is the one
// behind after, round and round, so that no endpoint is forgotten.
func choose(all []*endpoint, after *endpoint, now time.Time) (*endpoint, time.Time) {
	for _, e := range all {
		if e.healthy(now) {
			return e, now
		}
	}
	start := 0
	for i, e := range all {
		if e == after {
			start = i + 1
		}
	}
	best := all[start%len(all)]
	for i := range all {
		if e := all[(start+i)%len(all)]; !e.refused {
			return e, now
		} else if e.until.Before(best.until) {
			best = e
		}
	}
	return best, best.until
}
