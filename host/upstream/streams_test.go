package upstream

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
	"weir/host/metrics"
)

const confirmed = `,"commitment":"CONFIRMED"`

func TestLanesAreStreamsOfOneConnection(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, nil)
		f.pool.Set([]Want{want(t, "a", High, 1, ""), want(t, "b", High, 1, confirmed), want(t, "c", High, 2, confirmed)})
		s := f.awaitLive(t, 3)
		if connects, subscribes, _ := f.counts(); connects != 1 || subscribes != 2 {
			t.Errorf("%d connects, %d subscribes; want 1 and 2", connects, subscribes)
		}
		if s.Streams[0].Lane == s.Streams[1].Lane || s.Streams[0].Request.GetCommitment() == s.Streams[1].Request.GetCommitment() {
			t.Errorf("lanes %q and %q are one", s.Streams[0].Lane, s.Streams[1].Lane)
		}
	})
}

func TestMaxStreamsSharesThenWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, func(s *Settings) { s.MaxStreams = 2 })
		f.pool.Set([]Want{
			want(t, "high", High, 1, ""), want(t, "medium", Medium, 2, confirmed), want(t, "low", Low, 3, ""),
			want(t, "last", Low, 4, `,"commitment":"FINALIZED"`),
		})
		s := f.awaitLive(t, 3)
		if _, subscribes, live := f.counts(); subscribes != 2 || live != 2 {
			t.Errorf("%d subscribes, %d live; want 2", subscribes, live)
		}
		i := slices.IndexFunc(s.Monitors, func(p Placement) bool { return p.Monitor == "last" })
		if m := s.Monitors[i]; m.State != Waiting || !strings.Contains(m.Reason, "max_streams") {
			t.Errorf("last is %s because %q; want it to wait for max_streams", m.State, m.Reason)
		}
		// The place that a monitor leaves is taken.
		f.pool.Set([]Want{want(t, "high", High, 1, ""), want(t, "last", Low, 4, `,"commitment":"FINALIZED"`)})
		f.awaitLive(t, 2)
		synctest.Wait()
		if _, _, live := f.counts(); live != 2 {
			t.Errorf("%d streams are live, want 2", live)
		}
	})
}

func TestDedicatedMonitorHasItsOwnStreamFromTheReserve(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, nil)
		alone := want(t, "alone", High, 2, "")
		alone.Dedicated = true
		f.pool.Set([]Want{want(t, "a", High, 1, ""), alone})
		s := f.awaitLive(t, 2)
		if len(s.Streams) != 2 || len(s.Connections) != 2 || s.Connections[1].Group != reserve && s.Connections[0].Group != reserve {
			t.Errorf("streams %+v, connections %+v", s.Streams, s.Connections)
		}
	})
}

// TestMoveBetweenStreamsLosesNothing moves a monitor to a stream of its own and back while its account changes all the
// time; no update is in flight at the moment of the switch, so each must come exactly once. Without pongs both streams
// send the same updates for seconds before it.
func TestMoveBetweenStreamsLosesNothing(t *testing.T) {
	t.Run("confirmed at once", func(t *testing.T) { testMove(t, false) })
	t.Run("confirmed late", func(t *testing.T) { testMove(t, true) })
}

func testMove(t *testing.T, late bool) {
	bubble(t, func(t *testing.T) {
		f := start(t, nil)
		f.set(func() { f.noPongs = late })
		a, b := want(t, "a", High, 1, ""), want(t, "b", High, 2, "")
		f.pool.Set([]Want{a, b})
		f.awaitLive(t, 2)
		slot := uint64(0)
		send := func() {
			slot++
			f.broadcast(accountUpdate(2, slot))
			synctest.Wait()
		}
		b.Dedicated = true
		f.pool.Set([]Want{a, b})
		synctest.Wait()
		for range 200 {
			send()
			time.Sleep(21 * time.Millisecond) // synctest's clock; never at the instant of the switch
		}
		s := f.awaitLive(t, 2)
		if len(s.Streams) != 2 {
			t.Fatalf("%d streams, want two", len(s.Streams))
		}
		if r := s.Streams[0].Request; len(r.Accounts) != 1 {
			t.Errorf("the old stream still asks for %d filters, want one", len(r.Accounts))
		}
		b.Dedicated = false
		f.pool.Set([]Want{a, b})
		synctest.Wait()
		for range 200 {
			send()
			time.Sleep(21 * time.Millisecond) // synctest's clock; never at the instant of the switch
		}
		got := f.router.slots("b")
		for i, slot := range got {
			if slot != uint64(i+1) {
				t.Fatalf("update %d is of slot %d: one was lost or doubled", i, slot)
			}
		}
		if len(got) != 400 {
			t.Errorf("%d updates, want 400", len(got))
		}
		if s := f.awaitLive(t, 2); len(s.Streams) != 1 {
			t.Errorf("%d streams at the end, want one", len(s.Streams))
		}
	})
}

