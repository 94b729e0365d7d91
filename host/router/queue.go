package router

import (
	"fmt"
	"math/bits"
	"runtime"
	"sync/atomic"

	"weir/host/geyser"
	"weir/host/metrics"
)

// Update is one entry of a Queue: an update on its way to one monitor. Whoever holds it frees Frame, exactly once.
type Update struct {
	Frame     geyser.Frame // owns a reference
	Payload   int          // offset in Frame behind the server's filter names
	Filters   uint64       // bit i: the monitor's i-th declared filter hit
	Kind      geyser.Kind
	Slot      uint64 // 0 where the kind has none
	CreatedAt int64  // the server's created_at in unix nanoseconds, 0 when it sent none
	Received  int64  // unix nanoseconds
}

// Policy says what a full queue does with an update.
type Policy string

// The policies. Either way the loss is counted, and it is the queue's own monitor's alone.
const (
	DropOldest Policy = "drop_oldest" // make room: what is newest matters most
	DropNewest Policy = "drop_newest" // refuse: keep what is already there
)

// Bounds limits a queue. Both limits hold at once.
type Bounds struct {
	Items  int   // at least 1
	Bytes  int64 // memory that queued updates keep, at least 1; one update is let in whatever its size
	Policy Policy
}

// Queue is a bounded queue from the streams' goroutines (any number) to one monitor's worker. Push never blocks and takes
// no lock: it is a ring whose cells carry a sequence number, after D. Vyukov's bounded queue.
type Queue struct {
	bounds Bounds
	m      *metrics.Monitor
	cells  []cell
	mask   uint64
	wake   chan struct{}

	_      [64]byte // keeps producers and consumer off each other's cache lines
	tail   atomic.Uint64
	_      [56]byte
	head   atomic.Uint64
	_      [56]byte
	items  atomic.Int64
	bytes  atomic.Int64
	asleep atomic.Bool
	closed atomic.Bool
}

type cell struct {
	turn atomic.Uint64
	u    Update
}

// NewQueue makes a queue that counts into m.
func NewQueue(b Bounds, m *metrics.Monitor) (*Queue, error) {
	if b.Items < 1 || b.Bytes < 1 {
		return nil, fmt.Errorf("queue bounds: %d items, %d bytes; both must be at least 1", b.Items, b.Bytes)
	}
	if b.Policy != DropOldest && b.Policy != DropNewest {
		return nil, fmt.Errorf("queue policy %q is neither %s nor %s", b.Policy, DropOldest, DropNewest)
	}
	size := uint64(1) << bits.Len64(uint64(max(b.Items, 2)-1))
	q := &Queue{bounds: b, m: m, cells: make([]cell, size), mask: size - 1, wake: make(chan struct{}, 1)}
	for i := range q.cells {
		q.cells[i].turn.Store(uint64(i))
	}
	return q, nil
}

// Push takes u over, with the reference of its frame: it is queued, or dropped by the queue's policy and counted.
func (q *Queue) Push(u Update) {
	size := int64(u.Frame.Size())
	q.m.In.Inc()
	q.m.InBytes.Add(uint64(size))
	q.m.LastUpdate.Store(u.Received)
	if q.closed.Load() || !q.admit(&u) {
		u.Frame.Free()
		q.m.Dropped.Inc()
		return
	}
	if q.closed.Load() { // closed meanwhile: the closer may have drained before the entry stood there
		q.Drain()
	}
	if q.asleep.Load() && q.asleep.CompareAndSwap(true, false) {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
}

// admit makes room by the policy and puts u in; false means that u is to be dropped.
func (q *Queue) admit(u *Update) bool {
	kept := int64(u.Frame.Retained())
	for !q.reserve(kept) {
		if q.bounds.Policy == DropNewest || !q.dropOne() {
			return false
		}
	}
	q.m.Queued.Add(1)
	q.m.QueuedBytes.Add(kept)
	for !q.put(u) {
		runtime.Gosched() // each reserved item has a cell; the one that is due is just being emptied
	}
	return true
}

func (q *Queue) reserve(kept int64) bool {
	if q.items.Add(1) > int64(q.bounds.Items) {
		q.items.Add(-1)
		return false
	}
	if all := q.bytes.Add(kept); all > q.bounds.Bytes && all != kept {
		q.bytes.Add(-kept)
		q.items.Add(-1)
		return false
	}
	return true
}

func (q *Queue) release(kept int64) {
	q.bytes.Add(-kept)
	q.items.Add(-1)
	q.m.Queued.Add(-1)
	q.m.QueuedBytes.Add(-kept)
}

func (q *Queue) put(u *Update) bool {
	for {
		pos := q.tail.Load()
		c := &q.cells[pos&q.mask]
		switch turn := c.turn.Load(); {
		case turn == pos:
			if q.tail.CompareAndSwap(pos, pos+1) {
				c.u = *u
				c.turn.Store(pos + 1)
				return true
			}
		case turn < pos:
			return false
		}
	}
}

func (q *Queue) take(u *Update) bool {
	for {
		pos := q.head.Load()
		c := &q.cells[pos&q.mask]
		switch turn := c.turn.Load(); {
		case turn == pos+1:
			if q.head.CompareAndSwap(pos, pos+1) {
				*u = c.u
				c.u = Update{}
				c.turn.Store(pos + q.mask + 1)
				return true
			}
		case turn < pos+1:
			return false
		}
	}
}

func (q *Queue) dropOne() bool {
	var u Update
	if !q.take(&u) {
		return false
	}
	q.m.Dropped.Inc()
	q.release(int64(u.Frame.Retained()))
	u.Frame.Free()
	return true
}

// Pop moves the oldest update into u and marks it in flight; false means that the queue is empty. The caller owns u's
// frame, and calls Done when it has counted the outcome.
func (q *Queue) Pop(u *Update) bool {
	if !q.take(u) {
		return false
	}
	q.m.InFlight.Add(1)
	q.release(int64(u.Frame.Retained()))
	return true
}

// Done ends what Pop began: the update is no longer in flight.
func (q *Queue) Done() { q.m.InFlight.Add(-1) }

// Sleep announces that the consumer is about to wait on Wake. False means that there is something to pop: don't wait.
func (q *Queue) Sleep() bool {
	q.asleep.Store(true)
	if q.items.Load() == 0 {
		return true
	}
	q.asleep.Store(false)
	return false
}

// Wake delivers a token when an update arrives for a consumer that sleeps. Spurious tokens happen.
func (q *Queue) Wake() <-chan struct{} { return q.wake }

// Len returns how many updates wait.
func (q *Queue) Len() int { return int(q.items.Load()) }

// Close makes further pushes drop; what is queued stays, for Pop or Drain.
func (q *Queue) Close() { q.closed.Store(true) }

// Drain drops all that is queued, counts it and returns how much it was.
func (q *Queue) Drain() int {
	n := 0
	for q.dropOne() {
		n++
	}
	return n
}
