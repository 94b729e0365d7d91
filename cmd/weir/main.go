// Command weir hosts monitors over Solana Yellowstone gRPC streams, and controls a host that runs.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"weir/host"
	"weir/host/datadir"
)

// version is set by the build.
var version = "dev"

// Exit codes, for scripts.
const (
	exitOK     = 0 // done; `weir run` has drained
	exitFailed = 1
	exitUsage  = 2 // wrong flags or arguments, or a file that cannot be read
	exitForced = 3 // `weir run` was cut off before it had drained
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// program is one call of the command line.
type program struct {
	stdout, stderr io.Writer
	dataFlag       string // --data
	data           string // the data folder: --data, else WEIR_DATA, else the default
	started        bool   // the arguments were understood
}

// usageError is a mistake of the one who called.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// silentError ends the program with an exit code; all that is to be said was said.
type silentError struct{ code int }

func (e *silentError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// run is main without the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p := &program{stdout: stdout, stderr: stderr}
	root := p.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return p.exit(ctx, root.ExecuteContext(ctx))
}

// exit reports the error and finds its code.
func (p *program) exit(ctx context.Context, err error) int {
	var silent *silentError
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &silent):
		return silent.code
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return exitOK // interrupted while there was nothing to lose
	}
	fmt.Fprintln(p.stderr, "weir:", err)
	switch {
	case errors.Is(err, host.ErrForced):
		return exitForced
	case errors.As(err, &usage) || !p.started:
		return exitUsage
	}
	return exitFailed
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "weir",
		Short: "Host monitors over Solana Yellowstone gRPC streams",
		Long: `Weir hosts monitors over Solana Yellowstone gRPC (Geyser) streams. A monitor is one .wasm file in the
plugins folder: it declares what it subscribes to and a match function. Weir shares few streams among all
of them, runs each in a sandbox, and shows what they see.`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			p.started = true
			return p.findData()
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().StringVar(&p.dataFlag, "data", "", "the host's data folder (default: WEIR_DATA, else weir under the user's data home)")
	root.AddGroup(
		&cobra.Group{ID: "host", Title: "The host:"},
		&cobra.Group{ID: "control", Title: "A host that runs:"},
		&cobra.Group{ID: "author", Title: "For authors of monitors:"},
	)
	add := func(group string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("host", p.runCommand(), p.configCommand())
	add("control", p.listCommand(), p.showCommand(), p.tailCommand(), p.statusCommand(),
		p.actCommand("enable", "Let a monitor run, now and after restarts", "enabled"),
		p.actCommand("disable", "Stop a monitor, now and after restarts", "disabled"),
		p.actCommand("reload", "Read a monitor's file again", "is read again"))
	add("author", p.inspectCommand(), p.testCommand(), p.simCommand())
	return root
}

// findData settles the data folder: flag, environment, default.
func (p *program) findData() error {
	if p.data = cmp.Or(p.dataFlag, os.Getenv("WEIR_DATA")); p.data != "" {
		return nil
	}
	dir, err := datadir.Default(os.Getenv("XDG_DATA_HOME"))
	if err != nil {
		return &usageError{err}
	}
	p.data = dir
	return nil
}

// oneArgument demands exactly one, and names what is missing.
func oneArgument(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return fmt.Errorf("weir %s takes one %s, got %d: see `weir %s --help`", c.Name(), what, len(args), c.Name())
	}
}

// outputFlag adds -o with its two forms.
func outputFlag(c *cobra.Command, to *string) {
	c.Flags().StringVarP(to, "output", "o", "table", "table, or json for scripts")
	_ = c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

// wantsJSON reads the output flag.
func wantsJSON(output string) (bool, error) {
	switch output {
	case "json":
		return true, nil
	case "table":
		return false, nil
	}
	return false, &usageError{fmt.Errorf("output %q: choose table or json", output)}
}
