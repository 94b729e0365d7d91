package host

import (
	"context"
	"encoding/json"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
	"weir/host/metrics"
	"weir/host/plugin/plugintest"
	"weir/host/sandbox"
	"weir/host/sim"
	"weir/host/sink"
)

// ledger counts updates, and adds up the hashes of their bytes: two ledgers agree when they saw the same updates as often.
type ledger struct{ n, sum atomic.Uint64 }

func (l *ledger) enter(hash uint64) { l.n.Add(1); l.sum.Add(hash) }

// watched is one monitor with its ledgers.
type watched struct {
	name    string
	matcher *geyser.Matcher
	matches []bool // by position in the recording: what match says of it

	passed  ledger // what its declared filters let through, by the server's rules
	matched ledger // of those, what match is to find
	got     ledger // what its worker found
	counts  *metrics.Monitor
}

// ledgerFeed is a looped recording with fresh keys, so that no two updates are equal. It enters each update into the
// ledgers of the monitors that are to see it, and goes at the rate that the host sustains: it waits while any monitor has
// half of the default queue before it.
type ledgerFeed struct {
	replay   *sim.Replay
	length   int // of the recording
	at, left int
	seed     maphash.Seed
	monitors []*watched
	hits     []geyser.Delivery
}

const halfQueue = 2048

// Next implements sim.Feed.
func (f *ledgerFeed) Next(ctx context.Context) (sim.Item, error) {
	if f.left == 0 {
		return sim.Item{}, io.EOF
	}
	if f.at%32 == 0 {
		f.pace(ctx)
	}
	item, err := f.replay.Next(ctx)
	if err != nil {
		return item, err
	}
	position := f.at % f.length
	f.at++
	if item.Update.GetPing() != nil {
		return item, nil // the server leaves it out
	}
	f.left--
	if item.Payload == nil {
		if item.Payload, err = proto.Marshal(&pb.SubscribeUpdate{UpdateOneof: item.Update.UpdateOneof}); err != nil {
			return item, err
		}
	}
	hash := maphash.Bytes(f.seed, item.Payload)
	prepared := geyser.Prepare(item.Update)
	for _, m := range f.monitors {
		if f.hits = m.matcher.EvaluatePrepared(prepared, f.hits[:0]); len(f.hits) == 0 {
			continue
		}
		m.passed.enter(hash)
		if m.matches[position] {
			m.matched.enter(hash)
		}
	}
	return item, nil
}

func (f *ledgerFeed) pace(ctx context.Context) {
	for _, m := range f.monitors {
		for m.passed.n.Load() > m.done()+halfQueue {
			select {
			case <-time.After(200 * time.Microsecond):
			case <-ctx.Done():
				return
			}
		}
	}
}

// done is the number of updates that have left the monitor's queue, one way or the other.
func (m *watched) done() uint64 { return matched(m.counts)() + m.counts.Dropped.Load() }

// take returns a Take that enters what is matched into the ledger.
func (m *watched) take(seed maphash.Seed) sink.Take {
	var scratch []byte
	return func(match *sink.Match, dst [][]byte) [][]byte {
		if match.Frame != nil {
			scratch = match.Frame.AppendTo(scratch[:0], match.Payload)
			m.got.enter(maphash.Bytes(seed, first(scratch)))
		}
		return dst
	}
}

// first returns the first field of b: the update without the server's created_at, which comes behind it.
func first(b []byte) []byte {
	if _, _, n := protowire.ConsumeField(b); n > 0 {
		return b[:n]
	}
	return nil
}

// The filters of the monitors that match everything: those of real monitors, and one that lets everything through.
var echoed = map[string]any{
	"echo-trades":     "pumpfun-price-monitor",
	"echo-curves":     "pumpfun-account-monitor",
	"echo-pools":      "raydium-account-monitor",
	"echo-graduation": "graduation-monitor",
	"echo-everything": map[string]any{
		"transactions": map[string]any{"all": map[string]any{}}, "accounts": map[string]any{"all": map[string]any{}},
		"slots": map[string]any{"all": map[string]any{}}, "entry": map[string]any{"all": map[string]any{}},
		"blocksMeta": map[string]any{"all": map[string]any{}}, "commitment": "CONFIRMED",
	},
}

