package host

import (
	"testing"

	"weir/host/config"
	"weir/host/sandbox"
)

// The configuration names its defaults itself, as it may not know the sandbox.
func TestDefaultsOfTheSandboxAreTheSameInBothPlaces(t *testing.T) {
	cfg, err := config.Load(config.Options{Flags: map[string]string{"data": t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sandboxLimits(&cfg.Sandbox), sandbox.DefaultLimits(); got != want {
		t.Errorf("by configuration %+v\nin the sandbox   %+v", got, want)
	}
}
