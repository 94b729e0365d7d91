package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/host/control"
)

func (p *program) showCommand() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "show NAME",
		Short: "Show one monitor: manifest, filters as sent, stream, counts, last error, fuel",
		Args:  oneArgument("monitor's name"),
		RunE: func(c *cobra.Command, args []string) error {
			asJSON, err := wantsJSON(output)
			if err != nil {
				return err
			}
			return p.withHost(func(client *control.Client) error {
				d, err := client.Monitor(c.Context(), args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(p.stdout, d)
				}
				show(p.stdout, d)
				return nil
			})
		},
	}
	outputFlag(c, &output)
	return c
}

// sheet writes label and value on a line, section by section.
type sheet struct{ w io.Writer }

func (s sheet) section(title string) { fmt.Fprintf(s.w, "\n%s\n", title) }
func (s sheet) row(label, format string, args ...any) {
	fmt.Fprintf(s.w, "  %-16s %s\n", label, fmt.Sprintf(format, args...))
}

func show(w io.Writer, d *control.MonitorDetail) {
	s := sheet{w}
	fmt.Fprintf(w, "%s %s\n", clean(d.Name), clean(d.Version))
	if d.Description != "" {
		fmt.Fprintf(w, "%s\n", clean(d.Description))
	}
	s.section("State")
	s.row("state", "%s since %s", d.State, d.Since.Local().Format(time.DateTime))
	if d.Reason != "" {
		s.row("reason", "%s", clean(d.Reason))
	}
	if d.ReloadError != "" {
		s.row("reload error", "%s", clean(d.ReloadError))
	}
	s.row("group", "%s", d.Group)
	s.row("file", "%s", clean(d.File))
	s.row("digest", "%s", orDash(d.Digest))
	s.row("connection", "%s", orDash(strings.Join(d.Connections, ", ")))
	s.row("stream", "%s", orDash(strings.Join(d.Streams, ", ")))
	showCounts(s, d)
	showFilters(s, d)
	if d.LastError != nil {
		s.section("Last error")
		s.row(d.LastError.At.Local().Format(time.DateTime), "%s", clean(d.LastError.Message))
	}
	if len(d.Log) > 0 {
		s.section("Log")
		for _, l := range d.Log {
			fmt.Fprintf(w, "  %s %-5s %s\n", l.At.Local().Format(time.TimeOnly), l.Level, clean(l.Text))
		}
	}
	showJSON(s, "Config", d.Config)
	showJSON(s, "Manifest", d.Manifest)
}

func showCounts(s sheet, d *control.MonitorDetail) {
	c := d.Counts
	s.section("Counts")
	s.row("in", "%d updates, %s, %.1f/s; last one %s", c.In, size(c.InBytes), d.InPerSecond, age(d.LastUpdateAgeMS))
	s.row("matched", "%d, %.1f/s", c.Matched, d.MatchedPerSecond)
	s.row("unmatched", "%d", c.Unmatched)
	s.row("events", "%d delivered, %d over quota", c.Events, c.EventsDropped)
	s.row("errors", "%d, of them %d traps and %d out of fuel; %d restarts", c.Errors, c.Traps, c.FuelExhausted, c.Restarts)
	s.row("dropped", "%d", c.Dropped)
	s.row("queue", "%d updates, %s", c.Queued, size(uint64(max(c.QueuedBytes, 0))))
	s.row("reloads", "%d", c.Reloads)
	s.row("fuel per update", "%.0f of %d", d.FuelPerUpdate, d.FuelLimit)
	s.row("memory", "%s", size(uint64(max(d.GuestMemory, 0))))
	s.row("match", "p50 %.4g µs, p99 %.4g µs", d.MatchMicros.P50, d.MatchMicros.P99)
	s.row("queue wait", "p50 %.4g ms, p99 %.4g ms", d.QueueWaitMS.P50, d.QueueWaitMS.P99)
	s.row("delivery lag", "p50 %.4g ms, p99 %.4g ms", d.DeliveryLagMS.P50, d.DeliveryLagMS.P99)
	for _, name := range sortedKeys(d.Metrics) {
		s.row(clean(name), "%g", d.Metrics[name])
	}
}

func sortedKeys(m map[string]float64) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func showFilters(s sheet, d *control.MonitorDetail) {
	s.section("Filters as sent")
	for _, f := range d.Filters {
		sent := "not sent"
		if len(f.SentAs) > 0 {
			sent = fmt.Sprintf("sent as %s on stream %s", strings.Join(f.SentAs, ", "), f.Stream)
		}
		if f.Widened {
			sent += ", widened and checked again here"
		}
		s.row(clean(f.Name), "%s, %s", f.Kind, sent)
		s.row("", "%s", compact(f.Request))
	}
}

func showJSON(s sheet, title string, raw json.RawMessage) {
	var b bytes.Buffer
	if len(raw) == 0 || json.Indent(&b, raw, "  ", "  ") != nil {
		return
	}
	s.section(title)
	for line := range strings.Lines(b.String()) {
		fmt.Fprintf(s.w, "  %s\n", clean(strings.TrimRight(line, "\n")))
	}
}

// compact writes JSON on one line; protobuf JSON puts spaces where it likes.
func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return clean(string(raw))
	}
	return clean(b.String())
}

// size writes bytes for people.
func size(n uint64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, i := float64(n)/unit, 0
	for value >= unit && i < len("KMGTP")-1 {
		value /= unit
		i++
	}
	return fmt.Sprintf("%.1f %ciB", value, "KMGTP"[i])
}
