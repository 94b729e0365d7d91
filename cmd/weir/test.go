package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"weir/abi"
	"weir/host/plugin"
	"weir/host/sandbox"
	"weir/host/sim"
)

func (p *program) testCommand() *cobra.Command {
	var recording, output, config string
	c := &cobra.Command{
		Use:   "test FILE.wasm --replay FILE.pbld",
		Short: "Run one monitor over a recording and print what it matches",
		Long: `Runs one monitor over a recording (length-delimited SubscribeUpdates, plain or zstd): its declared filters with the
server's semantics, then match. Exit code 0 when it ran through, 1 when the module failed, 2 for wrong usage or a file
that cannot be read.`,
		Args: oneArgument(".wasm file"),
		RunE: func(c *cobra.Command, args []string) error {
			asJSON, err := wantsJSON(output)
			if err != nil {
				return err
			}
			if recording == "" {
				return &usageError{errors.New("name the recording with --replay FILE.pbld")}
			}
			return p.test(c.Context(), args[0], recording, config, asJSON)
		},
	}
	c.Flags().StringVar(&recording, "replay", "", "the recording")
	c.Flags().StringVar(&config, "config", "", "a JSON file with the monitor's config")
	outputFlag(c, &output)
	return c
}

func (p *program) test(ctx context.Context, module, recording, config string, asJSON bool) error {
	wasm, err := readModule(module)
	if err != nil {
		return err
	}
	rec, err := sim.OpenRecording(recording)
	if err != nil {
		return &usageError{err}
	}
	var options plugin.Options
	if options.Config, err = readConfig(config); err != nil {
		return err
	}
	guest := sandbox.Guest{NoRates: true, LogLevel: abi.LogInfo, Log: func(level abi.LogLevel, msg []byte) {
		fmt.Fprintf(p.stderr, "%s: %s\n", level, clean(string(msg)))
	}}
	report := p.reportText
	if asJSON {
		report = p.reportJSON
	}
	err = withVersion(ctx, wasm, options, guest, func(v *plugin.Version) error {
		return p.replay(ctx, v, guest, rec, report, asJSON)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", module, err)
	}
	return nil
}

func readConfig(path string) (json.RawMessage, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !json.Valid(b) {
		return nil, &usageError{fmt.Errorf("the config %s is not there or no JSON", path)}
	}
	return b, err
}

func (p *program) replay(ctx context.Context, v *plugin.Version, g sandbox.Guest, rec *sim.Recording, report func(*found) error, quiet bool) (err error) {
	r, err := newReplay(ctx, v, g, report)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.instance.Close(context.WithoutCancel(ctx))) }()
	if err := r.run(ctx, rec); err != nil {
		return err
	}
	t := &r.tally
	if t.refused > 0 {
		fmt.Fprintf(p.stderr, "weir: the monitor could not handle %d updates; the last one: %s\n", t.refused, clean(t.lastRefusal))
	}
	if !quiet {
		fmt.Fprintf(p.stdout, "\n%s %s: %d messages, %d passed its filters, %d matched, %d events, %d errors; fuel per update %d of %d\n",
			clean(v.Manifest.Name), clean(v.Manifest.Version), t.messages, t.passed, t.matched, t.events, t.refused,
			t.fuel/max(uint64(t.passed), 1), sandbox.DefaultLimits().Fuel)
	}
	return nil
}

func (p *program) reportJSON(f *found) error {
	e := json.NewEncoder(p.stdout)
	e.SetEscapeHTML(false)
	return e.Encode(f)
}

func (p *program) reportText(f *found) error {
	_, err := fmt.Fprintf(p.stdout, "message %d, %s, slot %s, %s: match %d\n", f.Index, f.Kind, f.Slot, orDash(f.ID), f.Match)
	for _, e := range f.Events {
		_, err = fmt.Fprintf(p.stdout, "  %s\n", clean(string(e)))
	}
	return err
}
