package sim

import (
	"sync"
)

// queue holds what waits to be sent on one stream. Several goroutines put in, the stream's own takes out, in batches, so
// that the lock is not taken per message.
type queue struct {
	limit int
	ready chan struct{} // a token: there may be something to take, or the end has come
	space chan struct{} // a token: something was sent

	mu       sync.Mutex // guards all below
	items    []outgoing
	spare    []outgoing // the batch that was sent last, to be used again
	unsent   int        // taken and not yet sent
	finished bool
	end      error // the status that ends the stream once all before it is sent; nil is OK
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, ready: make(chan struct{}, 1), space: make(chan struct{}, 1)}
}

// signal leaves a token in c.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// push appends as many of items as there is room for, and returns how many those are.
func (q *queue) push(items ...outgoing) int {
	q.mu.Lock()
	n := max(min(len(items), q.limit-len(q.items)-q.unsent), 0)
	if q.finished {
		n = len(items) // nobody will get them: the stream has ended behind them
	} else {
		q.items = append(q.items, items[:n]...)
	}
	q.mu.Unlock()
	if n > 0 {
		signal(q.ready)
	}
	return n
}

// finish ends the stream with err once all that was pushed is sent. Only the first call counts.
func (q *queue) finish(err error) {
	q.mu.Lock()
	if !q.finished {
		q.finished, q.end = true, err
	}
	q.mu.Unlock()
	signal(q.ready)
}

// take returns all that waits. It also tells whether the stream ends after that, and with what. The batch is the
// caller's until its next take.
func (q *queue) take() (batch []outgoing, done bool, end error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch = q.items
	q.items, q.spare = q.spare[:0], batch
	q.unsent = len(batch)
	return batch, q.finished && len(batch) == 0, q.end
}

// sent tells that only unsent of the last batch are still waiting.
func (q *queue) sent(unsent int) {
	q.mu.Lock()
	q.unsent = unsent
	q.mu.Unlock()
	signal(q.space)
}
