package upstream

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"weir/host/geyser"
)

// suspicion is what is known of a monitor whose filters a server may have refused.
type suspicion struct {
	declared *geyser.Declared
	phase    phase
	reason   string
	tries    backoff
	nextTry  time.Time // of phase refused
	merged   bool      // it was cleared once and merged again
}

type phase uint8

const (
	queued   phase = iota // waits for its turn to be checked
	checking              // has a dedicated stream, to see whether the server takes its filters
	refused               // the server refused it by itself; checked again much later
	cleared               // the server took it by itself
	apart                 // fine by itself, refused in company: keeps a stream of its own
)

// suspects isolates bad filters. A server that refuses a request ends the stream for every monitor on it and does not
// say which filter it was. The monitors whose filters no server has accepted yet are taken off the stream, so that the
// others go on, and checked one at a time on a stream of their own.
type suspects struct {
	names map[string]bool // filters that were in a request in force somewhere
	byMon map[string]*suspicion
}

// maxKnownNames bounds the names kept, each of a few bytes.
const maxKnownNames = 1 << 16

func newSuspects() suspects {
	return suspects{names: map[string]bool{}, byMon: map[string]*suspicion{}}
}

// suspect is told that the server refused s. It returns false when nobody in particular can be at fault.
func (p *planner) suspect(s *subscription, reason string, now time.Time) bool {
	p.replan = true
	if s.key.alone != "" || len(s.target.Wants) == 1 {
		w := s.target.Wants[0]
		x := p.suspects.get(w)
		x.phase, x.reason = refused, "the server refuses its filters: "+reason
		x.nextTry = now.Add(x.tries.half(filterBase, filterCap))
		p.log.Error("filters refused", "monitor", w.Monitor, "reason", reason, "next", x.nextTry.Sub(now))
		return true
	}
	names := map[string]bool{}
	for _, r := range s.target.Routes {
		if !p.suspects.names[r.Name] {
			names[r.Monitor] = true
		}
	}
	for _, w := range s.target.Wants {
		if !names[w.Monitor] && !p.suspects.wasMerged(w.Monitor) {
			continue
		}
		names[w.Monitor] = true
		x := p.suspects.get(w)
		x.phase, x.reason = queued, fmt.Sprintf("the server refused a request with its filters in it (%s); they are checked one monitor at a time", reason)
		if x.merged {
			x.phase, x.reason = apart, ""
		}
	}
	return len(names) > 0
}

func (x *suspects) get(w geyser.Want) *suspicion {
	s := x.byMon[w.Monitor]
	if s == nil {
		s = &suspicion{declared: w.Declared}
		x.byMon[w.Monitor] = s
	}
	return s
}

func (x *suspects) wasMerged(monitor string) bool {
	s := x.byMon[monitor]
	return s != nil && s.merged
}

// accept is told that the server has s.force in force. It returns whether that cleared a monitor.
func (x *suspects) accept(s *subscription) bool {
	if len(x.names) > maxKnownNames {
		clear(x.names) // costs a check of innocents at the next refusal, at worst
	}
	maps.Copy(x.names, s.force)
	w := x.byMon[s.key.alone]
	if s.key.alone == "" || w == nil || w.phase != checking || !s.serves(s.key.alone) {
		return false
	}
	w.phase, w.merged, w.reason = cleared, true, ""
	return true
}

// admit sorts the wants of a new plan: who is left out, and who gets a stream of its own. It also returns when the next
// refused monitor may be tried again.
func (x *suspects) admit(wants []Want, now time.Time) (admitted []Want, waiting map[string]string, next time.Time) {
	x.prune(wants)
	x.promote(now)
	waiting = map[string]string{}
	for _, w := range wants {
		s := x.byMon[w.Monitor]
		if s == nil {
			admitted = append(admitted, w)
			continue
		}
		switch s.phase {
		case queued:
			waiting[w.Monitor] = s.reason
			continue
		case refused:
			waiting[w.Monitor] = s.reason
			if next.IsZero() || s.nextTry.Before(next) {
				next = s.nextTry
			}
			continue
		case checking, apart:
			w.Dedicated = true
		}
		admitted = append(admitted, w)
	}
	return admitted, waiting, next
}

// prune forgets monitors that are gone or ask for something else now.
func (x *suspects) prune(wants []Want) {
	keep := map[string]*geyser.Declared{}
	for _, w := range wants {
		keep[w.Monitor] = w.Declared
	}
	maps.DeleteFunc(x.byMon, func(monitor string, s *suspicion) bool { return keep[monitor] != s.declared })
}

// promote lets the next suspect have its turn: one at a time, by name.
func (x *suspects) promote(now time.Time) {
	var first *suspicion
	for _, monitor := range slices.Sorted(maps.Keys(x.byMon)) {
		s := x.byMon[monitor]
		if s.phase == checking {
			return
		}
		due := s.phase == queued || s.phase == refused && !now.Before(s.nextTry)
		if due && first == nil {
			first = s
		}
	}
	if first != nil {
		first.phase = checking
	}
}