// prepareWatched puts twelve monitors into a folder, and tells what each is to find in the recording.
func prepareWatched(t *testing.T, rec *sim.Recording) (folder string, entries []entry, all []*watched) {
	t.Helper()
	folder = plugintest.Copy(t, plugintest.Names...)
	groups := []string{"high", "medium", "low"}
	add := func(name string, declared *geyser.Declared, instance *sandbox.Instance) {
		matcher, err := geyser.Compile(declared.Request(), nil)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry{name: name, file: name + ".wasm", group: groups[len(entries)%3]})
		all = append(all, &watched{name: name, matcher: matcher, matches: outcomes(t, rec, instance)})
	}
	subscribes := map[string]json.RawMessage{}
	for _, name := range plugintest.Names {
		v, instance := bareGuest(t, name)
		subscribes[name] = v.Manifest.Subscribe
		add(name, v.Declared, instance)
	}
	for name, subscribe := range echoed {
		if like, ok := subscribe.(string); ok {
			subscribe = subscribes[like]
		}
		b, err := json.Marshal(subscribe)
		if err != nil {
			t.Fatal(err)
		}
		declared, err := geyser.ParseDeclared(b)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".wasm"), echoGuest(t, name, subscribe), 0o600); err != nil {
			t.Fatal(err)
		}
		add(name, declared, nil)
	}
	return folder, entries, all
}

// outcomes tells for each message of the recording whether the instance matches it; a nil instance matches all.
func outcomes(t *testing.T, rec *sim.Recording, instance *sandbox.Instance) (matches []bool) {
	t.Helper()
	for m, err := range rec.Messages() {
		if err != nil {
			t.Fatal(err)
		}
		value := int32(1)
		if instance != nil {
			v, err := instance.Match(t.Context(), sandbox.Input{Pieces: [][]byte{m.Raw}, Filters: 1})
			if err != nil {
				t.Fatal(err)
			}
			value = v.Value
		}
		matches = append(matches, value > 0)
	}
	return matches
}

func TestFigureNothingLostOrTwice(t *testing.T) {
	wantFigures(t)
	rec, err := sim.OpenRecording(plugintest.Recording(t, "mixed.pbld"))
	if err != nil {
		t.Fatal(err)
	}
	folder, entries, all := prepareWatched(t, rec)
	const updates = 1_000_000
	feed := &ledgerFeed{
		replay: sim.NewReplay(rec, sim.ReplayOptions{Loop: true, FreshKeys: true}), length: len(all[0].matches),
		left: updates, seed: maphash.MakeSeed(), monitors: all,
	}
	defer feed.replay.Close()
	demo := &Demo{Feed: feed, Settings: sim.Settings{Hold: true, EveryCommitment: true, Lossless: true, ReplaySlots: -1}}
	w := startNamed(t, folder, entries, demo)
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.name
		m.counts = w.monitorMetrics(m.name)
		s := w.hub.Subscribe(m.name, 1, m.take(feed.seed))
		defer s.Close()
	}
	w.waitLive(names...)
	begin := time.Now()
	demo.server.Start()
	routed := settle(t, demo, all)
	took := time.Since(begin)
	s := demo.Stats()
	w.end()
	if s.Lagged+s.RateViolations+s.FilterViolations > 0 {
		t.Errorf("the simulator counts %+v", s)
	}
	aside("%d updates of the feed, %d routed to 12 monitors on %d connections, in %v: %.0f and %.0f a second", s.Items, routed, s.Connections,
		took.Round(time.Millisecond), float64(s.Items)/took.Seconds(), float64(routed)/took.Seconds())
	wrong := uint64(0)
	for _, m := range all {
		wrong += m.wrong(t)
	}
	atMost(t, "updates lost or duplicated, 12 monitors over 1 million updates", float64(wrong), 0, "")
}

// settle waits until the feed has ended and every monitor has what it is to get, or no more comes. It returns how much
// came.
func settle(t *testing.T, demo *Demo, all []*watched) (came uint64) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for still := time.Now(); time.Since(still) < patience; <-look.C {
		before := came
		came = 0
		complete := demo.Stats().FeedDone
		for _, m := range all {
			came += m.done()
			complete = complete && m.done() >= m.passed.n.Load()
		}
		if complete {
			return came
		}
		if came != before {
			still = time.Now()
		}
	}
	t.Errorf("no more comes")
	return came
}

// wrong returns how many updates the monitor lost or got twice.
func (m *watched) wrong(t *testing.T) uint64 {
	t.Helper()
	passed, done := m.passed.n.Load(), matched(m.counts)()
	found, got := m.matched.n.Load(), m.got.n.Load()
	wrong := m.counts.Dropped.Load() + m.counts.Errors.Load() + max(passed, done) - min(passed, done) + max(found, got) - min(found, got)
	if wrong == 0 && m.matched.sum.Load() != m.got.sum.Load() {
		wrong = 1 // as many, and not the same
	}
	if wrong > 0 {
		t.Errorf("%s: %d passed its filters, match looked at %d, %d dropped, %d failed; %d match, %d were found", m.name,
			passed, done, m.counts.Dropped.Load(), m.counts.Errors.Load(), found, got)
	}
	aside("%s: %d, of which %d match%s", m.name, passed, found, strings.Repeat(", WRONG", int(min(wrong, 1))))
	return wrong
}
