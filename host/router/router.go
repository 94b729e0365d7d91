// Package router carries raw updates from the streams to the queues of the monitors whose filters hit.
//
// Each stream has a Feed, used by that stream's own goroutine: one look-up per filter name, one reference and one queue
// entry per monitor that hit. It takes no lock and allocates nothing, so its cost grows with the monitors that hit, not
// with those that exist. The package starts no goroutines.
package router

import (
	"sync"

	"weir/host/geyser"
	"weir/host/metrics"
)

// Router knows the open feeds and the monitors' queues. Its methods may be called from any goroutine.
type Router struct {
	mu     sync.Mutex        // guards queues, feeds, and the routes of each feed
	queues map[string]*Queue // by monitor
	feeds  map[*Feed]struct{}
}

// New returns a router without feeds or monitors.
func New() *Router {
	return &Router{queues: map[string]*Queue{}, feeds: map[*Feed]struct{}{}}
}

// Open starts the routing of one stream, which counts into m.
func (r *Router) Open(m *metrics.Stream) *Feed {
	f := &Feed{router: r, m: m}
	f.table.Store(newTable(nil, nil))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.feeds[f] = struct{}{}
	return f
}

// Attach puts q behind the monitor's name, for every feed, in place of any earlier queue.
func (r *Router) Attach(monitor string, q *Queue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queues[monitor] = q
	r.rebuild(monitor)
}

// Detach takes the monitor's queue away: its updates are no longer queued anywhere.
func (r *Router) Detach(monitor string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.queues, monitor)
	r.rebuild(monitor)
}

// rebuild makes new tables for the feeds that know the monitor. r.mu is held.
func (r *Router) rebuild(monitor string) {
	for f := range r.feeds {
		if routesTo(f.routes, monitor) {
			f.table.Store(newTable(f.routes, r.queues))
		}
	}
}

func routesTo(routes []geyser.Route, monitor string) bool {
	for i := range routes {
		if routes[i].Monitor == monitor {
			return true
		}
	}
	return false
}
