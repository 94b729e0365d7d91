package geyser

import (
	"maps"
	"slices"
)

// bin is one stream in the making.
type bin struct {
	prev     int          // see Bin.Prev
	clusters [][]*cluster // by section
	index    map[filterKey]*cluster
	bytes    int
	users    []user
}

// cluster is one filter as it will be sent, and the server filters that it stands for. It is immutable.
type cluster struct {
	server  *canonical
	members []*canonical
}

// user is a piece of an item in a bin.
type user struct {
	item  *item
	piece piece
	order int
}

// shortage says which limit keeps a piece out of a stream.
type shortage struct {
	limit string
	max   int
	piece piece
}

// draft is a bin's content with some pieces more, not yet put into effect.
type draft struct {
	bin      *bin
	pieces   []piece
	clusters [][]*cluster // nil where a section is only appended to
	fresh    []*canonical // the filters to append
	bytes    int
	cost     int // of widening
}

func newBin(prev int) *bin {
	return &bin{prev: prev, clusters: make([][]*cluster, len(sections)), index: make(map[filterKey]*cluster)}
}

func (b *bin) empty() bool { return len(b.users) == 0 }

// shared counts the pieces whose filter the stream has already.
func (b *bin) shared(pieces []piece) int {
	n := 0
	for _, pc := range pieces {
		if b.index[pc.server.key] != nil {
			n++
		}
	}
	return n
}

// draft tries pieces in b: as they are, or, with widen, joining filters where there are too many. The shortage is nil when
// they fit.
func (p *packer) draft(b *bin, pieces []piece, widen bool) (*draft, *shortage) {
	d := &draft{bin: b, pieces: pieces, bytes: b.bytes}
	counts := make([]int, len(sections))
	for _, pc := range pieces {
		c := pc.server
		if b.index[c.key] != nil || slices.ContainsFunc(d.fresh, func(f *canonical) bool { return f.key == c.key }) {
			continue
		}
		counts[c.section]++
		over := len(b.clusters[c.section])+counts[c.section] > p.limits.Filters.of(c.section)
		if over && !widen {
			return nil, p.shortOfFilters(pc)
		}
		d.fresh = append(d.fresh, c)
		d.bytes += c.size
	}
	if widen {
		if short := p.condense(d, counts); short != nil {
			return nil, short
		}
	}
	if d.bytes+p.requestBytes() > p.maxRequestBytes() {
		return nil, &shortage{"request_bytes", p.maxRequestBytes(), pieces[0]}
	}
	return d, nil
}

func (p *packer) shortOfFilters(pc piece) *shortage {
	return &shortage{"filters." + string(sections[pc.server.section].Name()), p.limits.Filters.of(pc.server.section), pc}
}

// commit puts a draft into effect and notes how to take it back.
func (p *packer) commit(it *item, d *draft) {
	b := d.bin
	clusters, bytes, users := slices.Clone(b.clusters), b.bytes, len(b.users)
	old := make(map[filterKey]*cluster)
	point := func(c *cluster) {
		for _, m := range c.members {
			if b.index[m.key] != c {
				old[m.key] = b.index[m.key]
				b.index[m.key] = c
			}
		}
	}
	for _, c := range d.fresh {
		cl := p.single(c)
		b.clusters[c.section] = append(b.clusters[c.section], cl)
		point(cl)
	}
	for s, list := range d.clusters {
		if list != nil {
			b.clusters[s] = list
			for _, c := range list {
				point(c)
			}
		}
	}
	b.bytes = d.bytes
	for _, pc := range d.pieces {
		b.users = append(b.users, user{it, pc, p.order})
		p.order++
	}
	p.undo = append(p.undo, func() {
		b.clusters, b.bytes, b.users = clusters, bytes, b.users[:users]
		maps.DeleteFunc(old, func(k filterKey, c *cluster) bool {
			if c == nil {
				delete(b.index, k)
			} else {
				b.index[k] = c
			}
			return true
		})
	})
}

// rollback takes back everything since the undo log had length mark.
func (p *packer) rollback(mark int) {
	for len(p.undo) > mark {
		last := len(p.undo) - 1
		p.undo[last]()
		p.undo = p.undo[:last]
	}
}

func (p *packer) maxRequestBytes() int {
	if p.limits.RequestBytes == 0 {
		return serverRequestBytes
	}
	return limitOf(p.limits.RequestBytes)
}

// requestBytes is what a request has beside its filters at most: the commitment and each slice's two numbers.
func (p *packer) requestBytes() int { return 2 + 24*len(p.lane.DataSlices()) }
