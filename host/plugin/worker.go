package plugin

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"weir/host/metrics"
	"weir/host/router"
	"weir/host/sandbox"
)

// guest is what a worker needs of a sandbox instance.
type guest interface {
	Match(ctx context.Context, in sandbox.Input) (sandbox.Verdict, error)
	Tick(ctx context.Context, unixMs int64) (sandbox.Verdict, error)
	MemoryBytes() uint32
	Close(ctx context.Context) error
}

// Match is one matched update and its events, as a worker hands them on. It is borrowed: valid until Matched returns.
type Match struct {
	Monitor string
	Update  *router.Update // nil for the events of a tick
	Value   int32          // > 0
	Events  [][]byte
}

// Restart says how a monitor whose instance died is brought back.
type Restart struct {
	Base       time.Duration // before the first restart; doubles with each further death
	Cap        time.Duration
	Quarantine int           // deaths in a row that end in quarantine, at least 1
	Forget     time.Duration // a life of this length makes the next death the first again
}

// worker runs one monitor: a goroutine of the supervisor's takes updates from the queue, one at a time, and calls the
// instance. It ends when its context does, when it was told to drain and the queue is empty, or by quarantine.
type worker struct {
	name     string
	queue    *router.Queue
	monitor  *Monitor
	m        *metrics.Monitor
	restart  Restart
	renew    func(ctx context.Context) (guest, error) // makes the next instance after a death
	matched  func(*Match)                             // delivers
	fault    func(name string, update []byte)         // keeps the update that killed an instance
	pending  atomic.Pointer[exchange]                 // an exchange of the instance, due between two updates
	poke     chan struct{}                            // wakes a sleeping worker for it
	drain    chan struct{}                            // closed: finish what is queued, then end
	ended    func(reason string)                      // quarantined
	instance guest

	update   router.Update // the one at hand
	pieces   [][]byte
	match    Match
	lastSeen int64 // created_at of the last update that had one, unix milliseconds
	deaths   int   // in a row
	born     time.Time
}

// What ends a worker before its queue is empty.
var (
	errQuarantined = errors.New("the monitor died too often in a row")
	errStopped     = errors.New("told to stop")
)

