package geyser

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// packer is the state of one call of Pack.
type packer struct {
	names   *Names
	limits  Limits
	server  *ServerLimits
	streams int // how many bins may be in use
	widener widener
	lane    Lane

	bins    []*bin // those of the earlier plan first, at the same indices
	prev    map[placementKey]earlier
	homes   map[string][]int // the earlier bins of each monitor
	refused map[int]*RefusedError
	checked map[filterKey]error // server filters that have been held to the limits alone
	singles map[filterKey]*cluster
	joints  map[[2]*cluster]joint
	undo    []func()
	order   int
}

// placementKey identifies a piece of a want across plans.
type placementKey struct {
	monitor string
	bit     uint8
	part    filterKey
}

// earlier is where a piece was: the bin's index, and its number in the sequence of placements.
type earlier struct{ bin, order int }

// item is one want on its way into the plan.
type item struct {
	index int // in wants
	want  Want
	parts []piece
	order int // of the earlier plan, MaxInt for a newcomer
}

// piece is one server filter that an item needs.
type piece struct {
	part
	bit uint8
}

func newPacker(names *Names, lim Limits, maxStreams int, prev []Bin) *packer {
	p := &packer{
		names: names, limits: lim, server: lim.Server(), streams: math.MaxInt,
		prev: make(map[placementKey]earlier), homes: make(map[string][]int),
		refused: make(map[int]*RefusedError), checked: make(map[filterKey]error),
		singles: make(map[filterKey]*cluster), joints: make(map[[2]*cluster]joint),
	}
	for _, n := range []int{maxStreams, lim.Streams} {
		if n != 0 {
			p.streams = min(p.streams, max(n, 0))
		}
	}
	for i, b := range prev {
		p.bins = append(p.bins, newBin(i))
		for _, pl := range b.placed {
			key := placementKey{pl.monitor, pl.bit, pl.part}
			if _, ok := p.prev[key]; !ok {
				p.prev[key] = earlier{i, pl.order}
			}
			if !slices.Contains(p.homes[pl.monitor], i) {
				p.homes[pl.monitor] = append(p.homes[pl.monitor], i)
			}
		}
	}
	return p
}

// admit turns wants into items and refuses those that no stream could take, whatever the others are.
func (p *packer) admit(wants []Want) []*item {
	var items []*item
	seen := make(map[string]bool, len(wants))
	for i, w := range wants {
		it := &item{index: i, want: w, order: math.MaxInt}
		switch {
		case seen[w.Monitor]:
			p.refuse(it, errors.New("two wants have this monitor's name: give each monitor a name of its own"))
			continue
		case w.Declared == nil || len(w.Declared.Filters) == 0 || len(w.Declared.Filters) > MaxFilters:
			p.refuse(it, fmt.Errorf("a want needs 1 to %d filters", MaxFilters))
			continue
		}
		seen[w.Monitor] = true
		lane := w.Declared.Lane()
		if len(items) == 0 {
			p.lane = lane
			p.widener = widener{limits: p.limits, sliced: lane.Sliced()}
		}
		if lane != p.lane {
			p.refuse(it, fmt.Errorf("its lane %q is not %q: pack lanes apart", lane, p.lane))
			continue
		}
		if err := p.divide(it); err != nil {
			p.refuse(it, err)
			continue
		}
		items = append(items, it)
	}
	return items
}

// divide finds the server filters that it needs and holds each to the limits.
func (p *packer) divide(it *item) error {
	for bit := range it.want.Declared.Filters {
		f := &it.want.Declared.Filters[bit]
		c := f.canonicalForm()
		if c == nil {
			return fmt.Errorf("filter %q is in no section of the protocol (%q)", f.Name, f.Section)
		}
		for _, part := range p.limits.split(c) {
			if err := p.allowed(part.server); err != nil {
				return p.hardRefusal(f, err)
			}
			if part.recheck != nil {
				if _, err := p.names.recheck(part.recheck, p.lane.Commitment); err != nil {
					return fmt.Errorf("filter %q: %w", f.Name, err)
				}
			}
			it.parts = append(it.parts, piece{part, uint8(bit)})
			e, ok := p.prev[placementKey{it.want.Monitor, uint8(bit), part.server.key}]
			if ok {
				it.order = min(it.order, e.order)
			}
		}
	}
	return nil
}

// allowed asks the provider's rules whether a filter may be sent at all.
func (p *packer) allowed(c *canonical) error {
	err, ok := p.checked[c.key]
	if !ok {
		req := p.lane.request()
		setFilter(req, c.section, "f", c.msg)
		_, err = Compile(req, p.server)
		p.checked[c.key] = err
	}
	return err
}

func (p *packer) hardRefusal(f *Filter, err error) error {
	r := &RefusedError{Filter: f.Name, Err: err, Limit: p.blamedLimit(f)}
	r.Reason = fmt.Sprintf("the provider's limits forbid its %s filter %q: %v; change the filter, or `limits` in weir.yaml "+
		"where the provider allows more", f.Section, f.Name, err)
	return r
}

// blamedLimit finds the limit without which f would pass; where several are short together, the last of them.
func (p *packer) blamedLimit(f *Filter) string {
	c := f.canonicalForm()
	req := p.lane.request()
	setFilter(req, c.section, "f", c.msg)
	name := "filters." + f.Section
	candidates := []struct {
		key   string
		relax func(*Limits)
	}{
		{name, func(l *Limits) { l.Filters = FilterCount{} }},
		{"data_slices", func(l *Limits) { l.DataSlices = 0 }},
		{"account_keys", func(l *Limits) { l.AccountKeys = 0 }},
		{"account_owners", func(l *Limits) { l.AccountOwners = 0 }},
		{"transaction_include", func(l *Limits) { l.TransactionInclude = 0 }},
		{"transaction_exclude", func(l *Limits) { l.TransactionExclude = 0 }},
		{"transaction_required", func(l *Limits) { l.TransactionRequired = 0 }},
		{"block_include", func(l *Limits) { l.BlockInclude = 0 }},
		{"no_full_streams", func(l *Limits) { l.NoFullStreams = false }},
		{"no_full_blocks", func(l *Limits) { l.NoFullBlocks = false }},
		{"no_block_transactions", func(l *Limits) { l.NoBlockTransactions = false }},
		{"no_block_accounts", func(l *Limits) { l.NoBlockAccounts = false }},
		{"no_block_entries", func(l *Limits) { l.NoBlockEntries = false }},
		{"reject_accounts", func(l *Limits) { l.RejectAccounts = nil }},
		{"reject_owners", func(l *Limits) { l.RejectOwners = nil }},
	}
	together := p.limits
	for _, c := range candidates {
		alone := p.limits
		c.relax(&alone)
		if _, err := Compile(req, alone.Server()); err == nil {
			return c.key
		}
	}
	for _, c := range candidates {
		c.relax(&together)
		if _, err := Compile(req, together.Server()); err == nil {
			return c.key
		}
	}
	return ""
}

// inOrder sorts items: those of the earlier plan as they were placed then, newcomers behind them as given.
func (p *packer) inOrder(items []*item) []*item {
	slices.SortStableFunc(items, func(a, b *item) int { return cmp.Compare(a.order, b.order) })
	return items
}
