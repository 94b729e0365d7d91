package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weir/host/control"
)

// withHost runs f with a client of the host on the data folder.
func (p *program) withHost(f func(*control.Client) error) error {
	client, err := control.Dial(p.data)
	if err != nil {
		return err
	}
	defer client.Close()
	return f(client)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func (p *program) listCommand() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the monitors: state, connection, rates, errors",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			asJSON, err := wantsJSON(output)
			if err != nil {
				return err
			}
			return p.withHost(func(client *control.Client) error { return p.list(c.Context(), client, asJSON) })
		},
	}
	outputFlag(c, &output)
	return c
}

func (p *program) list(ctx context.Context, client *control.Client, asJSON bool) error {
	monitors, err := client.Monitors(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(p.stdout, monitors)
	}
	if len(monitors) == 0 {
		fmt.Fprintln(p.stdout, "No monitors: put .wasm files into the plugins folder.")
		return nil
	}
	t := tabwriter.NewWriter(p.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tVERSION\tGROUP\tSTATE\tCONNECTION\tIN/S\tMATCHED/S\tERRORS\tDROPPED\tLAST UPDATE")
	for _, m := range monitors {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.1f\t%.1f\t%d\t%d\t%s\n", clean(m.Name), orDash(clean(m.Version)), orDash(m.Group), m.State,
			orDash(strings.Join(m.Connections, ",")), m.InPerSecond, m.MatchedPerSecond, m.Counts.Errors, m.Counts.Dropped, age(m.LastUpdateAgeMS))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	listReasons(p.stdout, monitors)
	return nil
}

// listReasons says why monitors are not running as they should; those with the same reason share a line.
func listReasons(w io.Writer, monitors []control.Monitor) {
	var order []string
	names := map[string][]string{}
	note := func(name, what string) {
		if names[what] == nil {
			order = append(order, what)
		}
		names[what] = append(names[what], clean(name))
	}
	for _, m := range monitors {
		if m.Reason != "" {
			note(m.Name, m.State+": "+clean(m.Reason))
		}
		if m.ReloadError != "" {
			note(m.Name, "an older version runs, the newest file is refused: "+clean(m.ReloadError))
		}
	}
	for _, what := range order {
		fmt.Fprintf(w, "\n%s\n  %s\n", what, strings.Join(names[what], ", "))
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// age writes a time in milliseconds for people.
func age(ms *int64) string {
	switch {
	case ms == nil:
		return "never"
	case *ms < 1000:
		return fmt.Sprintf("%d ms ago", *ms)
	}
	return (time.Duration(*ms) * time.Millisecond).Round(time.Second).String() + " ago"
}

// clean keeps text of a monitor from steering the terminal: control characters become visible, lines stay one line.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return '\ufffd'
		}
		return r
	}, s)
}

func (p *program) actCommand(verb, short, done string) *cobra.Command {
	return &cobra.Command{
		Use:   verb + " NAME",
		Short: short,
		Args:  oneArgument("monitor's name"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.withHost(func(client *control.Client) error {
				act := map[string]func(context.Context, string) (*control.Monitor, error){
					"enable": client.Enable, "disable": client.Disable, "reload": client.Reload,
				}[verb]
				m, err := act(c.Context(), args[0])
				if err != nil {
					return err
				}
				fmt.Fprintf(p.stdout, "%s %s (%s)\n", clean(m.Name), done, m.State)
				return nil
			})
		},
	}
}
