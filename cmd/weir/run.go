package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"weir/host"
	"weir/host/config"
)

// runOptions are the flags of `weir run` that are no keys of weir.yaml.
type runOptions struct {
	demo bool
	seed uint64
	file string
}

func (p *program) runCommand() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "run",
		Short: "Run the host",
		Long: `Runs the host: reads weir.yaml (when it is there), with WEIR_* variables and flags over it. Ctrl-C lets the
monitors finish what is queued; a second Ctrl-C cuts them off. The token of the endpoint comes from WEIR_X_TOKEN or weir.yaml.`,
		Args: cobra.NoArgs,
	}
	f := c.Flags()
	f.BoolVar(&o.demo, "demo", false, "run on the built-in simulator instead of the endpoints")
	f.Uint64Var(&o.seed, "seed", 1, "of the simulator's chain, with --demo")
	f.StringVar(&o.file, "config", "", "configuration file (default: weir.yaml in this folder, when it is there)")
	flags := p.configFlags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := p.loadConfig(o.file, flags(c))
		if err != nil {
			return &usageError{err}
		}
		return p.runHost(c.Context(), cfg, &o)
	}
	return c
}

func (p *program) runHost(ctx context.Context, cfg *config.Config, o *runOptions) error {
	log := p.logger(cfg)
	set := host.Settings{Config: cfg, Version: version, Log: log}
	if o.demo {
		set.Demo = &host.Demo{Seed: o.seed}
		set.Demo.Settings.Version = version
	}
	h, err := host.New(ctx, set)
	if errors.Is(err, host.ErrNoEndpoint) {
		return &usageError{err}
	}
	if err != nil {
		return err
	}
	force, stop := secondSignal(ctx)
	defer stop()
	log.Info("weir runs", "version", version, "data", cfg.Data, "plugins", cfg.Plugins, "api", h.Address())
	err = h.Run(ctx, force)
	if err == nil {
		log.Info("drained")
	}
	return err
}

// secondSignal returns a context that ends with the first signal after ctx has ended.
func secondSignal(ctx context.Context) (context.Context, func()) {
	force, cut := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-ctx.Done():
		case <-force.Done():
			return
		}
		for range 2 { // the first one ended ctx
			select {
			case <-signals:
			case <-force.Done():
				return
			}
		}
		cut()
	}()
	return force, func() { signal.Stop(signals); cut() }
}

func (p *program) logger(cfg *config.Config) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Log.Level)) // one of four names, checked when it was read
	o := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, o))
	}
	return slog.New(slog.NewTextHandler(p.stderr, o))
}
