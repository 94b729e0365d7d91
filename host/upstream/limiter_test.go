package upstream

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestLimiterNeverExceedsAnyWindow drives the limiter with random work and lets an independent judge look at when the
// server saw each request, which is any time between grant and completion.
func TestLimiterNeverExceedsAnyWindow(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		limit := 2 + rng.IntN(6)
		window := time.Duration(1+rng.IntN(20)) * time.Second
		seen := driveLimiter(rng, newLimiter(limit, window), 60)
		for i, from := range seen {
			n := 0
			for _, at := range seen {
				if !at.Before(from) && at.Sub(from) < window {
					n++
				}
			}
			if n > limit {
				t.Fatalf("seed %d: %d requests in %v from arrival %d on, limit %d", seed, n, window, i, limit)
			}
		}
		if len(seen) != 60 {
			t.Fatalf("seed %d: %d requests were granted, want all 60", seed, len(seen))
		}
	}
}

// driveLimiter simulates a client: requests come in bursts, take a random time, and are seen by the server in between.
func driveLimiter(rng *rand.Rand, l *limiter, total int) (seen []time.Time) {
	now := time.Unix(1000, 0)
	var completions []time.Time
	asked := 0
	for range 100_000 {
		for asked < total && rng.IntN(3) == 0 {
			l.ask(&request{since: now})
			asked++
		}
		for l.grant(now) != nil {
			took := time.Duration(rng.Int64N(int64(3 * time.Second)))
			seen = append(seen, now.Add(time.Duration(rng.Int64N(int64(took)+1))))
			completions = append(completions, now.Add(took))
		}
		now = now.Add(time.Duration(rng.Int64N(int64(200 * time.Millisecond))))
		kept := completions[:0]
		for _, at := range completions {
			if at.After(now) {
				kept = append(kept, at)
				continue
			}
			l.complete(now)
		}
		completions = kept
		if len(seen) == total && len(completions) == 0 {
			return seen
		}
	}
	return seen
}

func TestLimiterTellsWhenTheNextTokenIsFree(t *testing.T) {
	now := time.Unix(1000, 0)
	l := newLimiter(2, time.Minute)
	first, second, third := &request{}, &request{}, &request{}
	for _, r := range []*request{first, second, third} {
		l.ask(r)
	}
	if l.grant(now) != first || l.grant(now) != second {
		t.Fatal("the first two are not granted in order")
	}
	if l.grant(now) != nil {
		t.Fatal("a third token was granted")
	}
	if at := l.next(now); !at.IsZero() {
		t.Errorf("next = %v while both tokens are under way, want unknown", at)
	}
	l.complete(now.Add(time.Second))
	want := now.Add(time.Second + time.Minute + limiterGuard)
	if at := l.next(now.Add(time.Second)); !at.Equal(want) {
		t.Errorf("next = %v, want %v", at, want)
	}
	v := l.view()
	if s := v.status(now.Add(time.Second)); s.Used != 2 || s.Available != 0 || s.Queued != 1 || s.NextIn != time.Minute+limiterGuard {
		t.Errorf("status = %+v", s)
	}
	if l.grant(want.Add(-1)) != nil {
		t.Error("granted a nanosecond early")
	}
	if l.grant(want) != third {
		t.Error("not granted when the token is free")
	}
}

func TestLimiterGivesBackWhatWasNotUsed(t *testing.T) {
	now := time.Unix(1000, 0)
	l := newLimiter(2, time.Minute)
	r := &request{}
	l.ask(r)
	l.drop(r)
	if l.grant(now) != nil {
		t.Error("a dropped request was granted")
	}
	l.ask(r)
	l.grant(now)
	l.refund()
	if l.used(now) != 0 {
		t.Errorf("%d tokens used after the refund", l.used(now))
	}
}
