package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrForced means that the shutdown deadline passed, or a second signal came, and work was cut off.
var ErrForced = errors.New("the shutdown was forced: some queued updates were not matched")

// PartError says which part of the host failed; the host stops then.
type PartError struct {
	Part string
	Err  error
}

func (e *PartError) Error() string { return e.Part + ": " + e.Err.Error() }
func (e *PartError) Unwrap() error { return e.Err }

// part is one part of the host with its goroutine.
type part struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // valid once done is closed
}

// start runs a part in a goroutine until it ends or is stopped. When it ends by itself with an error, failed hears of it.
func start(name string, failed context.CancelCauseFunc, run func(context.Context) error) *part {
	ctx, cancel := context.WithCancel(context.Background())
	p := &part{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		err := run(ctx)
		if ctx.Err() == nil && err != nil {
			failed(&PartError{name, err})
			return // reported there
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			p.err = &PartError{name, err}
		}
	}()
	return p
}

// stop tells the part to end and waits until it has.
func (p *part) stop() error {
	p.cancel()
	<-p.done
	return p.err
}

// cleanups are undone in reverse order, once.
type cleanups struct {
	mu   sync.Mutex // guards list
	list []cleanup
}

type cleanup struct {
	name string
	undo func() error
}

func (c *cleanups) add(name string, undo func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, cleanup{name, undo})
}

func (c *cleanups) run() error {
	c.mu.Lock()
	list := c.list
	c.list = nil
	c.mu.Unlock()
	var errs []error
	for i := len(list) - 1; i >= 0; i-- {
		if err := list[i].undo(); err != nil {
			errs = append(errs, fmt.Errorf("close the %s: %w", list[i].name, err))
		}
	}
	return errors.Join(errs...)
}
