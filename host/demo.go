package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"weir/host/sim"
	"weir/host/sim/chain"
	"weir/host/upstream"
)

// Demo is a host with a simulator of its own in the place of a provider.
type Demo struct {
	Seed uint64 // of the generated chain
	// Feed replaces the generated chain; nil for that one.
	Feed sim.Feed
	// Settings of the simulator; its Feed is set from the above.
	Settings sim.Settings

	server   *sim.Server
	listener net.Listener
}

// Stats returns what the simulator counted. The host has been made before.
func (d *Demo) Stats() sim.Stats { return d.server.Stats() }

// open makes the simulator on a free loopback port.
func (d *Demo) open(ctx context.Context) error {
	set := d.Settings
	set.Feed = d.Feed
	if set.Feed == nil {
		set.Feed = sim.NewGenerated(chain.New(chain.Config{Seed: d.Seed, StartTime: time.Now()}), true)
	}
	server, err := sim.New(set)
	if err != nil {
		return fmt.Errorf("set up the simulator: %w", err)
	}
	d.server = server
	d.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("open the simulator's address: %w", err)
	}
	return nil
}

// ErrNoEndpoint means that there is nothing to subscribe to.
var ErrNoEndpoint = errors.New("no endpoint: name one with --endpoint https://HOST:PORT or under endpoints: in weir.yaml, or try the built-in simulator with --demo")

// chooseEndpoints takes the config's, or opens the demo's simulator.
func (h *Host) chooseEndpoints(ctx context.Context) error {
	if d := h.set.Demo; d != nil {
		if err := d.open(ctx); err != nil {
			return err
		}
		h.cleanups.add("simulator", closeListener(d.listener))
		h.endpoints = []upstream.Endpoint{{Name: "simulator", URL: "http://" + d.listener.Addr().String()}}
		if token := d.Settings.XToken; token != "" {
			h.endpoints[0].Token = func() string { return token }
		}
		return nil
	}
	if len(h.set.Config.Endpoints) == 0 {
		return ErrNoEndpoint
	}
	var err error
	h.endpoints, err = endpoints(h.set.Config)
	return err
}

// runDemo runs the simulator, where there is one.
func (h *Host) runDemo(ctx context.Context) error {
	if h.set.Demo == nil {
		return nil
	}
	return h.set.Demo.server.Serve(ctx, h.set.Demo.listener)
}
