package plugin

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weir/host/geyser"
	"weir/host/metrics"
	"weir/host/router"
	"weir/host/sandbox"
)

// scripted is a guest that answers as answer says, with the update's first byte.
type scripted struct {
	answer func(first byte) (sandbox.Verdict, error)
	ticks  int
	closed int
}

func (g *scripted) Match(_ context.Context, in sandbox.Input) (sandbox.Verdict, error) {
	return g.answer(in.Pieces[0][0])
}

func (g *scripted) Tick(context.Context, int64) (sandbox.Verdict, error) {
	g.ticks++
	return sandbox.Verdict{}, nil
}
func (g *scripted) MemoryBytes() uint32         { return 65536 }
func (g *scripted) Close(context.Context) error { g.closed++; return nil }

// bench is a worker with scripted guests around it.
type bench struct {
	*worker
	queue     *router.Queue
	m         *metrics.Monitor
	guests    []*scripted
	delivered []byte
	faults    []string
	reason    string
	done      chan error
	cancel    context.CancelFunc
}

func startWorker(t *testing.T, restart Restart, answer func(life int, first byte) (sandbox.Verdict, error)) *bench {
	t.Helper()
	mon := newMonitor("m", "m.wasm")
	for _, st := range []State{Loading, Running} {
		if err := mon.become(st, ""); err != nil {
			t.Fatal(err)
		}
	}
	q, err := router.NewQueue(router.Bounds{Items: 100, Bytes: 1 << 20, Policy: router.DropNewest}, mon.metrics)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{queue: q, m: mon.metrics, done: make(chan error, 1)}
	next := func() *scripted {
		life := len(b.guests)
		g := &scripted{answer: func(first byte) (sandbox.Verdict, error) { return answer(life, first) }}
		b.guests = append(b.guests, g)
		return g
	}
	b.worker = &worker{
		name: "m", queue: q, monitor: mon, m: mon.metrics, restart: restart,
		poke: make(chan struct{}, 1), drain: make(chan struct{}),
		renew:   func(context.Context) (guest, error) { return next(), nil },
		matched: func(m *Match) { b.delivered = append(b.delivered, m.Update.Frame.AppendPieces(nil, 0)[0][0]) },
		fault:   func(_ string, update []byte) { b.faults = append(b.faults, string(update)) },
		ended:   func(reason string) { b.reason = reason },
	}
	b.instance = next()
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	go func() { b.done <- b.run(ctx) }()
	return b
}

func (b *bench) push(updates ...string) {
	for _, u := range updates {
		b.queue.Push(router.Update{Frame: geyser.NewFrame([]byte(u)), Received: time.Now().UnixNano()})
	}
}

// balance checks the sum that has to hold at all times.
func (b *bench) balance(t *testing.T) {
	t.Helper()
	m := b.m
	out := m.Matched.Load() + m.Unmatched.Load() + m.Errors.Load() + m.Dropped.Load() + uint64(m.Queued.Load()+m.InFlight.Load())
	if m.In.Load() != out {
		t.Errorf("in %d, accounted for %d", m.In.Load(), out)
	}
}

var patient = Restart{Base: 100 * time.Millisecond, Cap: 10 * time.Second, Quarantine: 3, Forget: time.Minute}

func verdicts(_ int, first byte) (sandbox.Verdict, error) {
	switch first {
	case '+':
		return sandbox.Verdict{Value: 1, Fuel: 10, Events: [][]byte{[]byte("{}")}}, nil
	case '-':
		return sandbox.Verdict{Value: -7, Fuel: 10, Reason: "no such layout"}, nil
	case '!':
		return sandbox.Verdict{Fuel: 10}, &sandbox.TrapError{Export: "weir_match", Reason: "unreachable"}
	case 'f':
		return sandbox.Verdict{Fuel: 10}, &sandbox.FuelError{Export: "weir_match", Limit: 10}
	}
	return sandbox.Verdict{Fuel: 10}, nil
}

func TestEveryUpdateIsBookedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startWorker(t, patient, verdicts)
		b.push("+", "0", "-", "+")
		synctest.Wait()
		m := b.m
		if m.Matched.Load() != 2 || m.Unmatched.Load() != 1 || m.Errors.Load() != 1 || m.Events.Load() != 2 || m.Fuel.Load() != 40 {
			t.Errorf("matched %d, unmatched %d, errors %d, events %d, fuel %d", m.Matched.Load(), m.Unmatched.Load(), m.Errors.Load(), m.Events.Load(), m.Fuel.Load())
		}
		if string(b.delivered) != "++" {
			t.Errorf("delivered %q", b.delivered)
		}
		if v := b.monitor.View(); v.LastError != "match returned -7: no such layout" || v.State != Running {
			t.Errorf("state %s, last error %q", v.State, v.LastError)
		}
		b.balance(t)
		close(b.drain)
		if err := <-b.done; err != nil || b.guests[0].closed != 1 {
			t.Errorf("drained with %v, guest closed %d times", err, b.guests[0].closed)
		}
		b.cancel()
	})
}

func TestDeadInstanceIsReplacedAfterABackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startWorker(t, patient, verdicts)
		start := time.Now()
		b.push("!bad", "+")
		synctest.Wait()
		if st := b.monitor.state(); st != Restarting {
			t.Errorf("state %s right after the trap, want restarting", st)
		}
		b.balance(t)
		for b.m.Matched.Load() == 0 {
			time.Sleep(time.Millisecond) // virtual time
			synctest.Wait()
		}
		if wait := time.Since(start); wait < 50*time.Millisecond || wait > 110*time.Millisecond {
			t.Errorf("restarted after %v, want half to all of the base", wait)
		}
		if !slices.Equal(b.faults, []string{"!bad"}) {
			t.Errorf("kept %q, want the update that did it", b.faults)
		}
		if b.guests[0].closed != 1 || len(b.guests) != 2 || b.m.Restarts.Load() != 1 || b.m.Traps.Load() != 1 {
			t.Errorf("first closed %d times, %d guests, %d restarts, %d traps", b.guests[0].closed, len(b.guests), b.m.Restarts.Load(), b.m.Traps.Load())
		}
		b.balance(t)
		b.cancel()
		<-b.done
	})
}

func TestMonitorThatKeepsDyingIsQuarantined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startWorker(t, patient, verdicts)
		b.push("f", "f", "f", "+", "+")
		if err := <-b.done; !errors.Is(err, errQuarantined) {
			t.Fatalf("ended with %v", err)
		}
		if b.reason == "" || b.m.FuelExhausted.Load() != 3 || b.m.Traps.Load() != 0 || len(b.guests) != 3 {
			t.Errorf("reason %q, %d out of fuel, %d traps, %d lives", b.reason, b.m.FuelExhausted.Load(), b.m.Traps.Load(), len(b.guests))
		}
		if b.m.Dropped.Load() != 2 {
			t.Errorf("dropped %d, want the 2 that waited", b.m.Dropped.Load())
		}
		b.balance(t)
		b.cancel()
	})
}

func TestLongLifeForgivesEarlierDeaths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startWorker(t, patient, verdicts)
		for range 5 {
			b.push("!")
			time.Sleep(2 * time.Minute)
		}
		synctest.Wait()
		if st := b.monitor.state(); st != Running || b.m.Restarts.Load() != 5 {
			t.Errorf("state %s after %d restarts, want running after 5", st, b.m.Restarts.Load())
		}
		b.cancel()
		<-b.done
	})
}

func TestExchangeHappensBetweenUpdatesAndClosesTheOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startWorker(t, patient, verdicts)
		b.push("+")
		synctest.Wait()
		fresh := &scripted{answer: func(byte) (sandbox.Verdict, error) { return sandbox.Verdict{}, nil }}
		ok := b.exchange(func(ctx context.Context) {
			b.closeInstance(ctx)
			b.instance = fresh
		})
		synctest.Wait()
		b.push("+")
		synctest.Wait()
		if !ok || b.guests[0].closed != 1 || b.m.Matched.Load() != 1 || b.m.Unmatched.Load() != 1 {
			t.Errorf("taken %v, old closed %d times, matched %d, unmatched %d", ok, b.guests[0].closed, b.m.Matched.Load(), b.m.Unmatched.Load())
		}
		b.cancel()
		<-b.done
		if fresh.closed != 1 || b.exchange(func(context.Context) {}) {
			t.Errorf("new one closed %d times; an ended worker takes exchanges", fresh.closed)
		}
	})
}

func TestDrainingWorkerFinishesItsQueueFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		b := startWorker(t, patient, func(_ int, first byte) (sandbox.Verdict, error) {
			<-release
			return verdicts(0, first)
		})
		b.push("+", "+", "+")
		synctest.Wait()
		close(b.drain)
		close(release)
		if err := <-b.done; err != nil || b.m.Matched.Load() != 3 {
			t.Errorf("ended with %v after %d of 3", err, b.m.Matched.Load())
		}
		b.cancel()
	})
}
