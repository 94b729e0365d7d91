package geyser

import (
	"cmp"
	"slices"
	"strings"
)

// result makes the plan of the bins in use.
func (p *packer) result() ([]Bin, error) {
	var bins []Bin
	for _, b := range p.bins {
		if b.empty() {
			continue
		}
		out, err := p.finish(b)
		if err != nil {
			return nil, err
		}
		bins = append(bins, out)
	}
	return bins, nil
}

func (p *packer) finish(b *bin) (Bin, error) {
	out := Bin{Request: p.lane.request(), Prev: b.prev}
	names := make(map[*cluster]string)
	for s, list := range b.clusters {
		for _, c := range list {
			names[c] = p.names.of(c.server)
			setFilter(out.Request, s, names[c], c.server.msg)
		}
	}
	last := (*item)(nil)
	for _, u := range b.users {
		r, err := p.route(b, u)
		if err != nil {
			return Bin{}, err
		}
		r.Name = names[b.index[u.piece.server.key]]
		out.Routes = append(out.Routes, r)
		out.placed = append(out.placed, placement{u.item.want.Monitor, u.piece.bit, u.piece.server.key, u.order})
		if u.item != last {
			last = u.item
			out.Wants = append(out.Wants, u.item.want)
		}
	}
	out.Wants = slices.CompactFunc(out.Wants, func(a, b Want) bool { return a.Monitor == b.Monitor })
	out.Routes = tidy(out.Routes)
	return out, nil
}

// route makes a user's route without its name.
func (p *packer) route(b *bin, u user) (Route, error) {
	r := Route{Monitor: u.item.want.Monitor, Bit: u.piece.bit}
	check := u.piece.recheck
	if check == nil && b.index[u.piece.server.key].server.key != u.piece.server.key {
		check = p.widener.recheckOf(u.piece.server)
	}
	if check == nil {
		return r, nil
	}
	m, err := p.names.recheck(check, p.lane.Commitment)
	r.Recheck = m
	return r, err
}

// tidy sorts routes and drops those that another one for the same name, monitor and bit makes needless.
func tidy(routes []Route) []Route {
	slices.SortStableFunc(routes, func(a, b Route) int {
		return cmp.Or(compareRoutes(a, b), cmp.Compare(rank(a), rank(b)))
	})
	out := routes[:0]
	for _, r := range routes {
		if n := len(out); n > 0 && compareRoutes(out[n-1], r) == 0 && (out[n-1].Recheck == nil || out[n-1].Recheck == r.Recheck) {
			continue
		}
		out = append(out, r)
	}
	return out
}

func compareRoutes(a, b Route) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Monitor, b.Monitor), cmp.Compare(a.Bit, b.Bit))
}

// rank puts the route without re-check first.
func rank(r Route) int {
	if r.Recheck == nil {
		return 0
	}
	return 1
}
