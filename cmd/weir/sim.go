package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"weir/host/sim"
	"weir/host/sim/chain"
)

// simOptions are the flags of `weir sim`.
type simOptions struct {
	listen    string
	recording string
	rate      float64
	loop      bool
	fresh     bool
	wait      int
	lossless  bool
	seed      uint64
}

func (p *program) simCommand() *cobra.Command {
	var o simOptions
	c := &cobra.Command{
		Use:   "sim",
		Short: "Serve a recording, or a generated chain, as a Yellowstone server would",
		Long: `Serves a recording, or without one a generated chain with the programs that the monitors watch, over the Yellowstone
gRPC protocol: for trying monitors and clients without a provider. The environment variable WEIR_SIM_X_TOKEN, when set, is the
token that clients must send.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.sim(c.Context(), &o) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:10000", "address to serve on")
	f.StringVar(&o.recording, "replay", "", "recording to serve (default: a generated chain in real time)")
	f.Float64Var(&o.rate, "rate", 0, "updates per second at most (default: a recording as fast as clients take it)")
	f.BoolVar(&o.loop, "loop", false, "start the recording again at its end")
	f.BoolVar(&o.fresh, "fresh-keys", false, "give each recorded update a slot, index and write_version of its own")
	f.IntVar(&o.wait, "wait", 1, "begin when this many streams have subscribed")
	f.BoolVar(&o.lossless, "lossless", true, "wait for slow clients instead of cutting them off (recordings)")
	f.Uint64Var(&o.seed, "seed", 1, "of the generated chain")
	return c
}

func (p *program) sim(ctx context.Context, o *simOptions) (err error) {
	log := slog.New(slog.NewTextHandler(p.stderr, nil))
	set := sim.Settings{
		Rate: o.rate, WaitForSubscribers: o.wait, XToken: os.Getenv("WEIR_SIM_X_TOKEN"), Logger: log, Version: version,
	}
	if o.recording == "" {
		set.Feed = sim.NewGenerated(chain.New(chain.Config{Seed: o.seed, StartTime: time.Now()}), true)
	} else {
		rec, err := sim.OpenRecording(o.recording)
		if err != nil {
			return &usageError{err}
		}
		replay := sim.NewReplay(rec, sim.ReplayOptions{Loop: o.loop, FreshKeys: o.fresh, Logger: log})
		defer func() { err = errors.Join(err, replay.Close()) }()
		set.Feed, set.EveryCommitment, set.Lossless = replay, true, o.lossless
	}
	server, err := sim.New(set)
	if err != nil {
		return &usageError{err}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("open the address (choose another with --listen): %w", err)
	}
	fmt.Fprintf(p.stdout, "simulator on http://%s: try `weir run --endpoint http://%s`\n", l.Addr(), l.Addr())
	return server.Serve(ctx, l)
}
