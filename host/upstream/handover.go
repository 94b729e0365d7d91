package upstream

import (
	"slices"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
)

// routeKey is what makes two routes of different streams the same: one monitor's filter, under its server name.
type routeKey struct {
	name, monitor string
	bit           uint8
}

func keyOf(r geyser.Route) routeKey { return routeKey{r.Name, r.Monitor, r.Bit} }

// handover is a route on its way from one stream to another. The old stream keeps its filter and routes it until the
// server has confirmed the new stream's request; then the planner switches both feeds, the new one first. Until the
// switch the new stream's updates for the route are dropped, after it the old one's are. So an update comes twice or not
// at all only when it is in flight at the switch and the two streams are not equally far; making that exact takes
// de-duplication by key and an overlap on purpose.
type handover struct{ from, to *subscription }

// servedRoutes tells which stream serves each route now: the server has its filter in force there, and the feed routes it.
func (p *planner) servedRoutes() map[routeKey]*subscription {
	served := map[routeKey]*subscription{}
	for _, s := range p.subs {
		if s.state != Live {
			continue
		}
		for _, r := range s.active {
			k := keyOf(r)
			held := p.handovers[k].from == s
			if s.force[r.Name] && (held || hasRoute(s.target.Routes, k)) {
				served[k] = s
			}
		}
	}
	return served
}

// startHandovers finds the routes that the new targets move away from where they are served.
func (p *planner) startHandovers(served map[routeKey]*subscription) {
	clear(p.handovers)
	for _, to := range p.subs {
		for _, r := range to.target.Routes {
			k := keyOf(r)
			if from := served[k]; from != nil && from != to {
				p.handovers[k] = handover{from, to}
			}
		}
	}
}

func hasRoute(routes []geyser.Route, k routeKey) bool {
	return slices.ContainsFunc(routes, func(r geyser.Route) bool { return keyOf(r) == k })
}

// finishHandovers switches the routes that were on their way to s and whose filters are in force there now.
func (p *planner) finishHandovers(s *subscription) {
	p.endHandovers(func(k routeKey, h handover) bool { return h.to == s && s.force[k.name] })
}

// loseHandovers gives up what was kept on s, which has ended.
func (p *planner) loseHandovers(s *subscription) {
	p.endHandovers(func(_ routeKey, h handover) bool { return h.from == s })
}

func (p *planner) endHandovers(ends func(routeKey, handover) bool) {
	var to, from []*subscription
	for k, h := range p.handovers {
		if !ends(k, h) {
			continue
		}
		delete(p.handovers, k)
		p.dirty = true
		to, from = append(to, h.to), append(from, h.from)
	}
	for _, s := range append(to, from...) {
		p.refresh(s)
	}
}

// refresh brings the routes and the request of s up to date. The feed has its routes before the request is sent.
func (p *planner) refresh(s *subscription) {
	var held, routes []geyser.Route
	wanted := map[string]bool{}
	for _, w := range s.target.Wants {
		wanted[w.Monitor] = true
	}
	for _, r := range s.target.Routes {
		if p.handovers[keyOf(r)].to != s {
			routes = append(routes, r)
		}
	}
	for _, r := range s.active {
		if p.handovers[keyOf(r)].from == s {
			held = append(held, r)
		}
	}
	if s.wanted {
		p.compose(s, held)
	}
	routes = append(routes, held...)
	if !s.inForce() { // the server still sends what was just removed
		for _, r := range s.active {
			if !wanted[r.Monitor] && !hasRoute(routes, keyOf(r)) {
				routes = append(routes, r)
			}
		}
	}
	if !slices.Equal(routes, s.active) {
		s.active = routes
		s.feed.Routes(routes)
	}
}

// compose makes the request that s should have: its target's, and the filters of the routes that it still holds.
func (p *planner) compose(s *subscription, held []geyser.Route) {
	next := s.target.Request
	if len(held) > 0 && s.request != nil {
		next = withFilters(next, s.request, held)
		if _, err := geyser.Compile(next, p.provider); err != nil {
			next = s.target.Request
		}
	}
	if s.request != nil && proto.Equal(next, s.request) {
		return
	}
	if _, err := geyser.Compile(next, p.provider); err != nil { // one bad filter would end the stream for all
		p.log.Error("a merged request breaks the server's rules or the provider's limits and is not sent", "stream", s.id, "error", err)
		s.reason = err.Error()
		return
	}
	s.request = next
	s.seq++
	p.dirty = true
	if s.changedAt.IsZero() {
		s.changedAt = p.changedAt
	}
}

// withFilters returns base with those filters of from that routes name. Names are never used for two filters, so the
// sections can simply be joined.
func withFilters(base, from *pb.SubscribeRequest, routes []geyser.Route) *pb.SubscribeRequest {
	r := proto.CloneOf(base)
	for _, route := range routes {
		adopt(&r.Accounts, from.Accounts, route.Name)
		adopt(&r.Slots, from.Slots, route.Name)
		adopt(&r.Transactions, from.Transactions, route.Name)
		adopt(&r.TransactionsStatus, from.TransactionsStatus, route.Name)
		adopt(&r.Blocks, from.Blocks, route.Name)
		adopt(&r.BlocksMeta, from.BlocksMeta, route.Name)
		adopt(&r.Entry, from.Entry, route.Name)
		footers := geyser.BlockFooterNames(r)
		if slices.Contains(geyser.BlockFooterNames(from), route.Name) && !slices.Contains(footers, route.Name) {
			geyser.SetBlockFooterNames(r, append(footers, route.Name))
		}
	}
	return r
}

func adopt[M ~map[string]V, V any](to *M, from M, name string) {
	v, ok := from[name]
	if !ok {
		return
	}
	if *to == nil {
		*to = M{}
	}
	(*to)[name] = v
}

// filterNames returns the names of all filters in r.
func filterNames(r *pb.SubscribeRequest) map[string]bool {
	names := map[string]bool{}
	collect(names, r.Accounts)
	collect(names, r.Slots)
	collect(names, r.Transactions)
	collect(names, r.TransactionsStatus)
	collect(names, r.Blocks)
	collect(names, r.BlocksMeta)
	collect(names, r.Entry)
	for _, name := range geyser.BlockFooterNames(r) {
		names[name] = true
	}
	return names
}

func collect[M ~map[string]V, V any](names map[string]bool, section M) {
	for name := range section {
		names[name] = true
	}
}
