package plugin

import (
	"context"
	"errors"
	"fmt"

	"weir/host/geyser"
	"weir/host/router"
	"weir/host/sandbox"
)

func (s *Supervisor) newWorker(sl *slot, r *running, q *router.Queue, first *sandbox.Instance, g sandbox.Guest) *worker {
	w := &worker{
		name: r.version.Load().Name, queue: q, monitor: sl.monitor, m: sl.monitor.metrics, restart: s.set.Restart,
		matched: s.set.Matched, fault: s.set.Fault, poke: make(chan struct{}, 1),
		drain: make(chan struct{}), instance: first,
	}
	sl.monitor.readOwn(first.Metrics)
	w.renew = func(ctx context.Context) (guest, error) {
		next, err := r.version.Load().Instantiate(ctx, g)
		if err != nil {
			return nil, err
		}
		sl.monitor.readOwn(next.Metrics)
		return next, nil
	}
	w.ended = func(reason string) { s.post(func(context.Context) { s.quarantine(sl, r, reason) }) }
	return w
}

// work is the worker's goroutine.
func (s *Supervisor) work(ctx context.Context, sl *slot, r *running) {
	err := r.worker.run(ctx)
	s.set.Router.Detach(r.routeKey)
	r.worker.queue.Close()
	r.worker.queue.Drain()
	if err := r.version.Load().Close(context.WithoutCancel(ctx)); err != nil {
		s.set.Log.Error("a monitor's code was not given back", "monitor", r.worker.name, "error", err)
	}
	close(r.gone)
	if err != nil && !errors.Is(err, errQuarantined) && !errors.Is(err, errStopped) {
		s.set.Log.Error("a monitor's worker ended", "monitor", r.worker.name, "error", err)
	}
	s.post(func(context.Context) { s.gone(sl, r) })
}

// gone ends the draining of a monitor whose worker is no more.
func (s *Supervisor) gone(sl *slot, r *running) {
	if sl.worker == r {
		sl.worker = nil
	}
	if sl.worker != nil || sl.monitor.state() != Draining {
		return
	}
	if why := s.disabled(r.worker.name); why != "" {
		s.must(sl, Disabled, why)
	} else if sl.loading { // enabled again meanwhile
		s.must(sl, Loading, "")
	}
}

// stopWorker lets the slot's worker finish what is queued for it; nothing new comes.
func (s *Supervisor) stopWorker(sl *slot) {
	if sl.worker == nil {
		return
	}
	s.set.Router.Detach(sl.worker.routeKey)
	select {
	case <-sl.worker.worker.drain:
	default:
		close(sl.worker.worker.drain)
	}
}

// quarantine takes note that the monitor's worker gave up.
func (s *Supervisor) quarantine(sl *slot, r *running, reason string) {
	if sl.worker != r {
		return
	}
	sl.worker = nil
	name := r.worker.name
	s.set.Log.Error("the monitor is quarantined", "monitor", name, "reason", reason, "next", "weir enable "+name)
	s.must(sl, Quarantined, reason)
	if err := s.set.Memory.setQuarantined(name, reason); err != nil {
		s.set.Log.Error("the quarantine will be forgotten at a restart", "monitor", name, "error", err)
	}
	s.publish()
}

// swap puts the new version in the place of the old one, between two updates. The filters are the same.
func (s *Supervisor) swap(ctx context.Context, sl *slot, v *Version) error {
	instance, err := v.Take(ctx, s.guest(sl))
	if err != nil {
		return err
	}
	r := sl.worker
	exchanged := r.worker.exchange(func(ctx context.Context) {
		r.worker.closeInstance(ctx)
		r.worker.instance, r.worker.deaths = instance, 0
		old := r.version.Swap(v)
		sl.monitor.readOwn(instance.Metrics)
		sl.monitor.metrics.Reloads.Inc()
		s.giveBack(old)
	})
	if !exchanged { // the worker is ending, or an exchange is due already
		sl.again = true
		return errors.Join(errUnwanted, instance.Close(ctx))
	}
	return nil
}

// remove lets the monitor of a file that is gone finish.
func (s *Supervisor) remove(sl *slot) {
	sl.removed = true
	s.stopWorker(sl)
	s.mu.Lock()
	delete(s.slots, sl.key)
	s.mu.Unlock()
	s.set.Log.Info("the monitor's file is gone", "monitor", sl.monitor.name(), "file", sl.seen.path)
	s.publish()
}

// publish tells what the running monitors want of the upstream.
func (s *Supervisor) publish() {
	var wants []Want
	for _, sl := range s.sorted() {
		if r := sl.worker; r != nil && sl.monitor.state() != Draining {
			v := r.version.Load()
			wants = append(wants, Want{
				Want: geyser.Want{Monitor: r.routeKey, Declared: v.Declared},
				Name: r.worker.name, Group: v.Group,
			})
		}
	}
	s.set.Wanted(wants)
}

// Enable lets the monitor run, now and after restarts, and ends its quarantine. Enabling one that runs changes nothing.
func (s *Supervisor) Enable(ctx context.Context, name string) error {
	return s.act(ctx, name, func(work context.Context, sl *slot) error {
		if err := s.ruled(name, true); err != nil {
			return err
		}
		if err := s.set.Memory.setDisabled(name, false); err != nil {
			return err
		}
		if sl.worker == nil || sl.monitor.state() == Draining {
			s.load(work, sl)
		}
		return nil
	})
}

// Disable stops the monitor, now and after restarts: what is queued for it is still matched.
func (s *Supervisor) Disable(ctx context.Context, name string) error {
	return s.act(ctx, name, func(_ context.Context, sl *slot) error {
		if err := s.ruled(name, false); err != nil {
			return err
		}
		if err := s.set.Memory.setDisabled(name, true); err != nil {
			return err
		}
		if sl.worker == nil {
			s.must(sl, Disabled, "disabled by the operator")
			return nil
		}
		s.must(sl, Draining, "disabled by the operator")
		s.stopWorker(sl)
		s.publish()
		return nil
	})
}

// ErrRuled means that weir.yaml decides and says otherwise.
var ErrRuled = errors.New("weir.yaml decides")

// ruled refuses a change that weir.yaml would take back at the next start.
func (s *Supervisor) ruled(name string, enable bool) error {
	if on := s.set.Named[name].Enabled; on != nil && *on != enable {
		return fmt.Errorf("%w: monitors.%s.enabled is %t there; change it, or remove it to use `weir enable` and `weir disable`", ErrRuled, name, *on)
	}
	return nil
}

// Reload reads the monitor's file again; the outcome is seen in its view.
func (s *Supervisor) Reload(ctx context.Context, name string) error {
	return s.act(ctx, name, func(work context.Context, sl *slot) error {
		if st := sl.monitor.state(); st != Disabled && st != Quarantined {
			s.load(work, sl)
		}
		return nil
	})
}

// act runs f for the named slot on Run's goroutine.
func (s *Supervisor) act(ctx context.Context, name string, f func(work context.Context, sl *slot) error) error {
	var err error
	if posted := s.do(ctx, func(work context.Context) {
		if sl := s.named(name); sl != nil {
			err = f(work, sl)
		} else {
			err = s.unknown(name)
		}
	}); posted != nil {
		return posted
	}
	return err
}
