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
	joining               // the server took it by itself; it is on its way back to a merged stream
	refused               // the server refused it by itself; checked again much later
	cleared               // it is back
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

// suspect is told that the server refused s.
func (p *planner) suspect(s *subscription, reason string, now time.Time) {
	p.replan = true
	if s.key.alone != "" || len(s.target.Wants) == 1 {
		w := s.target.Wants[0]
		x := p.suspects.get(w)
		x.phase, x.reason = refused, "the server refuses its filters: "+reason
		x.nextTry = now.Add(x.tries.half(filterBase, filterCap))
		p.log.Error("filters refused", "monitor", w.Monitor, "reason", reason, "next", x.nextTry.Sub(now))
		return
	}
	who, all := p.suspects.candidates(s)
	for _, w := range s.target.Wants {
		if !who[w.Monitor] {
			continue
		}
		x := p.suspects.get(w)
		x.phase, x.reason = queued, fmt.Sprintf("the server refused a request with its filters in it (%s); they are checked one monitor at a time", reason)
		if x.merged && !all {
			x.phase, x.reason = apart, ""
		}
	}
}

// candidates returns the monitors that may have spoilt s: those with filters that no server has accepted yet, else those
// that are new to this stream (each may be fine by itself, and their sum over some limit that we do not know), else all.
func (x *suspects) candidates(s *subscription) (who map[string]bool, all bool) {
	for _, known := range []map[string]bool{x.names, s.lastForce} {
		who = map[string]bool{}
		for _, r := range s.target.Routes {
			if !known[r.Name] {
				who[r.Monitor] = true
			}
		}
		if len(who) > 0 {
			return who, len(who) == len(s.target.Wants)
		}
	}
	for _, w := range s.target.Wants {
		who[w.Monitor] = true
	}
	return who, true
}

func (x *suspects) get(w geyser.Want) *suspicion {
	s := x.byMon[w.Monitor]
	if s == nil {
		s = &suspicion{declared: w.Declared}
		x.byMon[w.Monitor] = s
	}
	return s
}

// accept is told that the server has s.force in force. It returns whether that helped a suspect on.
func (x *suspects) accept(s *subscription) bool {
	if len(x.names) > maxKnownNames {
		clear(x.names) // costs a check of innocents at the next refusal, at worst
	}
	maps.Copy(x.names, s.force)
	changed := false
	for monitor, w := range x.byMon {
		switch {
		case !serves(s, monitor):
		case w.phase == checking && s.key.alone == monitor:
			w.phase, w.merged, w.reason = joining, true, ""
			changed = true
		case w.phase == joining && s.key.alone != monitor:
			w.phase = cleared
			changed = true
		}
	}
	return changed
}

// serves tells whether monitor is placed on s, with all its filters there in force.
func serves(s *subscription, monitor string) bool {
	placed := slices.ContainsFunc(s.target.Wants, func(w geyser.Want) bool { return w.Monitor == monitor })
	return placed && s.serves(monitor)
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
		if s.phase == checking || s.phase == joining {
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
