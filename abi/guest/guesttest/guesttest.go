// Package guesttest runs the registered monitor of a test binary natively, as the host would run its module: a monitor's tests
// import it and never touch WebAssembly. It starts no goroutines. Monitors keep their state in package variables, so one test at a
// time drives the monitor; do not use t.Parallel.
package guesttest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"weir/abi"
	"weir/abi/guest"
	"weir/abi/guest/internal/native"
)

// Guest is the registered monitor, configured.
type Guest struct {
	tb       testing.TB
	manifest *abi.Manifest
	host     *host
}

// Result is what one call did.
type Result struct {
	Verdict int32
	// Events are the events' JSON objects as emitted. As in the host, they are dropped where the verdict is not above zero; Dropped
	// then has their number.
	Events  []json.RawMessage
	Dropped int
	Reason  string // of a negative verdict
	Logs    []Log
}

// Log is one log message.
type Log struct {
	Level abi.LogLevel
	Text  string
}

// Configure gives the monitor an operator's config, a JSON object or "" for none, and returns the reason where it refuses.
func Configure(config string) error {
	h := newHost()
	native.Current = h
	if native.Guest.Configure([]byte(config)) < 0 {
		return fmt.Errorf("the monitor refuses its config: %s", h.reason)
	}
	return nil
}

// Open configures the monitor and reads its manifest strictly. It fails the test where either is refused. The monitor's package
// variables are as the test before left them; its metrics start at zero.
func Open(tb testing.TB, config string) *Guest {
	tb.Helper()
	if err := Configure(config); err != nil {
		tb.Fatal(err)
	}
	g := &Guest{tb: tb, host: native.Current.(*host)}
	text := native.Guest.Describe()
	m, err := abi.ParseManifest(text)
	if err != nil {
		tb.Fatalf("%v, in %s", err, text)
	}
	if err := m.ValidateConfig([]byte(config)); err != nil {
		tb.Fatal(err)
	}
	g.manifest = m
	return g
}

// Manifest returns what the monitor says about itself.
func (g *Guest) Manifest() *abi.Manifest { return g.manifest }

// Match gives the monitor an update, the bytes of a SubscribeUpdate, as if the named filters had hit; none named: as if every
// filter for the update's kind had. The bytes are not changed. The test fails where an event is not as the manifest declares it.
func (g *Guest) Match(raw []byte, hits ...string) Result {
	g.tb.Helper()
	mask := uint64(0)
	for _, name := range hits {
		bit, ok := native.Guest.Bit(name)
		if !ok {
			g.tb.Fatalf("the manifest has no filter named %q", name)
		}
		mask |= 1 << bit
	}
	if len(hits) == 0 {
		mask = g.maskOf(raw)
	}
	return g.MatchMask(raw, mask)
}

// MatchMask is Match with the mask of the filters that hit.
func (g *Guest) MatchMask(raw []byte, filters uint64) Result {
	g.tb.Helper()
	if at := guest.NewUpdate(raw, 0).CreatedAt(); at != 0 {
		g.host.nowMs = at / 1e6
	}
	return g.call(func() int32 { return native.Guest.Match(raw, filters) })
}

// Tick gives the monitor the time, in milliseconds since 1970. It does not move NowMs, which is the updates' clock.
func (g *Guest) Tick(unixMs int64) Result {
	g.tb.Helper()
	return g.call(func() int32 { return native.Guest.Tick(unixMs) })
}

// Save returns a copy of the state for the monitor's next version.
func (g *Guest) Save() []byte {
	native.Current = g.host
	return slices.Clone(native.Guest.Save())
}

// Load gives the monitor a saved state.
func (g *Guest) Load(state []byte) Result {
	g.tb.Helper()
	return g.call(func() int32 { return native.Guest.Load(state) })
}

// LogLevel sets the lowest level that the host takes; it starts at abi.LogDebug.
func (g *Guest) LogLevel(level abi.LogLevel) { g.host.level = level }

// Metric returns the value of a counter or a gauge, and whether the monitor has used it.
func (g *Guest) Metric(name string) (float64, bool) {
	v, ok := g.host.metrics[name]
	return v, ok
}

// Metrics returns all metrics that the monitor has used since Open.
func (g *Guest) Metrics() map[string]float64 { return maps.Clone(g.host.metrics) }

func (g *Guest) call(f func() int32) Result {
	g.tb.Helper()
	h := g.host
	native.Current = h
	h.events, h.logs, h.reason = nil, nil, ""
	r := Result{Verdict: f(), Events: h.events, Logs: h.logs}
	for _, e := range r.Events {
		if err := g.checkEvent(e); err != nil {
			g.tb.Errorf("%v, in %s", err, e)
		}
	}
	if r.Verdict < 0 {
		r.Reason = h.reason
	}
	if r.Verdict <= 0 {
		r.Events, r.Dropped = nil, len(h.events)
	}
	return r
}

// maskOf returns the bits of the filters for an update's kind.
func (g *Guest) maskOf(raw []byte) uint64 {
	kinds := map[guest.Kind]string{
		guest.KindAccount: "accounts", guest.KindSlot: "slots", guest.KindTransaction: "transactions", guest.KindBlock: "blocks",
		guest.KindBlockMeta: "blocksMeta", guest.KindEntry: "entry", guest.KindTransactionStatus: "transactionsStatus",
		guest.KindBlockFooter: "blockFooter",
	}
	var request map[string]json.RawMessage
	if err := json.Unmarshal(g.manifest.Subscribe, &request); err != nil {
		g.tb.Fatalf("the manifest's subscribe: %v", err)
	}
	var filters map[string]json.RawMessage
	if text, ok := request[kinds[guest.NewUpdate(raw, 0).Kind()]]; ok {
		if err := json.Unmarshal(text, &filters); err != nil {
			g.tb.Fatalf("the manifest's subscribe: %v", err)
		}
	}
	mask := uint64(0)
	for name := range filters {
		if bit, ok := native.Guest.Bit(name); ok {
			mask |= 1 << bit
		}
	}
	return mask
}
