package upstream

import (
	"context"
	"maps"
	"slices"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
	"weir/host/metrics"
)

// confirmAfter is how long a request may go unconfirmed before a server that sends updates is taken to have it in force:
// not every proxy passes pongs on.
const confirmAfter = 3 * time.Second

// subscription is a planned stream and, while there is one, its attempt. It belongs to the planner, except for feed and
// metrics, which the running attempt uses.
type subscription struct {
	id     string
	number int // creation order
	key    laneKey
	link   *link
	wanted bool       // in the plan; otherwise it drains
	target geyser.Bin // what the plan wants of it

	feed    Feed
	metrics *metrics.Stream
	active  []geyser.Route // what the feed has

	request   *pb.SubscribeRequest // the newest one composed
	seq       int                  // its number
	sent      int                  // the number handed to the running attempt, 0 for none
	sentAt    time.Time
	sentNames map[string]bool // the filters of that request
	confirmed int             // the number that the server has in force, 0 for none
	force     map[string]bool // the filters of that request
	lastForce map[string]bool // force, and still known when the stream has ended
	changedAt time.Time       // when the oldest change in an unsent request was wanted, for metrics

	// resume may add to the first request of an attempt, which is a copy: the place for from_slot.
	resume func(*pb.SubscribeRequest)

	closed     bool
	state      State
	reason     string
	since      time.Time
	lastError  string
	cutAt      time.Time
	restoredAt time.Time

	attempt  *attempt
	tokenOut bool // the running attempt's token has not been completed
	liveAt   time.Time
	asked    *request
	tries    backoff
	nextTry  time.Time
}

func (s *subscription) become(st State, reason string, now time.Time) {
	if s.state != st {
		s.since = now
	}
	s.state, s.reason = st, reason
}

// inForce tells whether the server serves the newest request.
func (s *subscription) inForce() bool {
	return s.state == Live && s.seq > 0 && s.confirmed == s.seq
}

// stepSubs starts attempts where there is a connection for them, and sends changed requests.
func (p *planner) stepSubs(now time.Time) {
	for _, s := range slices.Clone(p.subs) {
		if s.attempt == nil && !s.closed {
			p.wantSubscribe(s, now)
			continue
		}
		if s.state != Live || s.closed {
			continue
		}
		if s.sent != s.seq {
			p.sendUpdate(s, now)
		}
		if s.confirmed < s.sent {
			at := s.sentAt.Add(confirmAfter)
			if now.Before(at) {
				p.wakeAt(at)
			} else {
				p.confirm(s, s.sent, now)
			}
		}
	}
}

// wantSubscribe queues the stream for a token once its back-off is over and its link is ready.
func (p *planner) wantSubscribe(s *subscription, now time.Time) {
	t := s.link.transport
	switch {
	case s.asked != nil:
		if t == nil {
			p.limiter.drop(s.asked)
			s.asked = nil
		}
		return
	case s.request == nil:
		return // compose has said why
	case now.Before(s.nextTry):
		s.become(Waiting, s.lastError, now)
		p.wakeAt(s.nextTry)
		return
	case t == nil:
		reason := "waits for its connection"
		if s.link.reason != "" {
			reason = s.link.reason
		}
		s.become(Waiting, reason, now)
		return
	case !p.streamRoom():
		s.become(Waiting, "max_streams reached: waits until a draining stream has ended", now)
		return
	}
	s.asked = &request{since: now, sub: s}
	s.become(Waiting, "waits for a token of the connect rate", now)
	p.limiter.ask(s.asked)
}

// streamRoom sees to it that one more stream is allowed: what is only draining gives way.
func (p *planner) streamRoom() bool {
	limit := p.set.streamLimit()
	if limit == 0 {
		return true
	}
	n := len(p.ending)
	for _, s := range p.subs {
		if s.attempt != nil || s.asked != nil {
			n++
		}
	}
	if n < limit {
		return true
	}
	p.dropDraining()
	return false
}

// grantTokens hands out what the rate limit allows.
func (p *planner) grantTokens(now time.Time) {
	for {
		r := p.limiter.grant(now)
		if r == nil {
			break
		}
		waited := now.Sub(r.since)
		p.set.Metrics.RateWait.Observe(waited)
		if waited > 0 {
			p.set.Metrics.RateWaits.Inc()
		}
		if r.link != nil {
			p.dial(r.link, now)
		} else {
			p.subscribe(r.sub, now)
		}
	}
	if at := p.limiter.next(now); !at.IsZero() {
		p.wakeAt(at)
	}
}

// subscribe starts an attempt. The first request is sent by it, in full, and may carry what resume adds.
func (p *planner) subscribe(s *subscription, now time.Time) {
	s.asked = nil
	t := s.link.transport
	if t == nil {
		p.limiter.refund()
		return
	}
	ctx, cancel := context.WithCancelCause(p.streamCtx)
	a := &attempt{
		sub: s, transport: t, feed: s.feed, metrics: s.metrics, stall: p.set.StallAfter, emit: p.emit,
		mail: newMailbox(), stopping: make(chan struct{}), cancel: cancel,
	}
	first := s.request
	if s.resume != nil {
		first = proto.CloneOf(first)
		s.resume(first)
	}
	a.mail.put(first, s.seq)
	s.attempt, s.tokenOut, s.confirmed = a, true, 0
	s.handOut(now)
	t.attempts++
	s.become(Subscribing, "", now)
	p.set.Metrics.Subscribes.Inc()
	p.runners.Go(func() { a.run(ctx) })
}

