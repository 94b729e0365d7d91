// Package upstream owns the connections to Yellowstone servers: it puts what the monitors want on as few streams and
// connections as the provider's limits allow, keeps those alive, and feeds the router.
//
// Pool.Run owns every goroutine of the package: the planner, which alone holds the state of all connections and streams;
// one goroutine per connection, which dials and then watches it; two per stream, which receive and send. All of them
// report to the planner by events, stop with Run's context, and are waited for by Run.
package upstream

import (
	"context"
)

// Pool is a set of connections and streams that follows what is wanted of it. Its methods may be called from any
// goroutine.
type Pool struct{ set Settings }

// New checks the settings. Nothing is dialled before Run and Set.
func New(set Settings) (*Pool, error) {
	set, err := set.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Pool{set: set}, nil
}

// Run works until ctx ends, then closes every stream and connection and returns nil. It may be called once.
func (p *Pool) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Set replaces what is wanted and returns at once; the newest call wins. Monitor names must differ.
func (p *Pool) Set(wants []Want) {}

// Snapshot returns the pool's present state.
func (p *Pool) Snapshot() Snapshot { return Snapshot{} }

// Changed returns a channel that is closed when the state is no longer the one of the last Snapshot before this call.
func (p *Pool) Changed() <-chan struct{} { return nil }
