package geyser

import "slices"

// condense joins filters in the sections that have too many, the cheapest pair first.
func (p *packer) condense(d *draft, counts []int) *shortage {
	for s, n := range counts {
		limit := p.limits.Filters.of(s)
		if n == 0 || len(d.bin.clusters[s])+n <= limit {
			continue
		}
		list := slices.Clone(d.bin.clusters[s])
		for _, c := range d.fresh {
			if c.section == s {
				list = append(list, p.single(c))
			}
		}
		before := size(list)
		for len(list) > limit {
			i, j, best := p.cheapest(list)
			if best.msg == nil {
				at := slices.IndexFunc(d.pieces, func(pc piece) bool { return pc.server.section == s })
				return p.shortOfFilters(d.pieces[at])
			}
			d.cost += best.cost
			list[i] = merged(list[i], list[j], best)
			list = slices.Delete(list, j, j+1)
		}
		d.bytes += size(list) - before
		if d.clusters == nil {
			d.clusters = make([][]*cluster, len(sections))
		}
		d.clusters[s] = list
		d.fresh = slices.DeleteFunc(d.fresh, func(c *canonical) bool { return c.section == s })
	}
	return nil
}

func merged(a, b *cluster, j joint) *cluster {
	return &cluster{newCanonical(a.server.section, j.msg), append(slices.Clip(a.members), b.members...)}
}

func size(list []*cluster) int {
	n := 0
	for _, c := range list {
		n += c.server.size
	}
	return n
}

// cheapest finds the pair whose join costs least, the first of equals. The joint is empty when no two can be joined.
func (p *packer) cheapest(list []*cluster) (int, int, joint) {
	bi, bj, best := 0, 0, joint{}
	for i := range list {
		for j := i + 1; j < len(list); j++ {
			key := [2]*cluster{list[i], list[j]}
			t, ok := p.joints[key]
			if !ok {
				t = p.widener.join(list[i].server, list[j].server)
				p.joints[key] = t
			}
			if t.msg != nil && (best.msg == nil || t.cost < best.cost) {
				bi, bj, best = i, j, t
			}
		}
	}
	return bi, bj, best
}

// single returns the cluster of one filter alone, the same one each time, so that the prices of its joins are found once.
func (p *packer) single(c *canonical) *cluster {
	cl := p.singles[c.key]
	if cl == nil {
		cl = &cluster{c, []*canonical{c}}
		p.singles[c.key] = cl
	}
	return cl
}
