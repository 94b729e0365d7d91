// Package metrics counts what the host does: lock-free counters, gauges and histograms that the hot path writes, and
// immutable snapshots that everybody else reads. It starts no goroutines.
//
// Writers hold a pointer to their own set (Monitor, Stream, Connection, Pool) and touch only atomics; nothing here
// allocates after construction.
package metrics

import "sync/atomic"

// Counter is a number that only grows. The zero value is ready to use; it must not be copied.
type Counter struct{ n atomic.Uint64 }

// Add raises the counter by n.
func (c *Counter) Add(n uint64) { c.n.Add(n) }

// Inc raises the counter by one.
func (c *Counter) Inc() { c.n.Add(1) }

// Load returns the value.
func (c *Counter) Load() uint64 { return c.n.Load() }

// Gauge is a number that goes up and down. The zero value is ready to use; it must not be copied.
type Gauge struct{ n atomic.Int64 }

// Add changes the gauge by n, which may be negative.
func (g *Gauge) Add(n int64) { g.n.Add(n) }

// Set replaces the value.
func (g *Gauge) Set(n int64) { g.n.Store(n) }

// Load returns the value.
func (g *Gauge) Load() int64 { return g.n.Load() }
