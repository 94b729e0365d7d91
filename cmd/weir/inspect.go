package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"

	"weir/abi"
	"weir/host/geyser"
	"weir/host/plugin"
	"weir/host/sandbox"
)

// inspection is what `weir inspect -o json` prints.
type inspection struct {
	File     string          `json:"file"`
	Digest   string          `json:"digest"`
	Report   *sandbox.Report `json:"module"`
	Manifest json.RawMessage `json:"manifest"`
	Requests []request       `json:"requests"`
	Lane     string          `json:"lane"`
}

type request struct {
	Bit    int             `json:"bit"`
	Name   string          `json:"name"`
	Kind   string          `json:"kind"`
	Filter json.RawMessage `json:"filter"`
}

func (p *program) inspectCommand() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "inspect FILE.wasm",
		Short: "Check a module without a host: exports, imports, manifest, requests",
		Args:  oneArgument(".wasm file"),
		RunE: func(c *cobra.Command, args []string) error {
			asJSON, err := wantsJSON(output)
			if err != nil {
				return err
			}
			in, err := inspect(c.Context(), args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(p.stdout, in)
			}
			p.showInspection(in)
			return nil
		},
	}
	outputFlag(c, &output)
	return c
}

// readModule reads a module for an offline command: a file that is not there is a mistake of the caller's.
func readModule(path string) ([]byte, error) {
	wasm, err := sandbox.ReadFile(path, sandbox.DefaultLimits())
	var unreadable *fs.PathError
	if errors.As(err, &unreadable) {
		return nil, &usageError{err}
	}
	return wasm, err
}

func inspect(ctx context.Context, path string) (*inspection, error) {
	wasm, err := readModule(path)
	if err != nil {
		return nil, err
	}
	in := &inspection{File: path, Digest: plugin.Digest(wasm)}
	if in.Report, err = sandbox.Inspect(wasm, sandbox.DefaultLimits()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	err = withVersion(ctx, wasm, plugin.Options{}, sandbox.Guest{NoRates: true}, func(v *plugin.Version) error {
		in.Manifest, in.Lane = v.JSON, v.Declared.Lane().String()
		return in.addRequests(v.Declared)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return in, nil
}

func (in *inspection) addRequests(d *geyser.Declared) error {
	for bit, f := range d.Filters {
		text, err := protojson.Marshal(f.Message)
		if err != nil {
			return fmt.Errorf("filter %s: %w", f.Name, err)
		}
		in.Requests = append(in.Requests, request{Bit: bit, Name: f.Name, Kind: f.Section, Filter: text})
	}
	return nil
}

// withVersion loads a module into a sandbox of its own for the time of f.
func withVersion(ctx context.Context, wasm []byte, o plugin.Options, g sandbox.Guest, f func(*plugin.Version) error) (err error) {
	rt, err := sandbox.New(ctx, sandbox.Settings{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close(context.WithoutCancel(ctx))) }()
	v, err := plugin.Load(ctx, rt, wasm, sandbox.DefaultLimits(), g, func(string) plugin.Options { return o })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close(context.WithoutCancel(ctx))) }()
	return f(v)
}

// optional are the exports that a monitor may have.
var optional = []string{abi.ExportInitialize, abi.ExportConfigure, abi.ExportTick, abi.ExportSave, abi.ExportLoad}

func (p *program) showInspection(in *inspection) {
	s, r := sheet{p.stdout}, in.Report
	fmt.Fprintf(p.stdout, "%s is a monitor\n", clean(in.File))
	s.section("Module")
	s.row("digest", "%s", in.Digest)
	s.row("size", "%s, %d functions", size(uint64(r.Bytes)), r.Functions)
	s.row("memory", "%s to %s", size(uint64(r.MemoryMin)<<16), size(uint64(r.MemoryMax)<<16))
	for _, name := range optional {
		if r.Has(name) {
			s.row("has", "%s", name)
		}
	}
	s.section("Exports")
	for _, e := range r.Exports {
		s.row(clean(e.Name), "%s %s", e.Kind, e.Type)
	}
	s.section("Imports")
	for _, i := range r.Imports {
		s.row(clean(i.Module), "%s %s", clean(i.Name), i.Type)
	}
	s.section("Requests")
	s.row("lane", "%s", in.Lane)
	for _, q := range in.Requests {
		s.row(clean(q.Name), "bit %d, %s %s", q.Bit, q.Kind, compact(q.Filter))
	}
	showJSON(s, "Manifest", in.Manifest)
}