// run owns the instance and closes it at the end. What is still queued then is dropped and counted.
func (w *worker) run(ctx context.Context) error {
	defer w.end(context.WithoutCancel(ctx))
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	w.born = time.Now()
	for {
		if err := w.empty(ctx); err != nil {
			return err
		}
		if !w.queue.Sleep() {
			continue
		}
		select {
		case <-w.queue.Wake():
		case <-w.poke:
			w.obey(ctx)
		case now := <-ticks.C:
			if err := w.tick(ctx, now); err != nil {
				return err
			}
		case <-w.drain:
			if w.queue.Len() == 0 {
				return nil
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// empty matches all that is queued.
func (w *worker) empty(ctx context.Context) error {
	for w.queue.Pop(&w.update) {
		err := w.one(ctx)
		w.update.Frame.Free()
		w.queue.Done()
		if err != nil {
			err = w.died(ctx, err)
		}
		if err != nil {
			return err
		}
		w.obey(ctx)
		if ctx.Err() != nil {
			return errStopped
		}
	}
	return nil
}

// exchange is work on the instance that is done between two updates.
type exchange func(ctx context.Context)

// closed stands in pending once the worker takes no more exchanges.
var closed exchange = func(context.Context) {}

// exchange has f run by the worker between two updates; false when it ends, or when another exchange is due.
func (w *worker) exchange(f exchange) bool {
	if !w.pending.CompareAndSwap(nil, &f) {
		return false
	}
	select {
	case w.poke <- struct{}{}:
	default:
	}
	return true
}

// obey runs the exchange that is due, if one is.
func (w *worker) obey(ctx context.Context) {
	if f := w.pending.Load(); f != nil && f != &closed {
		(*f)(ctx)
		w.pending.Store(nil)
	}
}

// end runs a last exchange, so that its instance is closed with the worker, and takes no more.
func (w *worker) end(ctx context.Context) {
	for !w.pending.CompareAndSwap(nil, &closed) {
		w.obey(ctx)
	}
	w.closeInstance(ctx)
	w.queue.Drain()
}

// one matches the update at hand and counts its outcome. An error means that the instance is dead.
func (w *worker) one(ctx context.Context) error {
	u := &w.update
	w.pieces = u.Frame.AppendPieces(w.pieces[:0], u.Payload)
	if u.CreatedAt > 0 {
		w.lastSeen = u.CreatedAt / int64(time.Millisecond)
	}
	start := time.Now()
	w.m.QueueWait.Observe(time.Duration(start.UnixNano() - u.Received))
	if u.CreatedAt > 0 {
		w.m.DeliveryLag.Observe(time.Duration(start.UnixNano() - u.CreatedAt))
	}
	v, err := w.instance.Match(ctx, sandbox.Input{Pieces: w.pieces, Filters: u.Filters, NowMs: w.lastSeen})
	w.m.MatchTime.Observe(time.Since(start))
	w.m.Fuel.Add(v.Fuel)
	if err != nil {
		w.m.Errors.Inc()
		w.keepFault()
		return err
	}
	w.count(v, u)
	return nil
}

// count books a verdict and delivers what matched.
func (w *worker) count(v sandbox.Verdict, u *router.Update) {
	switch {
	case v.Value > 0:
		w.m.Matched.Inc()
		w.deliver(v, u)
	case v.Value == 0:
		w.m.Unmatched.Inc()
	default:
		w.m.Errors.Inc()
		w.monitor.failed(fmt.Sprintf("match returned %d: %s", v.Value, orNone(v.Reason)))
	}
}

func (w *worker) deliver(v sandbox.Verdict, u *router.Update) {
	w.m.Events.Add(uint64(len(v.Events)))
	w.match = Match{Monitor: w.name, Update: u, Value: v.Value, Events: v.Events}
	w.matched(&w.match)
}

func (w *worker) tick(ctx context.Context, now time.Time) error {
	w.m.GuestMemory.Set(int64(w.instance.MemoryBytes()))
	v, err := w.instance.Tick(ctx, now.UnixMilli())
	if err != nil {
		return w.died(ctx, err)
	}
	if v.Value > 0 && len(v.Events) > 0 {
		w.deliver(v, nil)
	}
	return nil
}

// died replaces the instance that err killed: now if it can, later by back-off, or never by quarantine.
func (w *worker) died(ctx context.Context, err error) error {
	if errors.Is(err, sandbox.ErrFuel) {
		w.m.FuelExhausted.Inc()
	} else {
		w.m.Traps.Inc()
	}
	w.monitor.failed(err.Error())
	w.closeInstance(ctx)
	if time.Since(w.born) > w.restart.Forget {
		w.deaths = 0
	}
	for {
		w.deaths++
		if w.deaths >= w.restart.Quarantine {
			w.queue.Close()
			w.ended(fmt.Sprintf("died %d times in a row: %v", w.deaths, err))
			return errQuarantined
		}
		if err := w.monitor.become(Restarting, err.Error()); err != nil {
			return err
		}
		if !w.pause(ctx) {
			return errStopped
		}
		w.obey(ctx)
		if err = w.revive(ctx); err == nil {
			return w.monitor.become(Running, "")
		}
		w.monitor.failed(err.Error())
	}
}

func (w *worker) revive(ctx context.Context) error {
	if w.instance != nil { // an exchange brought one
		w.born = time.Now()
		return nil
	}
	instance, err := w.renew(ctx)
	if err != nil {
		return err
	}
	w.instance, w.born = instance, time.Now()
	w.m.Restarts.Inc()
	return nil
}

// pause waits out the back-off, half of it by chance; false when the worker is to end.
func (w *worker) pause(ctx context.Context) bool {
	wait := min(w.restart.Base<<min(w.deaths-1, 20), w.restart.Cap)
	t := time.NewTimer(wait/2 + rand.N(wait/2+1))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-w.poke:
		return true // a new version may do better: try at once
	case <-w.drain:
		return false
	case <-ctx.Done():
		return false
	}
}

// keepFault keeps a copy of the update at hand.
func (w *worker) keepFault() {
	w.fault(w.name, w.update.Frame.AppendTo(nil, w.update.Payload))
}

func (w *worker) closeInstance(ctx context.Context) {
	if w.instance == nil {
		return
	}
	if err := w.instance.Close(ctx); err != nil {
		w.monitor.failed(fmt.Sprintf("close the instance: %v", err))
	}
	w.instance = nil
}

func orNone(reason string) string {
	if reason == "" {
		return "no reason given"
	}
	return reason
}
