// Package host puts Weir together: it makes the parts, connects them, runs them in order, and stops them in reverse.
//
// Goroutines: Host.Run starts one for each part (pool, supervisor, API, simulator of the demo, rates) and returns when all
// have ended. Control runs one way: the supervisor says what the monitors want, the host hands that to the pool.
package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"weir/dashboard"
	"weir/host/config"
	"weir/host/control"
	"weir/host/datadir"
	"weir/host/metrics"
	"weir/host/plugin"
	"weir/host/router"
	"weir/host/sandbox"
	"weir/host/sink"
	"weir/host/upstream"
)

// Settings of a Host.
type Settings struct {
	Config  *config.Config
	Version string // of the program
	Log     *slog.Logger
	Demo    *Demo // nil: the endpoints of the config
}

// Host is a whole Weir.
type Host struct {
	set       Settings
	started   time.Time
	pid       int
	endpoints []upstream.Endpoint

	dir        *datadir.Dir
	listener   net.Listener
	sandbox    *sandbox.Runtime
	router     *router.Router
	hub        *sink.Hub
	faults     *faults
	supervisor *plugin.Supervisor
	pool       *upstream.Pool
	api        *dashboard.Server
	rates      *rates

	cleanups cleanups
}

// New makes all parts and starts none. Close it when Run is not going to be called; Run closes by itself.
func New(ctx context.Context, set Settings) (*Host, error) {
	h := &Host{set: set, started: time.Now(), pid: os.Getpid(), router: router.New(), hub: sink.NewHub(), rates: newRates()}
	for _, part := range []func(context.Context) error{
		h.holdData, h.openSandbox, h.chooseEndpoints, h.makePool, h.makeSupervisor, h.listen,
	} {
		if err := part(ctx); err != nil {
			return nil, errors.Join(err, h.cleanups.run())
		}
	}
	return h, nil
}

// Close gives up a host that was never run.
func (h *Host) Close() error { return h.cleanups.run() }

// Address is where the API listens, host:port.
func (h *Host) Address() string { return h.listener.Addr().String() }

func (h *Host) holdData(context.Context) error {
	dir, err := datadir.Hold(h.set.Config.Data)
	if err != nil {
		return err
	}
	h.dir = dir
	h.cleanups.add("data folder", dir.Release)
	return nil
}

func (h *Host) openSandbox(ctx context.Context) error {
	cache := h.set.Config.Sandbox.CacheDir
	if cache == "" {
		cache = h.dir.File("cache")
	}
	rt, err := sandbox.New(ctx, sandbox.Settings{CacheDir: cache})
	if err != nil {
		return fmt.Errorf("open the sandbox: %w", err)
	}
	h.sandbox = rt
	h.cleanups.add("sandbox", func() error { return rt.Close(context.WithoutCancel(ctx)) })
	return nil
}

func (h *Host) makePool(context.Context) error {
	pool, err := upstream.New(poolSettings(h.set.Config, h.endpoints, feeds{h.router}, new(metrics.Pool), h.set.Log))
	if err != nil {
		return fmt.Errorf("set up the connections: %w", err)
	}
	h.pool = pool
	return nil
}

// feeds shows the router as the pool wants to see it.
type feeds struct{ router *router.Router }

// Open implements upstream.Router.
func (f feeds) Open(_ string, m *metrics.Stream) upstream.Feed { return f.router.Open(m) }

func (h *Host) makeSupervisor(context.Context) error {
	memory, err := plugin.OpenMemory(h.dir.File("monitors.json"))
	if err != nil {
		return err
	}
	set := supervisorSettings(h.set.Config)
	h.faults = &faults{folder: h.dir.File("faults"), log: h.set.Log}
	set.Runtime, set.Router, set.Memory, set.Log = h.sandbox, h.router, memory, h.set.Log
	set.Wanted, set.Matched, set.Fault = h.wanted, h.matched, h.faults.keep
	h.supervisor = plugin.New(set)
	return nil
}

// wanted hands what the running monitors want to the pool. It is the one edge that goes back up.
func (h *Host) wanted(wants []plugin.Want) {
	all := make([]upstream.Want, len(wants))
	for i, w := range wants {
		all[i] = upstream.Want{Want: w.Want, Group: upstream.Group(w.Group)}
	}
	h.pool.Set(all)
}

// matched hands a match to the hub, on the monitor's worker.
func (h *Host) matched(m *plugin.Match) {
	out := sink.Match{Monitor: m.Monitor, Value: m.Value, Events: m.Events}
	if u := m.Update; u != nil {
		out.Frame, out.Payload, out.Kind, out.Slot, out.CreatedAt = &u.Frame, u.Payload, u.Kind, u.Slot, u.CreatedAt
	}
	h.hub.Publish(&out)
}

func (h *Host) listen(ctx context.Context) error {
	token, err := control.EnsureToken(h.dir.Path)
	if err != nil {
		return err
	}
	h.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", h.set.Config.Dashboard.Listen)
	if err != nil {
		return fmt.Errorf("open the API's address (dashboard.listen in weir.yaml, or --listen): %w", err)
	}
	h.cleanups.add("listener", closeListener(h.listener))
	// Clients may find the host from here on: until it serves, they wait in the listener's queue.
	if err := control.WriteAddress(h.dir.Path, h.Address()); err != nil {
		return fmt.Errorf("tell clients where the API is: %w", err)
	}
	h.cleanups.add("address file", func() error { return control.RemoveAddress(h.dir.Path) })
	h.api = dashboard.New(dashboard.Settings{Host: h, Token: token, Log: h.set.Log})
	return nil
}

// Run works until ctx ends or a part fails. Then no more updates are taken, what is queued is matched, and the parts end,
// within the shutdown deadline: three quarters of it for the graceful way, the rest for the forced one. ErrForced tells
// that something had to be cut off. Run may be called once.
func (h *Host) Run(ctx, force context.Context) (err error) {
	defer func() { err = errors.Join(err, h.cleanups.run()) }()
	ctx, failed := context.WithCancelCause(ctx)
	defer failed(nil)
	force, cut := context.WithCancel(force)
	defer cut()
	api := start("API", failed, func(ctx context.Context) error { return h.api.Serve(ctx, h.listener) })
	sim := start("simulator", failed, h.runDemo)
	looks := start("rates", failed, func(ctx context.Context) error { h.rates.run(ctx, h); return nil })
	monitors := start("monitors", failed, func(ctx context.Context) error { return h.supervisor.Run(ctx, force) })
	streams := start("connections", failed, h.pool.Run)

	<-ctx.Done()
	var broken *PartError
	if cause := context.Cause(ctx); errors.As(cause, &broken) {
		err = broken
	}
	deadline := h.set.Config.Shutdown.Deadline
	patience := time.AfterFunc(deadline*3/4, cut)
	defer patience.Stop()
	for _, p := range []*part{streams, monitors, sim, looks, api} {
		err = errors.Join(err, p.stop())
	}
	if force.Err() != nil {
		err = errors.Join(err, ErrForced)
	}
	return err
}

// closeListener closes one that its server may have closed before.
func closeListener(l net.Listener) func() error {
	return func() error {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}
