package upstream

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"weir/host/geyser"
	"weir/host/metrics"
)

// planner holds all state of connections and streams. It is used by one goroutine, Pool.Run's, and needs no locks: Set
// reaches it through an inbox, everything else by events. Each turn of its loop looks at the whole state and does what
// is due, so a lost or doubled wake-up is harmless.
type planner struct {
	set  *Settings
	log  *slog.Logger
	pool *Pool

	ctx       context.Context // Run's: its end stops the planner
	streamCtx context.Context // of attempts, which end by stop
	linkCtx   context.Context // of dials and watchers: ends when the attempts have ended
	runners   sync.WaitGroup  // attempts
	watchers  sync.WaitGroup  // dials and watchers
	events    chan event
	wake      time.Time // when the next turn is due at the latest, zero for never

	provider  *geyser.ServerLimits
	endpoints []*endpoint
	names     geyser.Names
	limiter   *limiter
	coalesce  coalescer
	pace      pacer
	suspects  suspects

	wants     []Want
	heldBack  []Want    // newer ones, which wait for the coalescing window
	changedAt time.Time // of the oldest change that the current plan follows
	pendingAt time.Time // of the oldest change that waits for the coalescing window
	retryAt   time.Time // when a refused monitor is due for another try, zero for none
	replan    bool
	dirty     bool // a request has changed since this turn began to look

	links      map[int]*link
	transports map[*transport]struct{} // not closed, those after a GOAWAY included
	subs       []*subscription
	ending     map[*attempt]Feed // stopped, not ended
	handovers  map[routeKey]handover
	placed     map[string]seated
	waiting    map[string]string
	warnings   []string
	nextLink   int
	nextSub    int
}

func newPlanner(ctx context.Context, pool *Pool) *planner {
	set := &pool.set
	return &planner{
		set: set, log: set.Logger, pool: pool, ctx: ctx,
		events:     make(chan event, eventQueue),
		provider:   set.Limits.Server(),
		endpoints:  pool.newEndpoints(),
		limiter:    newLimiter(set.ConnectRate, set.ConnectWindow),
		coalesce:   coalescer{window: set.CoalesceWindow, limit: set.CoalesceMax},
		pace:       pacer{limit: max(set.Limits.ResubscribesPerSecond, 0)},
		suspects:   newSuspects(),
		links:      map[int]*link{},
		transports: map[*transport]struct{}{},
		ending:     map[*attempt]Feed{},
		handovers:  map[routeKey]handover{},
		placed:     map[string]seated{},
		nextLink:   1,
	}
}

// run is the planner's loop.
func (p *planner) run() {
	base := context.WithoutCancel(p.ctx)
	var endStreams, endLinks context.CancelFunc
	p.streamCtx, endStreams = context.WithCancel(base)
	p.linkCtx, endLinks = context.WithCancel(base)
	defer p.shutdown(endStreams, endLinks)

	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		p.turn(time.Now())
		var due <-chan time.Time
		if !p.wake.IsZero() {
			timer.Reset(time.Until(p.wake))
			due = timer.C
		}
		select {
		case <-p.ctx.Done():
			return
		case <-p.pool.inbox.full:
		case <-due:
		case ev := <-p.events:
			p.handle(ev, time.Now())
			p.handleMore(time.Now())
		}
	}
}

// handleMore takes what else has happened, up to a queue's worth, before the state is looked at again.
func (p *planner) handleMore(now time.Time) {
	for range eventQueue {
		select {
		case ev := <-p.events:
			p.handle(ev, now)
		default:
			return
		}
	}
}

// turn does everything that is due.
func (p *planner) turn(now time.Time) {
	p.wake = time.Time{}
	p.takeWants(now)
	if !p.retryAt.IsZero() && !now.Before(p.retryAt) {
		p.replan = true
	}
	for again := true; again; again = p.replan || p.dirty {
		p.dirty = false
		if p.replan {
			p.follow(now)
		}
		p.closeDrained()
		p.stepLinks(now)
		p.stepSubs(now)
		p.grantTokens(now)
	}
	if !p.retryAt.IsZero() {
		p.wakeAt(p.retryAt)
	}
	p.publish(now)
}

// wakeAt asks for a turn at t or before.
func (p *planner) wakeAt(t time.Time) {
	if p.wake.IsZero() || t.Before(p.wake) {
		p.wake = t
	}
}

// emit hands an event to the planner. It is called by the other goroutines, and gives up when the pool stops.
func (p *planner) emit(ev event) {
	select {
	case p.events <- ev:
	case <-p.ctx.Done():
	}
}

func (p *planner) handle(ev event, now time.Time) {
	switch ev.kind {
	case evDialed:
		p.onDialed(ev, now)
		return
	case evLost:
		p.onLost(ev, now)
		return
	case evEnded:
		p.onEnded(ev, now)
		return
	}
	s := ev.attempt.sub
	if s.attempt != ev.attempt {
		return
	}
	switch ev.kind {
	case evLive:
		p.onLive(s, now)
	case evSent:
		p.onSent(s, ev.seq, now)
	case evConfirmed:
		p.confirm(s, ev.seq, now)
	}
}

