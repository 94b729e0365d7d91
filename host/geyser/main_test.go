package geyser

import (
	"testing"

	"go.uber.org/goleak"
)

// The package starts no goroutines; its tests run gRPC.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
