package sandbox

import (
	"weir/abi"
	"weir/host/metrics"
)

// Guest is the host's side of one instance. The zero value is a guest that nobody listens to.
type Guest struct {
	// Log takes one message of the guest: level is LogDebug to LogError, msg is valid UTF-8, cut to Limits.LogBytes, and valid
	// during the call only. It runs on the guest's goroutine, so it must not block. Nil discards.
	Log func(level abi.LogLevel, msg []byte)
	// LogLevel is what the guest is told; messages below it are discarded. The zero value is LogDebug: everything.
	LogLevel abi.LogLevel
	// Counts takes EventsDropped, LogsDropped and GuestMemory; the rest is the caller's to count. May be nil.
	Counts *metrics.Monitor
	// Seed starts the guest's random numbers: the same seed gives the same run.
	Seed uint64
	// NoRates switches the quotas per second off, as replays need. Those per update stay.
	NoRates bool
	// Clock gives unix milliseconds for the quotas per second. Nil takes the NowMs that calls are given.
	Clock func() int64
}

// Input is one update for Match.
type Input struct {
	Pieces  [][]byte // the update's bytes without its filters field, in order; not kept
	Filters uint64   // bit i: the monitor's i-th declared filter hit
	NowMs   int64    // unix milliseconds, what the guest's clock shows; 0 keeps what it showed last
}

// Verdict is the outcome of Match or Tick.
type Verdict struct {
	Value  int32    // 0 no, >0 match (the monitor's own tag), <0 error
	Events [][]byte // JSON objects, in the order of emit; only when Value > 0. Valid until the instance's next call
	Reason string   // what the guest gave to set_error; only when Value < 0
	Fuel   uint64   // used by the call, the same on every run
}

// MetricValue is one metric that a guest defined.
type MetricValue struct {
	Name  string
	Kind  abi.MetricKind
	Value float64 // counters are whole numbers
}
