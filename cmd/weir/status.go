package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weir/host/control"
)

func (p *program) statusCommand() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "status",
		Short: "Show connections, groups, streams and the rate limit",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			asJSON, err := wantsJSON(output)
			if err != nil {
				return err
			}
			return p.withHost(func(client *control.Client) error {
				s, err := client.Status(c.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(p.stdout, s)
				}
				return status(p.stdout, s)
			})
		},
	}
	outputFlag(c, &output)
	return c
}

func status(w io.Writer, s *control.Status) error {
	fmt.Fprintf(w, "weir %s, pid %d, up %s\n", s.Version, s.PID, time.Since(s.StartedAt).Round(time.Second))
	for _, e := range s.Endpoints {
		fmt.Fprintf(w, "endpoint %s (%s)\n", e.Name, e.URL)
	}
	states := []string{}
	for _, state := range slices.Sorted(maps.Keys(s.Monitors)) {
		states = append(states, fmt.Sprintf("%d %s", s.Monitors[state], state))
	}
	fmt.Fprintf(w, "monitors: %s\n", orDash(strings.Join(states, ", ")))

	r := s.RateLimit
	fmt.Fprintf(w, "\nRate limit   %d of %d tokens free in any %s", r.Available, r.Limit, time.Duration(r.WindowMS)*time.Millisecond)
	if r.NextTokenMS > 0 {
		fmt.Fprintf(w, ", next in %d ms", r.NextTokenMS)
	}
	fmt.Fprintf(w, "; %d requests queued\n", r.Queued)
	streams := "any number"
	if s.Pool.MaxStreams > 0 {
		streams = fmt.Sprint(s.Pool.MaxStreams)
	}
	fmt.Fprintf(w, "Connections  %d of %d (%d idle, %d connecting, %d failed)\n", s.Pool.Connections, s.Pool.MaxConnections, s.Pool.Idle, s.Pool.Connecting, s.Pool.Failed)
	fmt.Fprintf(w, "Streams      %d of %s; %d monitors wait\n", s.Pool.Streams, streams, s.Pool.Waiting)
	if err := statusTables(w, s); err != nil {
		return err
	}
	for _, warning := range s.Warnings {
		fmt.Fprintf(w, "\nwarning: %s\n", clean(warning))
	}
	return nil
}

func statusTables(w io.Writer, s *control.Status) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "\nGROUP\tSHARE\tCONNECTIONS\tMONITORS\tPER CONNECTION")
	for _, g := range s.Groups {
		per := "-"
		if g.MonitorsPerConnection > 0 {
			per = fmt.Sprint(g.MonitorsPerConnection)
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%s\n", g.Name, g.Allocated, g.Connections, g.Monitors, per)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(t, "\nCONNECTION\tENDPOINT\tGROUP\tSTATE\tSTREAM\tLANE\tSTREAM STATE\tFILTERS\tMONITORS\tIN/S\tRECONNECTS")
	for _, c := range s.Connections {
		head := fmt.Sprintf("%s\t%s\t%s\t%s", c.ID, c.Endpoint, c.Group, c.State)
		for _, st := range c.Streams {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%.1f\t%d\n", head, st.ID, st.Lane, st.State, st.Filters, len(st.Monitors), st.PerSecond, st.Reconnects)
		}
		if len(c.Streams) == 0 {
			fmt.Fprintf(t, "%s\t-\t-\t-\t-\t-\t-\t-\n", head)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, c := range s.Connections {
		if c.Reason != "" {
			fmt.Fprintf(w, "\n%s is %s: %s\n", c.ID, c.State, clean(c.Reason))
		}
		for _, st := range c.Streams {
			if st.Reason != "" {
				fmt.Fprintf(w, "\n%s is %s: %s\n", st.ID, st.State, clean(st.Reason))
			}
		}
	}
	return nil
}
