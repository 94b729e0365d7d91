package host

import (
	"fmt"
	"os"
	"testing"
)

// The figures are measured by tests named TestFigure…: they take minutes and mean something only on a machine that does
// little else, so they run where WEIR_FIGURES=1 asks for them, as `make bench` does. Each prints one line and fails where
// it misses its bar. All of them are ratios or counts within one run, or times far above what a machine's speed changes.

// wantFigures skips the test where the figures are not asked for.
func wantFigures(t *testing.T) {
	t.Helper()
	if os.Getenv("WEIR_FIGURES") != "1" {
		t.Skip("SKIPPED: a figure, which takes long; WEIR_FIGURES=1 (make bench) measures it")
	}
}

// atLeast prints a figure and fails below its bar.
func atLeast(t *testing.T, name string, value, bar float64, unit string) {
	t.Helper()
	report(t, name, value, bar, unit, "at least", value >= bar)
}

// atMost prints a figure and fails above its bar.
func atMost(t *testing.T, name string, value, bar float64, unit string) {
	t.Helper()
	report(t, name, value, bar, unit, "at most", value <= bar)
}

func report(t *testing.T, name string, value, bar float64, unit, sense string, reached bool) {
	t.Helper()
	line := fmt.Sprintf("figure: %s = %s%s (%s %s%s)", name, number(value), unit, sense, number(bar), unit)
	fmt.Println(line)
	if !reached {
		t.Errorf("missed: %s", line)
	}
}

// aside prints what explains a figure and has no bar.
func aside(format string, args ...any) { fmt.Printf("        "+format+"\n", args...) }

func number(v float64) string {
	if v == float64(int64(v)) {
		return fmt.Sprintf("%d", int64(v))
	}
	return fmt.Sprintf("%.3g", v)
}
