package upstream

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"weir/host/geyser"
)

// laneKey says which wants may share a stream of one connection.
type laneKey struct {
	seat  int
	lane  geyser.Lane
	alone string // the monitor of a dedicated stream, else empty
}

// plannedStream is one stream that should be there.
type plannedStream struct {
	key  laneKey
	bin  geyser.Bin
	from *subscription // the stream that it continues, nil for a new one
}

// plan is what the connections and streams should be.
type plan struct {
	seats    []*seat
	streams  []plannedStream
	waiting  map[string]string // reason by monitor
	warnings []string
	nextID   int
}

// state is what a plan starts from.
type state struct {
	set    *Settings
	names  *geyser.Names
	prev   map[int]Group
	stays  map[string]seated
	spare  []int
	nextID int
	subs   map[laneKey][]*subscription // in the order of their bins
}

// makePlan places the members. Where the provider's number of streams is too small for the groups' separation, the
// groups share connections, and with them streams; where that does not do, each lane has to make do with fewer streams,
// with filters that are wider and checked again here; where even that does not do, the lanes of the lowest priority wait.
func makePlan(st *state, members []*member) *plan {
	maxStreams := st.set.streamLimit()
	limit := st.set.MaxConnections
	if maxStreams > 0 {
		limit = min(limit, maxStreams)
	}
	for {
		p := tryPlan(st, members, limit, nil)
		if maxStreams == 0 || len(p.streams) <= maxStreams {
			return p
		}
		if limit == 1 {
			p = tryPlan(st, members, limit, p.shares(maxStreams))
			p.cut(maxStreams)
			return p
		}
		limit = min(limit, len(p.seats)) - 1
		limit = max(limit, 1)
	}
}

// shares divides n streams over the plan's lanes: each lane has one at least, and those with most give up most.
func (p *plan) shares(n int) map[laneKey]int {
	share := map[laneKey]int{}
	for _, s := range p.streams {
		share[s.key]++
	}
	for left := len(p.streams) - n; left > 0; left-- {
		var most laneKey
		for _, s := range p.streams { // in the plan's order, so that the outcome is always the same
			if share[s.key] > share[most] {
				most = s.key
			}
		}
		if share[most] < 2 {
			break
		}
		share[most]--
	}
	return share
}

// tryPlan places the members on at most limit connections. streams bounds each lane's streams; nil does not.
func tryPlan(st *state, members []*member, limit int, streams map[laneKey]int) *plan {
	pl := &placer{
		per: st.set.MonitorsPerConnection, allotted: allot(limit, st.set.Shares, st.set.Reserve), limit: limit,
		prev: st.prev, stays: st.stays, spare: slices.Clone(st.spare), nextID: st.nextID,
	}
	pl.place(members)
	p := &plan{seats: pl.seats, waiting: map[string]string{}, warnings: pl.warnings, nextID: pl.nextID}
	for _, s := range pl.seats {
		p.pack(st, s, streams)
	}
	return p
}

// pack makes the streams of one seat.
func (p *plan) pack(st *state, s *seat, streams map[laneKey]int) {
	lanes := map[laneKey][]geyser.Want{}
	var order []laneKey
	for _, m := range s.members {
		k := laneKey{seat: s.id, lane: m.want.Declared.Lane()}
		if m.want.Dedicated {
			k.alone = m.want.Monitor
		}
		if _, ok := lanes[k]; !ok {
			order = append(order, k)
		}
		lanes[k] = append(lanes[k], m.want.Want)
	}
	for _, k := range order {
		p.packLane(st, k, lanes[k], streams[k])
	}
}

// packLane makes the streams of one lane, at most so many; 0 is any number.
func (p *plan) packLane(st *state, k laneKey, wants []geyser.Want, most int) {
	subs := st.subs[k]
	prev := make([]geyser.Bin, len(subs))
	for i, s := range subs {
		prev[i] = s.target
	}
	lim := st.set.Limits
	lim.Streams = 0 // counted over all lanes, not here
	bins, err := geyser.Pack(wants, st.names, lim, most, prev)
	if refused, ok := errors.AsType[*geyser.PackError](err); ok {
		for _, r := range refused.Refused {
			p.waiting[r.Monitor] = r.Error()
		}
	} else if err != nil {
		for _, w := range wants {
			p.waiting[w.Monitor] = err.Error()
		}
		return
	}
	for _, b := range bins {
		s := plannedStream{key: k, bin: b}
		if b.Prev >= 0 && b.Prev < len(subs) {
			s.from = subs[b.Prev]
		}
		p.streams = append(p.streams, s)
	}
}

// cut keeps the n most important streams; the monitors of the others wait.
func (p *plan) cut(n int) {
	ranks := map[string]int{}
	for _, s := range p.seats {
		for _, m := range s.members {
			ranks[m.want.Monitor] = m.want.Group.rank()
		}
	}
	rank := func(s plannedStream) int {
		best := len(classes)
		for _, w := range s.bin.Wants {
			best = min(best, ranks[w.Monitor])
		}
		return best
	}
	isNew := func(s plannedStream) int {
		if s.from == nil {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(p.streams, func(a, b plannedStream) int {
		return cmp.Or(
			cmp.Compare(rank(a), rank(b)),
			cmp.Compare(isNew(a), isNew(b)),
			-cmp.Compare(len(a.bin.Wants), len(b.bin.Wants)),
		)
	})
	for _, s := range p.streams[n:] {
		for _, w := range s.bin.Wants {
			p.waiting[w.Monitor] = fmt.Sprintf(
				"all %d streams are taken (max_streams or limits.streams); its lane %q needs one more", n, s.key.lane)
		}
	}
	p.streams = p.streams[:n]
}
