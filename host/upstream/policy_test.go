package upstream

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"weir/host/geyser"
)

func TestAllotByLargestRemainder(t *testing.T) {
	for _, c := range []struct {
		n                          int
		high, medium, low, reserve int
	}{
		{1, 1, 0, 0, 0}, {2, 1, 1, 0, 0}, {3, 1, 1, 1, 0}, {4, 2, 1, 1, 0}, {5, 2, 2, 1, 0},
		{6, 2, 2, 1, 1}, {7, 3, 2, 1, 1}, {10, 4, 3, 2, 1}, {20, 8, 6, 4, 2}, {100, 40, 30, 20, 10},
	} {
		got := allot(c.n, DefaultShares, DefaultReserve)
		want := map[Group]int{High: c.high, Medium: c.medium, Low: c.low, reserve: c.reserve}
		for g, n := range want {
			if got[g] != n {
				t.Errorf("%d connections: %s has %d, want %d", c.n, g, got[g], n)
			}
		}
	}
}

func TestAllotGivesAwayExactlyEverything(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range 1000 {
		n := 1 + rng.IntN(50)
		shares := PerGroup{1 + rng.IntN(90), rng.IntN(90), rng.IntN(90)}
		got := allot(n, shares, rng.IntN(20))
		sum := 0
		for _, k := range got {
			sum += k
		}
		if sum != n {
			t.Fatalf("%d connections with shares %+v: %d were allotted", n, shares, sum)
		}
	}
}

// seatsOf places n[0] high, n[1] medium, n[2] low and n[3] dedicated high monitors on at most limit connections.
func seatsOf(limit int, n ...int) *placer {
	p := &placer{
		per: DefaultMonitorsPerConnection, allotted: allot(limit, DefaultShares, DefaultReserve), limit: limit, nextID: 1,
	}
	p.place(membersOf(n...))
	return p
}

func membersOf(n ...int) (members []*member) {
	for i, g := range []Group{High, Medium, Low, High} {
		if i >= len(n) {
			break
		}
		for k := range n[i] {
			w := Want{Want: geyser.Want{Monitor: fmt.Sprintf("%s%d-%03d", g, i, k)}, Group: g, Dedicated: i == 3}
			members = append(members, &member{want: w})
		}
	}
	return members
}

func (p *placer) text() string {
	var parts []string
	for _, s := range p.seats {
		parts = append(parts, fmt.Sprintf("%s:%d", s.class, len(s.members)))
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

func TestPlacement(t *testing.T) {
	for _, c := range []struct {
		name     string
		limit    int
		n        []int
		want     string
		warnings int
	}{
		{"one each", 10, []int{1, 1, 1}, "high:1 low:1 medium:1", 0},
		{"the seven", 10, []int{2, 3, 2}, "high:2 low:2 medium:3", 0},
		{"a second connection for the group", 10, []int{6, 0, 0}, "high:1 high:5", 0},
		{"economy: low shares with medium", 10, []int{6, 3, 3}, "high:1 high:5 medium:6", 0},
		{"up to the share", 10, []int{20, 0, 0}, "high:5 high:5 high:5 high:5", 0},
		{"over the share, with warnings", 10, []int{23, 0, 0}, "high:5 high:6 high:6 high:6", 3},
		{"too few connections: all share", 1, []int{3, 3, 3}, "high:9", 1},
		{"two connections: low is medium's guest", 2, []int{2, 2, 2}, "high:2 medium:4", 0},
		{"a dedicated stream takes the reserve", 10, []int{1, 0, 0, 1}, "high:1 reserve:1", 0},
		{"no reserve left: with its own group", 3, []int{1, 0, 0, 1}, "high:2", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := seatsOf(c.limit, c.n...)
			if got := p.text(); got != c.want {
				t.Errorf("placed %s, want %s", got, c.want)
			}
			if len(p.warnings) != c.warnings {
				t.Errorf("warnings %q, want %d", p.warnings, c.warnings)
			}
		})
	}
}

func TestPlacementPlacesEverybodyWithinTheLimit(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		limit := 1 + rng.IntN(12)
		n := []int{rng.IntN(30), rng.IntN(30), rng.IntN(30), rng.IntN(4)}
		p := seatsOf(limit, n...)
		placed := 0
		for _, s := range p.seats {
			placed += len(s.members)
		}
		if placed != n[0]+n[1]+n[2]+n[3] {
			t.Fatalf("limit %d, %v: %d placed", limit, n, placed)
		}
		if len(p.seats) > limit {
			t.Fatalf("limit %d, %v: %d connections", limit, n, len(p.seats))
		}
	}
}