// sendUpdate hands the newest request to the attempt's sender, at the pace that stream and provider allow.
func (p *planner) sendUpdate(s *subscription, now time.Time) {
	if at := s.sentAt.Add(max(p.set.UpdatePace, 0)); now.Before(at) {
		p.wakeAt(at)
		return
	}
	if at := p.pace.next(now); now.Before(at) {
		p.wakeAt(at)
		return
	}
	p.pace.sent(now)
	s.handOut(now)
	s.attempt.mail.put(s.request, s.seq)
	s.metrics.Updates.Inc()
	p.set.Metrics.FilterUpdates.Inc()
}

// handOut notes that the newest request was given to the attempt.
func (s *subscription) handOut(now time.Time) {
	s.sent, s.sentAt, s.sentNames = s.seq, now, filterNames(s.request)
	maps.DeleteFunc(s.force, func(name string, _ bool) bool { return !s.sentNames[name] })
}

// serves tells whether the server has every filter of monitor in force here.
func (s *subscription) serves(monitor string) bool {
	if s.state != Live {
		return false
	}
	for _, r := range s.target.Routes {
		if r.Monitor == monitor && !s.force[r.Name] {
			return false
		}
	}
	return true
}

func (p *planner) onLive(s *subscription, now time.Time) {
	s.liveAt = now
	s.become(Live, "", now)
	s.attempt.transport.endpoint.served()
	if !s.cutAt.IsZero() && s.restoredAt.Before(s.cutAt) {
		s.restoredAt = now
		s.metrics.Reconnects.Inc()
		p.log.Warn("stream restored; updates of the time between may be missing", "stream", s.id,
			"cut", s.cutAt, "for", now.Sub(s.cutAt))
	}
}

func (p *planner) onSent(s *subscription, seq int, now time.Time) {
	if seq == s.seq && !s.changedAt.IsZero() {
		p.set.Metrics.Placement.Observe(now.Sub(s.changedAt))
		s.changedAt = time.Time{}
	}
}

// confirm takes note that the server has request seq in force: routes that were kept for what it no longer sends go, and
// monitors that moved here are handed over.
func (p *planner) confirm(s *subscription, seq int, now time.Time) {
	if seq <= s.confirmed || seq > s.sent {
		return
	}
	p.completeToken(s, now)
	s.confirmed = seq
	if seq != s.sent {
		return // a newer request is on its way already
	}
	s.force, s.lastForce = maps.Clone(s.sentNames), s.sentNames
	if p.suspects.accept(s) {
		p.replan = true
	}
	p.finishHandovers(s)
	p.refresh(s)
}

func (p *planner) completeToken(s *subscription, now time.Time) {
	if s.tokenOut {
		s.tokenOut = false
		p.limiter.complete(now)
	}
}

// onEnded reads why a stream ended and decides when it is tried again.
func (p *planner) onEnded(ev event, now time.Time) {
	s := ev.attempt.sub
	t := ev.attempt.transport
	t.attempts--
	p.release(t)
	p.completeToken(s, now)
	if s.attempt != ev.attempt { // it was stopped by closeSub
		delete(p.ending, ev.attempt)
		s.feed.Close()
		return
	}
	wasLive := s.state == Live
	s.attempt, s.sent, s.confirmed, s.force = nil, 0, 0, nil
	if wasLive && now.Sub(s.liveAt) >= settled {
		s.tries.reset()
	}
	if wasLive {
		s.cutAt = now
	} else {
		p.set.Metrics.SubscribeErrors.Inc()
	}
	p.loseHandovers(s)
	if !s.wanted {
		p.closeSub(s)
		return
	}
	f := classify(ev.err, ev.cause)
	if f.kind == faultCut && t.endpoint.refused {
		f.reason = t.endpoint.reason // closed by abandon
	}
	p.onFault(s, t, f, now)
	p.refresh(s)
}

func (p *planner) onFault(s *subscription, t *transport, f fault, now time.Time) {
	s.lastError = f.reason
	delay := s.tries.full(p.set.BackoffBase, p.set.BackoffCap)
	switch f.kind {
	case faultRefused:
		t.endpoint.refuse(f.reason, now)
		p.abandon(t, f.reason, now)
	case faultFilter:
		p.suspect(s, f.reason, now)
	case faultLimited:
		delay = s.tries.half(limitedBase, limitedCap)
	}
	s.nextTry = now.Add(delay)
	s.become(Waiting, f.reason, now)
	p.log.Warn("stream ended", "stream", s.id, "connection", s.link.name(), "endpoint", t.endpoint.Name,
		"reason", f.reason, "next", delay)
}

// abandon closes the connection to an endpoint that refuses us, so that the next dial may choose another one.
func (p *planner) abandon(t *transport, reason string, now time.Time) {
	for _, l := range p.links {
		if l.transport == t {
			p.closeLink(l)
			l.become(Waiting, reason, now)
		}
	}
}

// closeSub ends a stream that is no longer wanted. Its feed routes nothing from here on, and is closed when the receiving
// goroutine has ended.
func (p *planner) closeSub(s *subscription) {
	s.closed = true
	if s.asked != nil {
		p.limiter.drop(s.asked)
		s.asked = nil
	}
	if a := s.attempt; a != nil {
		s.feed.Routes(nil)
		s.attempt = nil
		p.ending[a] = s.feed
		a.stop()
	} else {
		s.feed.Close()
	}
	p.subs = slices.DeleteFunc(p.subs, func(o *subscription) bool { return o == s })
}