// takeWants passes changes from the inbox through the coalescing window.
func (p *planner) takeWants(now time.Time) {
	wants, changes := p.pool.inbox.take()
	if changes > 0 {
		if p.coalesce.pending == 0 {
			p.pendingAt = now
		}
		p.coalesce.change(changes)
		p.heldBack = wants
	}
	if p.coalesce.due(now) {
		p.coalesce.flush(now)
		p.wants, p.heldBack = p.heldBack, nil
		p.changedAt = p.pendingAt
		p.replan = true
		return
	}
	if at := p.coalesce.next(); !at.IsZero() {
		p.wakeAt(at)
	}
}

// follow makes a plan for the present wants and starts to carry it out.
func (p *planner) follow(now time.Time) {
	p.replan = false
	wants, waiting, retry := p.suspects.admit(p.wants, now)
	p.retryAt = retry
	var members []*member
	for _, w := range wants {
		if reason := unusable(w); reason != "" {
			waiting[w.Monitor] = reason
			continue
		}
		members = append(members, &member{want: w})
	}
	plan := makePlan(p.state(), members)
	maps.Copy(waiting, plan.waiting)
	p.waiting, p.nextLink = waiting, plan.nextID
	p.setWarnings(plan.warnings)
	p.applySeats(plan, now)
	p.applyStreams(plan, now)
}

func unusable(w Want) string {
	if w.Declared == nil || len(w.Declared.Filters) == 0 {
		return "it declares no filters"
	}
	return ""
}

func (p *planner) setWarnings(warnings []string) {
	for _, w := range warnings {
		if !slices.Contains(p.warnings, w) {
			p.log.Warn(w)
		}
	}
	p.warnings = warnings
}

// state collects what a plan starts from.
func (p *planner) state() *state {
	st := &state{
		set: p.set, names: &p.names, prev: map[int]Group{}, stays: p.placed, nextID: p.nextLink,
		subs: map[laneKey][]*subscription{},
	}
	var spare []*link
	for _, l := range p.sortedLinks() {
		if l.members > 0 {
			st.prev[l.id] = l.class
		} else if p.subsOn(l) == 0 {
			spare = append(spare, l)
		}
	}
	slices.SortStableFunc(spare, func(a, b *link) int { return b.since.Compare(a.since) })
	for _, l := range spare {
		st.spare = append(st.spare, l.id)
	}
	for _, s := range p.subs {
		if s.wanted {
			st.subs[s.key] = append(st.subs[s.key], s)
		}
	}
	return st
}

func (p *planner) applySeats(plan *plan, now time.Time) {
	for _, l := range p.links {
		l.members = 0
	}
	clear(p.placed)
	for _, s := range plan.seats {
		l := p.links[s.id]
		if l == nil {
			l = &link{id: s.id, state: Waiting, since: now}
			p.links[s.id] = l
		}
		l.class, l.members = s.class, len(s.members)
		for _, m := range s.members {
			p.placed[m.want.Monitor] = seated{s.id, m.want.Group}
		}
	}
}

func (p *planner) applyStreams(plan *plan, now time.Time) {
	served := p.servedRoutes()
	for _, s := range p.subs {
		s.wanted, s.target = false, geyser.Bin{}
	}
	for _, ps := range plan.streams {
		s := ps.from
		if s == nil {
			s = p.newSub(ps.key, now)
		}
		s.wanted, s.target = true, ps.bin
		s.link = p.links[ps.key.seat]
	}
	p.startHandovers(served)
	for _, s := range slices.Clone(p.subs) {
		if !s.wanted {
			s.reason = "its monitors are served elsewhere, or not wanted any more"
		}
		p.refresh(s)
	}
}

func (p *planner) newSub(k laneKey, now time.Time) *subscription {
	p.nextSub++
	s := &subscription{
		id: fmt.Sprintf("s%d", p.nextSub), number: p.nextSub, key: k, metrics: new(metrics.Stream),
		state: Waiting, since: now,
	}
	s.feed = p.set.Router.Open(s.id, s.metrics)
	p.subs = append(p.subs, s)
	return s
}

// closeDrained closes the streams that are not wanted and hold nothing for others.
func (p *planner) closeDrained() {
	holds := map[*subscription]bool{}
	for _, h := range p.handovers {
		holds[h.from] = true
	}
	for _, s := range slices.Clone(p.subs) {
		if !s.wanted && !holds[s] {
			p.closeSub(s)
		}
	}
}

// dropDraining closes all streams that are not wanted, whatever they hold. It returns whether there were any.
func (p *planner) dropDraining() bool {
	dropped := false
	for _, s := range slices.Clone(p.subs) {
		if !s.wanted {
			p.loseHandovers(s)
			p.closeSub(s)
			dropped = true
		}
	}
	return dropped
}

func (p *planner) sortedLinks() []*link {
	return slices.SortedFunc(maps.Values(p.links), func(a, b *link) int { return cmp.Compare(a.id, b.id) })
}

func (p *planner) subsOn(l *link) int {
	n := 0
	for _, s := range p.subs {
		if s.link == l {
			n++
		}
	}
	return n
}

// shutdown ends the streams politely, then the connections, and waits for all goroutines.
func (p *planner) shutdown(endStreams, endLinks context.CancelFunc) {
	for _, s := range p.subs {
		if s.attempt != nil {
			s.attempt.stop()
		}
	}
	p.runners.Wait()
	endStreams()
	endLinks()
	for t := range p.transports {
		_ = t.conn.Close() // closing twice is an error without meaning
	}
	p.watchers.Wait()
	for _, s := range p.subs {
		s.feed.Close()
	}
	for _, f := range p.ending {
		f.Close()
	}
}