// TestPlacementIsSticky adds and removes monitors one by one: nobody else may be moved by an addition.
func TestPlacementIsSticky(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	all := membersOf(9, 12, 12, 2)
	in := map[string]*member{}
	stays, prev, next := map[string]seated{}, map[int]Group{}, 1
	for step := range 500 {
		m := all[rng.IntN(len(all))]
		_, removing := in[m.want.Monitor]
		if removing {
			delete(in, m.want.Monitor)
		} else {
			in[m.want.Monitor] = m
		}
		var members []*member
		for _, m := range all {
			if in[m.want.Monitor] != nil {
				members = append(members, m)
			}
		}
		p := &placer{
			per: DefaultMonitorsPerConnection, allotted: allot(10, DefaultShares, DefaultReserve), limit: 10,
			stays: stays, prev: prev, nextID: next,
		}
		p.place(members)
		now, seats := map[string]seated{}, map[int]Group{}
		for _, s := range p.seats {
			seats[s.id] = s.class
			for _, m := range s.members {
				now[m.want.Monitor] = seated{s.id, m.want.Group}
			}
		}
		for name, at := range stays {
			if to, ok := now[name]; ok && to != at && !removing {
				t.Fatalf("step %d: adding %s moved %s from %v to %v", step, m.want.Monitor, name, at, to)
			}
		}
		stays, prev, next = now, seats, p.nextID
	}
}

func TestCoalescing(t *testing.T) {
	now := time.Unix(1000, 0)
	c := coalescer{window: 100 * time.Millisecond, limit: 10}
	c.change(1)
	if !c.due(now) {
		t.Fatal("the first change waits")
	}
	c.flush(now)
	c.change(1)
	if c.due(now.Add(99 * time.Millisecond)) {
		t.Error("a change inside the window went early")
	}
	if !c.due(now.Add(100*time.Millisecond)) || !c.next().Equal(now.Add(100*time.Millisecond)) {
		t.Error("the window's end does not release the change")
	}
	c.change(9)
	if !c.due(now.Add(time.Millisecond)) {
		t.Error("ten changes wait")
	}
	c.flush(now.Add(time.Millisecond))
	if c.due(now.Add(time.Hour)) {
		t.Error("nothing is pending and yet due")
	}
}

func TestBackoffBounds(t *testing.T) {
	for range 100 {
		var full, half backoff
		bound := 100 * time.Millisecond
		for range 12 {
			if d := full.full(100*time.Millisecond, 30*time.Second); d < 0 || d > bound {
				t.Fatalf("full jitter %v, bound %v", d, bound)
			}
			if d := half.half(100*time.Millisecond, 30*time.Second); d < bound/2 || d > bound {
				t.Fatalf("half jitter %v, bound %v", d, bound)
			}
			bound = min(2*bound, 30*time.Second)
		}
	}
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		err, cause error
		kind       faultKind
		says       string
	}{
		{io.EOF, nil, faultCut, "ended the stream"},
		{errors.New("x"), errStalled, faultCut, "stalled"},
		{status.Error(codes.Unauthenticated, "No valid auth token"), nil, faultRefused, "token"},
		{status.Error(codes.Unimplemented, "unknown service"), nil, faultRefused, "URL"},
		{status.Error(codes.InvalidArgument, "failed to create filter: x"), nil, faultFilter, "failed to create filter: x"},
		{status.Error(codes.ResourceExhausted, "max subscription limit exceeded"), nil, faultLimited, "limit"},
		{status.Error(codes.ResourceExhausted, "grpc: received message larger than max (70 vs. 64)"), nil, faultTooLarge, "raise it"},
		{status.Error(codes.OutOfRange, "broadcast from 1 is not available"), nil, faultCut, "gone"},
		{status.Error(codes.Internal, "lagged to send an update"), nil, faultCut, "lagged"},
		{status.Error(codes.Unavailable, "bye"), nil, faultCut, "bye"},
	} {
		if f := classify(c.err, c.cause); f.kind != c.kind || !strings.Contains(f.reason, c.says) {
			t.Errorf("%v: kind %d, reason %q; want kind %d, reason with %q", c.err, f.kind, f.reason, c.kind, c.says)
		}
	}
}