func TestChangesAreCoalesced(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, func(s *Settings) { s.MonitorsPerConnection.High = 100 })
		var wants []Want
		add := func() {
			n := len(wants)
			wants = append(slices.Clone(wants), want(t, fmt.Sprintf("m%02d", n), High, byte(n), ""))
			f.pool.Set(wants)
		}
		add()
		f.awaitLive(t, 1)
		time.Sleep(time.Second) // synctest's clock: the window is closed
		begin := time.Now()
		add()
		f.awaitLive(t, 2)
		if d := time.Since(begin); d != 0 {
			t.Errorf("the first change took %v, want none", d)
		}
		for range 8 {
			add()
			synctest.Wait()
		}
		if s := f.pool.Snapshot(); s.Queue != 8 {
			t.Errorf("%d changes are held back, want 8", s.Queue)
		}
		f.awaitLive(t, 10)
		if d := time.Since(begin); d != DefaultCoalesceWindow {
			t.Errorf("the window lasted %v, want %v", d, DefaultCoalesceWindow)
		}
		if n := len(f.requestsOf(1)); n != 3 {
			t.Errorf("%d requests were sent, want 3", n)
		}
		for range 10 {
			add()
		}
		synctest.Wait()
		if s := f.pool.Snapshot(); s.Queue != 0 {
			t.Errorf("ten changes did not end the window: %d are held back", s.Queue)
		}
		f.awaitLive(t, 20)
	})
}

func TestUpdatesArePaced(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, func(s *Settings) {
			s.CoalesceWindow = -1
			s.MonitorsPerConnection.High = 100
			s.Limits.ResubscribesPerSecond = 2
			s.UpdatePace = 50 * time.Millisecond
		})
		var wants []Want
		for n := range 40 {
			wants = append(slices.Clone(wants), want(t, fmt.Sprintf("m%02d", n), High, byte(n), ""))
			f.pool.Set(wants)
			time.Sleep(100 * time.Millisecond) // synctest's clock
		}
		f.awaitLive(t, 40)
		if n := len(f.requestsOf(1)); n < 6 || n > 13 {
			t.Errorf("%d requests in about 5 s at 2 a second", n)
		}
	})
}

func TestServerWithoutPongsIsBelieved(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, nil)
		f.set(func() { f.noPongs = true })
		begin := time.Now()
		f.pool.Set([]Want{want(t, "a", High, 1, "")})
		f.awaitLive(t, 1)
		if d := time.Since(begin); d > confirmAfter {
			t.Errorf("believed after %v, want %v", d, confirmAfter)
		}
	})
}

func TestSetBeforeRunAndStopWhileConnecting(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, nil)
		f.set(func() { f.latency = func() time.Duration { return 5 * time.Second } })
		f.pool.Set([]Want{want(t, "a", High, 1, "")})
		f.await(t, "the dial", func(s Snapshot) bool { return len(s.Connections) == 1 && s.Connections[0].State == Connecting })
		f.stop()
	})
}

func TestEachStreamHasItsPace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, func(s *Settings) {
			s.CoalesceWindow = -1
			s.MonitorsPerConnection.High = 100
			s.UpdatePace = 500 * time.Millisecond
		})
		var wants []Want
		for n := range 40 {
			wants = append(slices.Clone(wants), want(t, fmt.Sprintf("m%02d", n), High, byte(n), ""))
			f.pool.Set(wants)
			time.Sleep(100 * time.Millisecond) // synctest's clock
		}
		f.awaitLive(t, 40)
		if n := len(f.requestsOf(1)); n < 7 || n > 10 {
			t.Errorf("%d requests in 4 s at one in 500 ms", n)
		}
	})
}

