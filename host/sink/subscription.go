package sink

import (
	"slices"
	"sync/atomic"
)

// Take turns a match into records for the reader, which own their bytes. It runs on the monitor's worker.
type Take func(m *Match, dst [][]byte) [][]byte

// Events takes each event, as the monitor emitted it.
func Events(m *Match, dst [][]byte) [][]byte {
	for _, e := range m.Events {
		dst = append(dst, slices.Clone(e))
	}
	return dst
}

// Updates takes the matched update: the bytes of a SubscribeUpdate without its filter names. Ticks have none.
func Updates(m *Match, dst [][]byte) [][]byte {
	if m.Frame == nil {
		return dst
	}
	return append(dst, m.Frame.AppendTo(nil, m.Payload))
}

// Subscription is one reader's queue.
type Subscription struct {
	hub     *Hub
	monitor string
	take    Take
	records chan []byte
	dropped atomic.Uint64
	scratch [][]byte // used by the one worker that publishes the monitor's matches
}

func (s *Subscription) offer(m *Match) {
	s.scratch = s.take(m, s.scratch[:0])
	for i, r := range s.scratch {
		select {
		case s.records <- r:
		default:
			s.dropped.Add(1)
		}
		s.scratch[i] = nil
	}
}

// Records delivers in the order of matching. It is never closed: stop by Close.
func (s *Subscription) Records() <-chan []byte { return s.records }

// Dropped returns how many records this reader was too slow for.
func (s *Subscription) Dropped() uint64 { return s.dropped.Load() }

// Close ends the subscription; it may be called more than once.
func (s *Subscription) Close() {
	s.hub.change(func(all map[string][]*Subscription) {
		rest := slices.DeleteFunc(slices.Clone(all[s.monitor]), func(o *Subscription) bool { return o == s })
		if len(rest) == 0 {
			delete(all, s.monitor)
			return
		}
		all[s.monitor] = rest
	})
}