func TestEndpointsAreCheckedWithoutShowingSecrets(t *testing.T) {
	for url, says := range map[string]string{
		"example.org:443":                  "no scheme",
		"ftp://example.org":                "http or https",
		"https://":                         "no host",
		"https://example.org/canary-token": "token setting",
		"https://user:canary@example.org":  "token setting",
		"https://example.org?t=canary":     "token setting",
		"https://exa mple/canary":          "cannot be read",
	} {
		_, err := Endpoint{URL: url}.resolve(0)
		if !errors.Is(err, ErrEndpoint) || !strings.Contains(fmt.Sprint(err), says) {
			t.Errorf("%s: error %v, want one that says %q", url, err, says)
		}
		if strings.Contains(fmt.Sprint(err), "canary") {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
	for url, address := range map[string]string{
		"https://example.org": "example.org:443", "http://[::1]": "[::1]:80", "https://h:10000/": "h:10000",
	} {
		if got, err := (Endpoint{URL: url}).resolve(0); err != nil || got.address != address {
			t.Errorf("%s: %q, %v; want %q", url, got.address, err, address)
		}
	}
	token := func() string { return "canary" }
	for url, exposes := range map[string]bool{
		"http://localhost:1": false, "http://127.0.0.1:1": false, "http://example.org": true, "https://example.org": false,
	} {
		got, err := Endpoint{URL: url, Token: token}.resolve(0)
		if err != nil || got.exposesToken() != exposes {
			t.Errorf("%s: exposes the token: %v (%v), want %v", url, got.exposesToken(), err, exposes)
		}
		if text := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(text, "canary") {
			t.Errorf("formatting shows the token: %s", text)
		}
	}
}

func TestChooseEndpoint(t *testing.T) {
	now := time.Unix(1000, 0)
	a, b := &endpoint{target: target{address: "a"}}, &endpoint{target: target{address: "b"}}
	all := []*endpoint{a, b}
	if e, _ := choose(all, b, now); e != a {
		t.Error("the first healthy endpoint is not chosen")
	}
	a.fail("down", now.Add(time.Minute))
	if e, _ := choose(all, a, now); e != b {
		t.Error("an unhealthy endpoint is preferred to a healthy one")
	}
	b.fail("down", now.Add(time.Minute))
	if e, _ := choose(all, a, now); e != b {
		t.Error("with none healthy the next one in the round is not chosen")
	}
	if e, _ := choose(all, b, now); e != a {
		t.Error("the round does not go on")
	}
	a.refuse("token", now)
	b.refuse("token", now)
	if _, from := choose(all, a, now); from.Before(now.Add(refusedBase / 2)) {
		t.Errorf("refused everywhere, and yet tried in %v", from.Sub(now))
	}
	if e, _ := choose(all, a, now.Add(refusedCap)); e != a {
		t.Error("a refusal never ends")
	}
}

func TestPacerBoundsAnySecond(t *testing.T) {
	p := pacer{limit: 3}
	now := time.Unix(1000, 0)
	var sent []time.Time
	for range 20 {
		now = p.next(now)
		p.sent(now)
		sent = append(sent, now)
		now = now.Add(10 * time.Millisecond)
	}
	for i := 3; i < len(sent); i++ {
		if sent[i].Sub(sent[i-3]) < time.Second {
			t.Errorf("updates %d to %d came within %v", i-3, i, sent[i].Sub(sent[i-3]))
		}
	}
	if free := (&pacer{}); !free.next(now).Equal(now) {
		t.Error("an unlimited pacer waits")
	}
}
