package geyser

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// place finds room for all of an item's pieces, or takes none of them and says which limit is short.
func (p *packer) place(it *item) error {
	p.undo = p.undo[:0]
	known := it.order != math.MaxInt
	if known && (p.stay(it, false) || p.wasWhole(it) && p.stay(it, true)) {
		return nil
	}
	if p.placeWhole(it) {
		return nil
	}
	if !p.fitsAlone(it) && p.spread(it, false) == nil {
		return nil
	}
	if p.placeWidened(it) {
		return nil
	}
	if short := p.spread(it, true); short != nil {
		return p.shortageError(it, short)
	}
	return nil
}

// stay puts an item where the earlier plan had it; a piece that is new goes to the item's first stream.
func (p *packer) stay(it *item, widen bool) bool {
	home := p.homes[it.want.Monitor][0]
	groups := make([][]piece, len(p.bins))
	for _, pc := range it.parts {
		at := home
		if e, ok := p.prev[placementKey{it.want.Monitor, pc.bit, pc.server.key}]; ok {
			at = e.bin
		}
		groups[at] = append(groups[at], pc)
	}
	mark := len(p.undo)
	for i, pieces := range groups {
		if len(pieces) > 0 && !p.tryBin(it, p.bins[i], pieces, widen) {
			p.rollback(mark)
			return false
		}
	}
	return true
}

// wasWhole tells whether the earlier plan had every piece of an item, so that a widened place is its place.
func (p *packer) wasWhole(it *item) bool {
	return !slices.ContainsFunc(it.parts, func(pc piece) bool {
		_, ok := p.prev[placementKey{it.want.Monitor, pc.bit, pc.server.key}]
		return !ok
	})
}

// usable tells whether b may be used: it is in use already, or one more stream may be opened.
func (p *packer) usable(b *bin) bool {
	if !b.empty() {
		return true
	}
	used := 0
	for _, other := range p.bins {
		if !other.empty() {
			used++
		}
	}
	return used < p.streams
}

// tryBin puts pieces into b if they fit.
func (p *packer) tryBin(it *item, b *bin, pieces []piece, widen bool) bool {
	if !p.usable(b) {
		return false
	}
	d, short := p.draft(b, pieces, false)
	if short != nil && widen {
		d, short = p.draft(b, pieces, true)
	}
	if short != nil {
		return false
	}
	p.commit(it, d)
	return true
}

// placeWhole puts all pieces unwidened into one stream: the one that has most of their filters already, else a new one.
func (p *packer) placeWhole(it *item) bool { return p.placeExact(it, it.parts) }

func (p *packer) placeExact(it *item, pieces []piece) bool {
	for _, b := range p.byPreference(it, pieces) {
		if p.tryBin(it, b, pieces, false) {
			return true
		}
	}
	b := p.spare()
	return b != nil && p.tryBin(it, b, pieces, false)
}

// byPreference lists the streams in use: those that serve the item's monitor or did so first, then those with the most of
// its filters, then the oldest.
func (p *packer) byPreference(it *item, pieces []piece) []*bin {
	type scored struct {
		bin   *bin
		score int
	}
	var list []scored
	for i, b := range p.bins {
		if b.empty() {
			continue
		}
		s := b.shared(pieces)
		if slices.Contains(p.homes[it.want.Monitor], i) || b.users[len(b.users)-1].item == it {
			s += len(pieces) + 1
		}
		list = append(list, scored{b, s})
	}
	slices.SortStableFunc(list, func(a, b scored) int { return b.score - a.score })
	bins := make([]*bin, len(list))
	for i := range list {
		bins[i] = list[i].bin
	}
	return bins
}

// spare returns a stream that is not in use: an empty one of the earlier plan, else a new one; nil when there may be none.
func (p *packer) spare() *bin {
	for _, b := range p.bins {
		if b.empty() {
			if p.usable(b) {
				return b
			}
			return nil
		}
	}
	b := newBin(-1)
	if !p.usable(b) {
		return nil
	}
	p.bins = append(p.bins, b) // stays behind if nothing comes of it: an empty bin is left out of the plan
	return b
}

// fitsAlone tells whether an empty stream would take the item unwidened.
func (p *packer) fitsAlone(it *item) bool {
	_, short := p.draft(newBin(-1), it.parts, false)
	return short == nil
}

// placeWidened puts all pieces into the one stream where joining filters costs least.
func (p *packer) placeWidened(it *item) bool {
	d, _ := p.cheapestDraft(it, it.parts)
	if d == nil {
		return false
	}
	p.commit(it, d)
	return true
}

// cheapestDraft finds the stream where the pieces cost least, and the shortage of the last stream that cannot take them.
func (p *packer) cheapestDraft(it *item, pieces []piece) (*draft, *shortage) {
	var best *draft
	var last *shortage
	candidates := p.byPreference(it, pieces)
	if b := p.spare(); b != nil {
		candidates = append(candidates, b)
	}
	for _, b := range candidates {
		d, short := p.draft(b, pieces, true)
		if short != nil {
			last = short
		} else if best == nil || d.cost < best.cost {
			best = d
		}
	}
	if len(candidates) == 0 {
		last = &shortage{limit: "streams", max: p.streams, piece: pieces[0]}
	}
	return best, last
}

// spread puts an item on several streams: a section's pieces together where they fit, since updates of different kinds
// never meet, else one by one.
func (p *packer) spread(it *item, widen bool) *shortage {
	mark := len(p.undo)
	for s := range sections {
		var group []piece
		for _, pc := range it.parts {
			if pc.server.section == s {
				group = append(group, pc)
			}
		}
		if len(group) == 0 || p.placeExact(it, group) {
			continue
		}
		for _, pc := range group {
			if short := p.placeOne(it, pc, widen); short != nil {
				p.rollback(mark)
				return short
			}
		}
	}
	return nil
}

func (p *packer) placeOne(it *item, pc piece, widen bool) *shortage {
	pieces := []piece{pc}
	if p.placeExact(it, pieces) {
		return nil
	}
	if !widen {
		return p.shortOfFilters(pc)
	}
	d, short := p.cheapestDraft(it, pieces)
	if d == nil {
		return short
	}
	p.commit(it, d)
	return nil
}

// shortageError says in words what an item was refused for.
func (p *packer) shortageError(it *item, s *shortage) *RefusedError {
	f := &it.want.Declared.Filters[s.piece.bit]
	r := &RefusedError{Filter: f.Name, Limit: s.limit}
	what := fmt.Sprintf("no stream has room for its %s filter %q", f.Section, f.Name)
	switch {
	case s.limit == "streams":
		r.Reason = fmt.Sprintf("%s: no stream may be opened", what)
	case strings.HasPrefix(s.limit, "filters."):
		r.Reason = fmt.Sprintf("%s: a stream may have %d of them (limits.%s), and none can be widened to cover it",
			what, s.max, s.limit)
	default:
		r.Reason = fmt.Sprintf("%s: a request may have %d bytes (limits.%s)", what, s.max, s.limit)
	}
	if p.streams != math.MaxInt {
		r.Reason += fmt.Sprintf("; all %d streams are in use", p.streams)
	}
	r.Reason += ". Disable another monitor, ask for less, or raise `limits` in weir.yaml where the provider allows more"
	return r
}
