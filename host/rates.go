package host

import (
	"context"
	"sync"
	"time"

	"weir/host/metrics"
)

// rateWindow is over how many seconds rates are taken.
const rateWindow = 5

// rates turns counters into numbers per second, by looking at them once a second. run is the only writer.
type rates struct {
	mu       sync.Mutex // guards the maps
	monitors map[*metrics.Monitor]*series
	streams  map[string]*series
}

// series are the last looks at two counters.
type series struct {
	at   [rateWindow + 1]time.Time
	n    [rateWindow + 1][2]uint64
	used int
	seen bool
}

func newRates() *rates {
	return &rates{monitors: map[*metrics.Monitor]*series{}, streams: map[string]*series{}}
}

func (s *series) add(at time.Time, n [2]uint64) {
	if s.used == len(s.at) {
		copy(s.at[:], s.at[1:])
		copy(s.n[:], s.n[1:])
		s.used--
	}
	s.at[s.used], s.n[s.used] = at, n
	s.used++
	s.seen = true
}

func (s *series) perSecond() (a, b float64) {
	if s == nil || s.used < 2 {
		return 0, 0
	}
	last := s.used - 1
	span := s.at[last].Sub(s.at[0]).Seconds()
	return float64(s.n[last][0]-s.n[0][0]) / span, float64(s.n[last][1]-s.n[0][1]) / span
}

func (r *rates) monitor(m *metrics.Monitor) (in, matched float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.monitors[m].perSecond()
}

func (r *rates) stream(id string) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	received, _ := r.streams[id].perSecond()
	return received
}

// run looks once a second until ctx ends.
func (r *rates) run(ctx context.Context, h *Host) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			r.look(h)
		case <-ctx.Done():
			return
		}
	}
}

func (r *rates) look(h *Host) {
	views, snap, now := h.supervisor.List(), h.pool.Snapshot(), time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range views {
		m := views[i].Metrics
		touch(r.monitors, m).add(now, [2]uint64{m.In.Load(), m.Matched.Load()})
	}
	for i := range snap.Streams {
		touch(r.streams, snap.Streams[i].ID).add(now, [2]uint64{snap.Streams[i].Counts.Received})
	}
	forget(r.monitors)
	forget(r.streams)
}

func touch[K comparable](all map[K]*series, key K) *series {
	if all[key] == nil {
		all[key] = &series{}
	}
	return all[key]
}

// forget drops what was not looked at this time.
func forget[K comparable](all map[K]*series) {
	for key, s := range all {
		if !s.seen {
			delete(all, key)
		}
		s.seen = false
	}
}