// TestConnectionsNeverExceedTheMaximum changes groups, lanes and dedication at random.
func TestConnectionsNeverExceedTheMaximum(t *testing.T) {
	bubble(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(11, 11))
		f := start(t, func(s *Settings) {
			s.MaxConnections, s.ConnectRate = 3, 1000
			s.MonitorsPerConnection = PerGroup{1, 1, 1}
		})
		for range 300 {
			var wants []Want
			for n := range 1 + rng.IntN(6) {
				w := want(t, fmt.Sprintf("m%d", n), []Group{High, Medium, Low}[rng.IntN(3)], byte(n), []string{"", confirmed}[rng.IntN(2)])
				w.Dedicated = rng.IntN(4) == 0
				wants = append(wants, w)
			}
			f.pool.Set(wants)
			time.Sleep(time.Duration(rng.IntN(400)) * time.Millisecond) // synctest's clock
			if rng.IntN(10) == 0 {
				f.awaitLive(t, len(f.pool.Snapshot().Monitors))
			}
		}
		f.set(func() {
			if f.peakConns != 3 {
				t.Errorf("%d connections at once, want 3", f.peakConns)
			}
		})
	})
}

// TestProvidersLimitsAreObeyed has a server that enforces what Settings.Limits says.
func TestProvidersLimitsAreObeyed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		limits := geyser.Limits{Filters: geyser.FilterCount{Accounts: 2}}
		f := start(t, func(s *Settings) { s.Limits = limits })
		f.set(func() {
			f.accept = func(r *pb.SubscribeRequest) error {
				if _, err := geyser.Compile(r, limits.Server()); err != nil {
					t.Errorf("the server refuses a request: %v", err)
				}
				return nil
			}
		})
		var wants []Want
		for n := range 5 {
			wants = append(wants, want(t, fmt.Sprintf("m%d", n), High, byte(n), ""))
			f.pool.Set(wants)
			f.awaitLive(t, n+1)
		}
		if connects, subscribes, _ := f.counts(); connects != 1 || subscribes != 3 {
			t.Errorf("%d connects, %d subscribes; want 1 and 3", connects, subscribes)
		}
		f.pool.Set(append(wants, want(t, "m5", High, 5, confirmed)))
		f.awaitLive(t, 6)
		f.pool.Set(wants[3:])
		time.Sleep(time.Second) // synctest's clock: the removal is paced
		for n := range 5 {
			f.broadcast(accountUpdate(byte(n), uint64(n+1)))
		}
		synctest.Wait()
		for n := range 5 {
			got := f.router.slots(fmt.Sprintf("m%d", n))
			if n < 3 && len(got) > 0 || n >= 3 && !slices.Equal(got, []uint64{uint64(n + 1)}) {
				t.Errorf("monitor %d got %v", n, got)
			}
		}
	})
}

type blindFeed struct{}

func (blindFeed) Routes([]geyser.Route)                             {}
func (blindFeed) Update(*geyser.Frame, *geyser.Envelope, time.Time) {}
func (blindFeed) Close()                                            {}

func TestUpdatePathAllocatesNothing(t *testing.T) {
	u := accountUpdate(1, 5)
	u.Filters = []string{"f0"}
	raw, err := proto.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	a := &attempt{feed: blindFeed{}, metrics: new(metrics.Stream)}
	frame := geyser.NewFrame(raw)
	var envelope geyser.Envelope
	a.take(&frame, &envelope, time.Time{})
	if n := testing.AllocsPerRun(1000, func() { a.take(&frame, &envelope, time.Time{}) }); n != 0 {
		t.Errorf("%v allocations per update, want none of ours", n)
	}
	if a.metrics.Received.Load() < 1000 || a.metrics.Malformed.Load() > 0 {
		t.Errorf("%d received, %d malformed", a.metrics.Received.Load(), a.metrics.Malformed.Load())
	}
}

// TestStreamsNeverExceedTheMaximum changes lanes at random: a new stream has to wait for the end of an old one.
func TestStreamsNeverExceedTheMaximum(t *testing.T) {
	bubble(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(13, 13))
		f := start(t, func(s *Settings) { s.MaxConnections, s.MaxStreams, s.ConnectRate = 1, 2, 1000 })
		lanes := []string{"", confirmed, `,"commitment":"FINALIZED"`}
		for range 200 {
			var wants []Want
			for n := range 1 + rng.IntN(3) {
				wants = append(wants, want(t, fmt.Sprintf("m%d", n), High, byte(n), lanes[rng.IntN(3)]))
			}
			f.pool.Set(wants)
			time.Sleep(time.Duration(rng.IntN(300)) * time.Millisecond) // synctest's clock
		}
		f.set(func() {
			if f.peakStreams != 2 {
				t.Errorf("%d streams at once, want 2", f.peakStreams)
			}
		})
	})
}
