package upstream

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"weir/host/metrics"
)

// published is the planner's state for everybody else. It is immutable.
type published struct {
	base    Snapshot          // without what changes by itself: time, counts, tokens
	counts  []*metrics.Stream // of base.Streams
	rate    limiterView
	changed chan struct{} // closed when the next one is there
}

// Snapshot returns the pool's present state. Counts and tokens are those of the moment of the call.
func (p *Pool) Snapshot() Snapshot {
	pub := p.state.Load()
	s := pub.base
	s.At = time.Now()
	s.Rate = pub.rate.status(s.At)
	s.Streams = slices.Clone(s.Streams)
	for i, m := range pub.counts {
		s.Streams[i].Counts = countsOf(m)
	}
	return s
}

// Changed returns a channel that is closed at the next change. Take it before Snapshot, so that no change is missed.
func (p *Pool) Changed() <-chan struct{} { return p.state.Load().changed }

func countsOf(m *metrics.Stream) StreamCounts {
	c := StreamCounts{
		Received: m.Received.Load(), ReceivedBytes: m.ReceivedBytes.Load(), Pings: m.Pings.Load(),
		Unrouted: m.Unrouted.Load(), Malformed: m.Malformed.Load(), Updates: m.Updates.Load(),
		Reconnects: m.Reconnects.Load(),
	}
	if at := m.LastUpdate.Load(); at != 0 {
		c.LastUpdate = time.Unix(0, at)
	}
	return c
}

// publish makes the present state visible.
func (p *planner) publish(now time.Time) {
	pub := &published{rate: p.limiter.view(), changed: make(chan struct{})}
	b := &pub.base
	b.MaxStreams, b.Queue, b.Warnings = p.set.streamLimit(), p.coalesce.pending, p.warnings
	for _, e := range p.endpoints {
		b.Endpoints = append(b.Endpoints, EndpointStatus{
			Name: e.Name, Healthy: e.healthy(now), Reason: e.reason, Until: e.until,
		})
	}
	slices.SortFunc(p.subs, func(a, c *subscription) int { return cmp.Compare(a.number, c.number) })
	for _, s := range p.subs {
		b.Streams = append(b.Streams, s.status())
		pub.counts = append(pub.counts, s.metrics)
	}
	for _, l := range p.sortedLinks() {
		b.Connections = append(b.Connections, p.linkStatus(l))
	}
	b.Groups = p.allotments()
	b.Monitors = p.placements()
	old := p.pool.state.Swap(pub)
	close(old.changed)
}

func (s *subscription) status() Stream {
	st := Stream{
		ID: s.id, Connection: s.link.name(), Lane: s.key.lane.String(), Dedicated: s.key.alone != "",
		State: s.state, Reason: s.reason, Since: s.since, Request: s.request, Routes: s.active,
		LastError: s.lastError, CutAt: s.cutAt, RestoredAt: s.restoredAt,
	}
	if !s.wanted {
		st.State = Draining
	}
	for _, w := range s.target.Wants {
		st.Monitors = append(st.Monitors, w.Monitor)
	}
	return st
}

func (p *planner) linkStatus(l *link) Connection {
	c := Connection{
		ID: l.name(), Group: l.class, State: l.state, Reason: l.reason, Since: l.since,
		ConnectTime: l.connectTime, Monitors: l.members,
	}
	if l.endpoint != nil {
		c.Endpoint = l.endpoint.Name
	}
	for _, s := range p.subs {
		if s.link == l {
			c.Streams = append(c.Streams, s.id)
		}
	}
	return c
}

func (p *planner) allotments() []Allotment {
	share := allot(p.set.MaxConnections, p.set.Shares, p.set.Reserve)
	used, monitors := map[Group]int{}, map[Group]int{}
	for _, l := range p.links {
		if l.members > 0 {
			used[l.class]++
		}
	}
	for _, w := range p.wants {
		monitors[w.Group]++
	}
	var all []Allotment
	for _, c := range classes {
		all = append(all, Allotment{Group: c, Connections: share[c], Used: used[c], Monitors: monitors[c]})
	}
	return all
}

// placements tells for each monitor where it is served. A monitor on its way between two streams is live on the old one.
func (p *planner) placements() []Placement {
	all := make(map[string]*Placement, len(p.wants))
	for _, w := range p.wants {
		all[w.Monitor] = &Placement{Monitor: w.Monitor, Group: w.Group, State: Waiting, Reason: p.waiting[w.Monitor]}
		if at, ok := p.placed[w.Monitor]; ok && p.links[at.seat] != nil {
			all[w.Monitor].Connection = linkName(at.seat)
		}
	}
	moving := map[string]bool{}
	for k := range p.handovers {
		moving[k.monitor] = true
	}
	for _, s := range p.subs {
		for _, w := range s.target.Wants {
			if a := all[w.Monitor]; a != nil {
				a.onStream(s, moving[w.Monitor], p.waiting[w.Monitor])
			}
		}
	}
	return slices.SortedFunc(func(yield func(Placement) bool) {
		for a := range maps.Values(all) {
			if !yield(*a) {
				return
			}
		}
	}, func(a, b Placement) int { return cmp.Compare(a.Monitor, b.Monitor) })
}

// onStream adds one of the monitor's streams: it is live when all of them are.
func (a *Placement) onStream(s *subscription, moving bool, waiting string) {
	first := len(a.Streams) == 0
	a.Streams = append(a.Streams, s.id)
	live := (s.serves(a.Monitor) || moving) && waiting == ""
	switch {
	case live && first:
		a.State, a.Reason = Live, ""
	case !live:
		a.State = Waiting
		if waiting == "" {
			a.Reason = s.reason
		}
		if a.Reason == "" {
			a.Reason = "its filters are on their way to the server"
		}
	}
}
