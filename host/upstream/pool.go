// Package upstream owns the connections to Yellowstone servers: it puts what the monitors want on as few streams and
// connections as the provider's limits allow, keeps those alive, and feeds the router.
//
// Pool.Run owns every goroutine of the package: the planner, which alone holds the state of all connections and streams;
// one goroutine per connection, which dials and then watches it; two per stream, which receive and send. All of them
// report to the planner by events, stop with Run's context, and are waited for by Run.
//
// Updates of the time between a stream's cut and its next subscribe are not asked for again: the cut's time, the time of
// its end and the number of reconnects are in the Snapshot, so that the loss is at least not silent.
package upstream

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Pool is a set of connections and streams that follows what is wanted of it. Its methods may be called from any
// goroutine.
type Pool struct {
	set     Settings
	targets []target
	inbox   inbox
	running atomic.Bool
	state   atomic.Pointer[published]
}

// ErrRunning is returned by a second Run.
var ErrRunning = errors.New("upstream: the pool is already running, or has run")

// New checks the settings. Nothing is dialled before Run and Set.
func New(set Settings) (*Pool, error) {
	set, err := set.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Pool{set: set, inbox: inbox{full: make(chan struct{}, 1)}}
	for i, e := range set.Endpoints {
		t, err := e.resolve(i)
		if err != nil {
			return nil, err
		}
		if t.exposesToken() {
			set.Logger.Warn("the token travels in plain text: use https", "endpoint", t.Name)
		}
		p.targets = append(p.targets, t)
	}
	p.state.Store(&published{changed: make(chan struct{})})
	newPlanner(context.Background(), p).publish(time.Now()) // the state before Run
	return p, nil
}

// Run works until ctx ends, then closes every stream and connection and returns nil. It may be called once.
func (p *Pool) Run(ctx context.Context) error {
	if p.running.Swap(true) {
		return ErrRunning
	}
	newPlanner(ctx, p).run()
	return nil
}

func (p *Pool) newEndpoints() []*endpoint {
	var all []*endpoint
	for _, t := range p.targets {
		all = append(all, &endpoint{target: t})
	}
	return all
}

// Set replaces what is wanted and returns at once; the newest call wins. Of two wants of one monitor the first counts. It
// may be called before Run.
func (p *Pool) Set(wants []Want) { p.inbox.put(distinct(wants)) }

func distinct(wants []Want) []Want {
	seen := make(map[string]bool, len(wants))
	kept := make([]Want, 0, len(wants))
	for _, w := range wants {
		if seen[w.Monitor] {
			continue
		}
		seen[w.Monitor] = true
		w.Group = w.Group.orMedium()
		kept = append(kept, w)
	}
	return slices.Clip(kept)
}

// inbox holds the newest wants until the planner takes them.
type inbox struct {
	mu      sync.Mutex // guards wants, changes
	wants   []Want
	changes int
	full    chan struct{} // one slot
}

func (b *inbox) put(wants []Want) {
	b.mu.Lock()
	b.wants = wants
	b.changes++
	b.mu.Unlock()
	select {
	case b.full <- struct{}{}:
	default:
	}
}

// take returns the newest wants and how many changes led to them since the last take.
func (b *inbox) take() ([]Want, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	wants, n := b.wants, b.changes
	b.wants, b.changes = nil, 0
	return wants, n
}
