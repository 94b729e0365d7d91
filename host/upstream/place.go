package upstream

import (
	"cmp"
	"fmt"
	"slices"
)

// monitorsPerOpened is the economy aimed at: no more connections than one per four monitors, or one per group where that
// is more. Beyond it a group's monitors fill up connections of other groups before a new one is opened.
const monitorsPerOpened = 4

// roundoff keeps sums of weights like 5 × 1/5 from looking larger than 1.
const roundoff = 1e-9

// member is a want on its way to a connection.
type member struct {
	want   Want
	class  Group // whose connections serve it; hostOf may have changed it
	weight float64
}

// seat is a connection as the placement sees it.
type seat struct {
	id      int
	class   Group
	members []*member
}

func (s *seat) load() float64 {
	sum := 0.0
	for _, m := range s.members {
		sum += m.weight
	}
	return sum
}

func (s *seat) takes(m *member) bool { return s.load()+m.weight <= 1+roundoff }

func (s *seat) add(m *member) { s.members = append(s.members, m) }

// seated says where a monitor was placed, and as a member of which group.
type seated struct {
	seat  int
	group Group
}

// placer puts members on seats. Earlier placements are kept wherever the limits let it; nothing is ever refused for want
// of room on a connection.
type placer struct {
	per      PerGroup
	allotted map[Group]int
	limit    int               // connections
	quota    int               // connections that may be opened without need
	prev     map[int]Group     // the seats in force
	stays    map[string]seated // by monitor
	spare    []int             // ids of connections that nobody uses, best first
	nextID   int               // the first id never used

	seats    []*seat
	warnings []string
}

// place runs the whole placement.
func (p *placer) place(members []*member) {
	p.prepare(members)
	p.keepSeats()
	var rest []*member
	for _, m := range members {
		if !p.stay(m) {
			rest = append(rest, m)
		}
	}
	p.seats = slices.DeleteFunc(p.seats, func(s *seat) bool { return len(s.members) == 0 })
	for _, m := range rest {
		p.seat(m)
	}
	for len(p.seats) > p.quota && p.dissolve() {
	}
	slices.SortFunc(p.seats, func(a, b *seat) int { return cmp.Compare(a.id, b.id) })
	p.warn()
}

// prepare sets classes, weights and the quota, and orders the members by priority.
func (p *placer) prepare(members []*member) {
	present := map[Group]bool{}
	for _, m := range members {
		g := m.want.Group
		m.class = g
		if m.want.Dedicated {
			m.class = reserve
		}
		m.class = hostOf(m.class, g, p.allotted)
		m.weight = 1 / float64(p.per.of(g))
		present[m.class] = true
	}
	p.quota = min(p.limit, max(len(present), (len(members)+monitorsPerOpened-1)/monitorsPerOpened))
	slices.SortFunc(members, func(a, b *member) int {
		return cmp.Or(cmp.Compare(a.want.Group.rank(), b.want.Group.rank()), cmp.Compare(a.want.Monitor, b.want.Monitor))
	})
}

// keepSeats takes over the seats in force, as many as each class and the limit allow.
func (p *placer) keepSeats() {
	ids := make([]int, 0, len(p.prev))
	for id := range p.prev {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		class := p.prev[id]
		if p.used(class) < p.allotted[class] && len(p.seats) < p.limit {
			p.seats = append(p.seats, &seat{id: id, class: class})
		}
	}
}

// stay puts m where it was, if it may stay there.
func (p *placer) stay(m *member) bool {
	at, ok := p.stays[m.want.Monitor]
	if !ok || at.group != m.want.Group {
		return false
	}
	i := slices.IndexFunc(p.seats, func(s *seat) bool { return s.id == at.seat })
	if i < 0 {
		return false
	}
	s := p.seats[i]
	if (s.class == reserve) != (m.class == reserve) {
		return false
	}
	if s.class != m.class && !s.takes(m) {
		return false
	}
	s.add(m)
	return true
}

// seat finds a connection for m. The order of the choices is the package's policy.
func (p *placer) seat(m *member) {
	own := func(s *seat) bool { return s.class == m.class }
	other := func(s *seat) bool { return s.class != m.class && s.class != reserve && m.class != reserve }
	room := func(f func(*seat) bool) func(*seat) bool {
		return func(s *seat) bool { return f(s) && s.takes(m) }
	}
	mayOpen := p.used(m.class) < p.allotted[m.class] && len(p.seats) < p.limit
	switch s := p.lightest(room(own)); {
	case s != nil:
		s.add(m)
		return
	case mayOpen && len(p.seats) < p.quota:
		p.open(m)
		return
	}
	if s := p.lowest(room(other)); s != nil {
		s.add(m)
		return
	}
	if mayOpen {
		p.open(m)
		return
	}
	if s := p.lightest(own); s != nil {
		s.add(m) // over the group's number: warn says so
		return
	}
	if s := p.lightest(func(*seat) bool { return true }); s != nil {
		s.add(m)
		return
	}
	p.open(m)
}

func (p *placer) used(class Group) int {
	n := 0
	for _, s := range p.seats {
		if s.class == class {
			n++
		}
	}
	return n
}

// lightest returns the least loaded seat that ok accepts, nil when there is none.
func (p *placer) lightest(ok func(*seat) bool) *seat {
	var best *seat
	for _, s := range p.seats {
		if ok(s) && (best == nil || s.load() < best.load()-roundoff) {
			best = s
		}
	}
	return best
}

// lowest returns the accepted seat of the lowest priority, so that guests spare the high group.
func (p *placer) lowest(ok func(*seat) bool) *seat {
	var best *seat
	for _, s := range p.seats {
		if ok(s) && (best == nil || s.class.rank() > best.class.rank()) {
			best = s
		}
	}
	return best
}

// open adds a seat for m, on a connection that is already there if there is one to spare.
func (p *placer) open(m *member) {
	s := &seat{class: m.class}
	if len(p.spare) > 0 {
		s.id, p.spare = p.spare[0], p.spare[1:]
	} else {
		s.id = p.nextID
		p.nextID++
	}
	s.add(m)
	p.seats = append(p.seats, s)
}

// dissolve empties the least loaded seat into the others, if all of its members find room there.
func (p *placer) dissolve() bool {
	order := slices.Clone(p.seats)
	slices.SortStableFunc(order, func(a, b *seat) int { return cmp.Compare(a.load(), b.load()) })
	for _, s := range order {
		if p.moveAll(s) {
			p.seats = slices.DeleteFunc(p.seats, func(o *seat) bool { return o == s })
			return true
		}
	}
	return false
}

func (p *placer) moveAll(from *seat) bool {
	moved := map[*seat]int{}
	for _, m := range from.members {
		to := p.lightest(func(s *seat) bool { return s != from && s.class == m.class && s.takes(m) })
		if to == nil {
			to = p.lowest(func(s *seat) bool {
				return s != from && s.class != reserve && m.class != reserve && s.takes(m)
			})
		}
		if to == nil {
			for s, n := range moved {
				s.members = s.members[:len(s.members)-n]
			}
			return false
		}
		to.add(m)
		moved[to]++
	}
	return true
}

// warn names the connections that carry more than their group's number of monitors.
func (p *placer) warn() {
	for _, s := range p.seats {
		if s.load() > 1+roundoff {
			p.warnings = append(p.warnings, fmt.Sprintf(
				"connection %s carries %d monitors, more than group %s is meant to have on one (%d): its connections are used up; raise max_connections or its share",
				linkName(s.id), len(s.members), s.class, p.per.of(s.class)))
		}
	}
}

func linkName(id int) string { return fmt.Sprintf("c%d", id) }
