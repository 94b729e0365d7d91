package sim

import (
	"sync"
	"sync/atomic"
)

// ring hands the messages of one commitment from the feed's goroutine to all streams. The writer never waits for a
// reader; one that falls a whole ring behind is told so.
type ring struct {
	cells []atomic.Pointer[message]
	mask  uint64
	head  atomic.Uint64 // number of the next message

	waiting atomic.Bool
	mu      sync.Mutex    // guards wake
	wake    chan struct{} // closed when a message comes while somebody waits
}

// newRing returns a ring for at least size messages.
func newRing(size int) *ring {
	n := 2
	for n < size {
		n *= 2
	}
	return &ring{cells: make([]atomic.Pointer[message], n), mask: uint64(n - 1), wake: make(chan struct{})}
}

// capacity is how far a reader may be behind the head. The cell that is written next counts as gone.
func (r *ring) capacity() uint64 { return uint64(len(r.cells)) - 1 }

// publish is for the feed's goroutine alone.
func (r *ring) publish(m *message) {
	h := r.head.Load()
	r.cells[h&r.mask].Store(m)
	r.head.Store(h + 1)
	if r.waiting.Load() {
		r.mu.Lock()
		r.waiting.Store(false)
		close(r.wake)
		r.wake = make(chan struct{})
		r.mu.Unlock()
	}
}

// read copies messages from number at on into dst. It returns how many, and false when the reader has lagged.
func (r *ring) read(at uint64, dst []*message) (int, bool) {
	n := min(r.head.Load()-at, uint64(len(dst)))
	for i := range n {
		dst[i] = r.cells[(at+i)&r.mask].Load()
	}
	return int(n), r.head.Load()-at <= r.capacity()
}

// wait returns a channel that is closed once there is a message with a number of at or more; nil means there is one.
func (r *ring) wait(at uint64) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting.Store(true)
	if r.head.Load() > at {
		return nil
	}
	return r.wake
}
