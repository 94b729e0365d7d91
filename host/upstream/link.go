package upstream

import (
	"context"
	"time"
)

// link is a planned connection and, while there is one, its transport. It belongs to the planner.
type link struct {
	id      int
	class   Group // whose share it takes; empty while nobody uses it
	state   State
	reason  string
	since   time.Time
	members int // monitors placed on it

	transport   *transport
	endpoint    *endpoint // of the transport, or of the last dial
	connectTime time.Duration
	readySince  time.Time

	dialing context.CancelFunc // set while a dial is under way
	asked   *request           // set while it waits for a token
	tries   backoff
	nextTry time.Time
}

func (l *link) name() string { return linkName(l.id) }

func (l *link) become(s State, reason string, now time.Time) {
	if l.state != s {
		l.since = now
	}
	l.state, l.reason = s, reason
}

// open tells whether the link holds, or is about to hold, a connection that the provider counts.
func (l *link) open() bool { return l.transport != nil || l.dialing != nil }

// stepLinks brings each link towards what is wanted of it.
func (p *planner) stepLinks(now time.Time) {
	for _, l := range p.sortedLinks() {
		used := p.subsOn(l) > 0
		switch {
		case used && !l.open():
			p.wantDial(l, now)
		case !used && l.transport != nil && l.state != Idle:
			l.class = ""
			l.become(Idle, "", now)
		case !used && !l.open():
			p.forgetLink(l)
		case used && l.state == Idle:
			p.set.Metrics.Reused.Inc()
			l.become(Ready, "", now)
		}
	}
	p.closeIdle(now)
}

// wantDial queues the link for a token once its back-off and its endpoint allow a dial.
func (p *planner) wantDial(l *link, now time.Time) {
	if l.asked != nil {
		return
	}
	e, from := choose(p.endpoints, l.endpoint, now)
	if l.nextTry.After(from) {
		from = l.nextTry
	}
	if now.Before(from) {
		reason := l.reason
		if e.refused {
			reason = e.Name + ": " + e.reason
		}
		l.become(Waiting, reason, now)
		p.wakeAt(from)
		return
	}
	if !p.makeRoom(now) {
		l.become(Waiting, "max_connections reached: waits until a draining connection is closed", now)
		return
	}
	l.endpoint = e
	l.asked = &request{since: now, link: l}
	p.limiter.ask(l.asked)
}

// makeRoom sees to it that one more connection is allowed. It closes what nobody uses, then what is only draining.
func (p *planner) makeRoom(now time.Time) bool {
	for p.openLinks() >= p.set.MaxConnections {
		if l := p.oldestIdle(); l != nil {
			p.closeLink(l)
			p.forgetLink(l)
			continue
		}
		if !p.dropDraining() {
			return false
		}
		for _, l := range p.sortedLinks() {
			if l.transport != nil && p.subsOn(l) == 0 && l.state != Idle {
				l.become(Idle, "", now)
			}
		}
	}
	return true
}

// openLinks counts connections, and the tokens asked for to make some.
func (p *planner) openLinks() int {
	n := 0
	for _, l := range p.links {
		if l.open() || l.asked != nil {
			n++
		}
	}
	return n
}

// dial starts the one goroutine of a link's transport: it dials, then watches.
func (p *planner) dial(l *link, now time.Time) {
	ctx, cancel := context.WithCancel(p.linkCtx)
	l.dialing, l.asked = cancel, nil
	l.become(Connecting, "", now)
	p.set.Metrics.ConnectAttempts.Inc()
	e := l.endpoint
	p.watchers.Go(func() {
		defer cancel()
		start := time.Now()
		t, err := p.set.dial(ctx, e)
		p.emit(event{kind: evDialed, link: l, transport: t, err: err, took: time.Since(start)})
		if t == nil {
			return
		}
		t.watch(p.linkCtx)
		if p.linkCtx.Err() != nil {
			_ = t.conn.Close() // shutting down: nobody else may know of it yet
		}
		p.emit(event{kind: evLost, link: l, transport: t})
	})
}

func (p *planner) onDialed(ev event, now time.Time) {
	l := ev.link
	p.limiter.complete(now)
	l.dialing = nil
	if ev.err != nil {
		p.dialFailed(l, ev.err, now)
		return
	}
	p.set.Metrics.ConnectTime.Observe(ev.took)
	l.transport, l.connectTime, l.readySince = ev.transport, ev.took, now
	p.transports[ev.transport] = struct{}{}
	l.endpoint.dialed()
	l.become(Ready, "", now)
	p.log.Info("connected", "connection", l.name(), "endpoint", l.endpoint.Name, "took", ev.took)
}

func (p *planner) dialFailed(l *link, err error, now time.Time) {
	p.set.Metrics.ConnectErrors.Inc()
	l.nextTry = now.Add(l.tries.full(p.set.BackoffBase, p.set.BackoffCap))
	l.endpoint.fail(err.Error(), now.Add(p.set.BackoffCap))
	l.become(Failed, err.Error(), now)
	p.log.Warn("connection failed", "connection", l.name(), "endpoint", l.endpoint.Name, "error", err,
		"next", l.nextTry.Sub(now))
}

// onLost lets go of a transport. Its streams end by themselves, at once or, after a server's GOAWAY, when they are done.
func (p *planner) onLost(ev event, now time.Time) {
	ev.transport.lost = true
	p.release(ev.transport)
	l := ev.link
	if l.transport != ev.transport {
		return
	}
	l.transport = nil
	if now.Sub(l.readySince) >= settled {
		l.tries.reset()
	}
	l.nextTry = now.Add(l.tries.full(p.set.BackoffBase, p.set.BackoffCap))
	l.become(Failed, "the connection was lost", now)
	if p.subsOn(l) > 0 {
		p.log.Warn("connection lost", "connection", l.name(), "endpoint", ev.transport.endpoint.Name)
	}
}

// closeLink closes the transport; its streams end with it.
func (p *planner) closeLink(l *link) {
	if t := l.transport; t != nil {
		l.transport = nil
		t.lost = true
		_ = t.conn.Close() // ends the watcher, which reports a transport that nobody holds any more
		p.set.Metrics.Closed.Inc()
	}
}

// release closes a lost transport after its last stream.
func (p *planner) release(t *transport) {
	if t.lost && t.attempts == 0 {
		delete(p.transports, t)
		_ = t.conn.Close() // closing twice is an error without meaning
	}
}

// forgetLink removes a link without connection, streams or use.
func (p *planner) forgetLink(l *link) {
	if l.asked != nil {
		p.limiter.drop(l.asked)
		l.asked = nil
	}
	delete(p.links, l.id)
}

// closeIdle closes connections that were not used for IdleTTL, and the longest unused ones above IdleMax.
func (p *planner) closeIdle(now time.Time) {
	for {
		l := p.oldestIdle()
		if l == nil {
			return
		}
		end := l.since.Add(max(p.set.IdleTTL, 0))
		if p.idleLinks() <= max(p.set.IdleMax, 0) && now.Before(end) {
			p.wakeAt(end)
			return
		}
		p.closeLink(l)
		p.forgetLink(l)
	}
}

func (p *planner) idleLinks() int {
	n := 0
	for _, l := range p.links {
		if l.state == Idle {
			n++
		}
	}
	return n
}

func (p *planner) oldestIdle() *link {
	var oldest *link
	for _, l := range p.sortedLinks() {
		if l.state == Idle && (oldest == nil || l.since.Before(oldest.since)) {
			oldest = l
		}
	}
	return oldest
}
