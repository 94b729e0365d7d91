package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"weir/host/control"
)

func (p *program) tailCommand() *cobra.Command {
	var raw bool
	c := &cobra.Command{
		Use:   "tail NAME",
		Short: "Print a monitor's events as they come, one JSON object per line, until Ctrl-C",
		Args:  oneArgument("monitor's name"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.withHost(func(client *control.Client) error {
				return client.Tail(c.Context(), args[0], raw, func(line []byte) error {
					_, err := fmt.Fprintf(p.stdout, "%s\n", line)
					return err
				})
			})
		},
	}
	c.Flags().BoolVar(&raw, "raw", false, "the matched updates instead, as protobuf JSON")
	return c
}
