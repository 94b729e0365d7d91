package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weir/host/config"
)

// defaultFile is read when no other is named, if it is there.
const defaultFile = "weir.yaml"

// shortFlags are flags of `weir run` that stand for keys of weir.yaml, beside one flag per key.
var shortFlags = map[string]string{"endpoint": "endpoints", "plugins": "plugins", "listen": "dashboard.listen", "log-level": "log.level"}

// configFlags adds a flag for each key of weir.yaml, and returns what collects those that were given.
func (p *program) configFlags(c *cobra.Command) func(*cobra.Command) map[string]string {
	f := c.Flags()
	f.String("endpoint", "", "URL of a Yellowstone server, https://HOST:PORT; several with commas")
	f.String("plugins", "", "folder of the monitors (default: plugins beside this program)")
	f.String("listen", "", "address of the API (default 127.0.0.1, a free port)")
	f.String("log-level", "", "debug, info, warn or error (default info)")
	f.StringArray("set", nil, "KEY=VALUE for any key that `weir config` lists; may be repeated")
	return func(c *cobra.Command) map[string]string {
		given := map[string]string{}
		for flag, key := range shortFlags {
			if c.Flags().Changed(flag) {
				given[key], _ = c.Flags().GetString(flag)
			}
		}
		pairs, _ := c.Flags().GetStringArray("set")
		for _, pair := range pairs {
			key, value, _ := strings.Cut(pair, "=")
			given[strings.TrimSpace(key)] = value
		}
		return given
	}
}

// loadConfig reads the file that was named, else weir.yaml when it is there, with environment and flags over it.
func (p *program) loadConfig(file string, flags map[string]string) (*config.Config, error) {
	if file == "" {
		file = os.Getenv(config.FileEnv)
	}
	named := file != ""
	if !named {
		file = defaultFile
	}
	if p.dataFlag != "" {
		flags["data"] = p.dataFlag
	}
	cfg, err := config.Load(config.Options{File: file, Environ: os.Environ(), Flags: flags})
	if errors.Is(err, fs.ErrNotExist) && !named {
		cfg, err = config.Load(config.Options{Environ: os.Environ(), Flags: flags})
	}
	return cfg, err
}

func (p *program) configCommand() *cobra.Command {
	var file, output string
	c := &cobra.Command{
		Use:   "config",
		Short: "Print every key of weir.yaml with its value, default and source",
		Args:  cobra.NoArgs,
	}
	c.Flags().StringVar(&file, "config", "", "configuration file (default: weir.yaml in this folder, when it is there)")
	flags := p.configFlags(c)
	outputFlag(c, &output)
	c.RunE = func(c *cobra.Command, _ []string) error {
		asJSON, err := wantsJSON(output)
		if err != nil {
			return err
		}
		cfg, err := p.loadConfig(file, flags(c))
		if err != nil {
			return &usageError{err}
		}
		entries := config.Describe(cfg)
		if asJSON {
			return writeJSON(p.stdout, configRows(entries))
		}
		return p.showConfig(entries)
	}
	return c
}

// configRow is one key in `weir config -o json`.
type configRow struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Default string `json:"default"`
	Source  string `json:"source"`
	Type    string `json:"type"`
	Range   string `json:"range,omitempty"`
	Env     string `json:"env,omitempty"`
	Doc     string `json:"doc"`
}

func configRows(entries []config.Entry) []configRow {
	rows := make([]configRow, len(entries))
	for i, e := range entries {
		rows[i] = configRow{e.Name, e.Value, e.Default, string(e.Source), e.Type, e.Range, e.Env, e.Doc}
	}
	return rows
}

func (p *program) showConfig(entries []config.Entry) error {
	t := tabwriter.NewWriter(p.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "KEY\tVALUE\tDEFAULT\tSOURCE\tWHAT IT IS")
	for _, e := range entries {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", e.Name, orDash(clean(e.Value)), orDash(e.Default), e.Source, e.Doc)
	}
	return t.Flush()
}
