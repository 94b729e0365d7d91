package upstream

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"weir/host/metrics"
)

func TestServerPingIsAnsweredAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, nil)
		f.pool.Set([]Want{want(t, "a", High, 1, "")})
		f.awaitLive(t, 1)
		time.Sleep(35 * time.Second) // synctest's clock: three more pings
		synctest.Wait()
		s := f.pool.Snapshot()
		if n := s.Streams[0].Counts.Pings; n != 4 {
			t.Errorf("%d pings received, want the first and three more", n)
		}
		replies := 0
		f.set(func() {
			for _, id := range f.streams[0].pings {
				if id == replyPing {
					replies++
				}
			}
		})
		if replies != 4 {
			t.Errorf("%d replies, want 4", replies)
		}
		if _, subscribes, live := f.counts(); subscribes != 1 || live != 1 {
			t.Errorf("%d subscribes, %d live; want one", subscribes, live)
		}
	})
}

func TestCutStreamIsSubscribedAgainWithoutADial(t *testing.T) {
	for name, cut := range map[string]error{
		"end of stream": nil,
		"unavailable":   status.Error(codes.Unavailable, "shutting down"),
		"lagged":        status.Error(codes.Internal, "lagged to send an update"),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := start(t, nil)
				f.pool.Set([]Want{want(t, "a", High, 1, "")})
				f.awaitLive(t, 1)
				cutAt := time.Now()
				f.cut(cut)
				s := f.await(t, "the reconnect", func(s Snapshot) bool {
					return s.Monitors[0].State == Live && s.Streams[0].Counts.Reconnects == 1
				})
				st := s.Streams[0]
				if st.CutAt.Sub(cutAt) != 0 || st.RestoredAt.Sub(cutAt) > DefaultBackoffBase || st.LastError == "" {
					t.Errorf("cut %v, restored %v after the cut, reason %q", st.CutAt.Sub(cutAt), st.RestoredAt.Sub(cutAt), st.LastError)
				}
				if connects, subscribes, _ := f.counts(); connects != 1 || subscribes != 2 {
					t.Errorf("%d connects, %d subscribes; want 1 and 2", connects, subscribes)
				}
				f.broadcast(accountUpdate(1, 77))
				synctest.Wait()
				if got := f.router.slots("a"); !slices.Equal(got, []uint64{77}) {
					t.Errorf("after the reconnect a got %v, want [77]", got)
				}
			})
		})
	}
}

func TestSilentServerIsAStall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, nil)
		f.pool.Set([]Want{want(t, "a", High, 1, "")})
		f.awaitLive(t, 1)
		begin := time.Now()
		f.set(func() { f.mute = true })
		f.await(t, "the cut", func(s Snapshot) bool { return !s.Streams[0].CutAt.IsZero() })
		if d := time.Since(begin); d != DefaultStallAfter {
			t.Errorf("the stall was found after %v, want %v", d, DefaultStallAfter)
		}
		f.set(func() { f.mute = false })
		s := f.awaitLive(t, 1)
		if !strings.Contains(s.Streams[0].LastError, "stalled") {
			t.Errorf("last error %q, want a stall", s.Streams[0].LastError)
		}
	})
}

func TestReconnectsForeverWithinTheRate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, func(s *Settings) { s.ConnectRate = 10 })
		down := errors.New("test: connection refused")
		f.set(func() { f.dialErr = down })
		f.pool.Set([]Want{want(t, "a", High, 1, ""), want(t, "b", Low, 2, "")})
		time.Sleep(10 * time.Minute) // synctest's clock
		connects, _, _ := f.counts()
		if connects < 30 || connects > 100 {
			t.Errorf("%d dials in 10 minutes; want retries at full jitter below 30 s, within 10 a minute", connects)
		}
		if n := f.worstWindow(time.Minute); n > 10 {
			t.Errorf("%d dials in one minute, limit 10", n)
		}
		s := f.pool.Snapshot()
		if s.Monitors[0].State != Waiting || !strings.Contains(s.Monitors[0].Reason, down.Error()) {
			t.Errorf("monitor is %s because %q; want the dial's error", s.Monitors[0].State, s.Monitors[0].Reason)
		}
		f.set(func() { f.dialErr = nil })
		f.awaitLive(t, 2)
	})
}

// TestServersJudgeSeesNoViolation flaps everything while the network delays dials, and judges by the server's arrivals.
func TestServersJudgeSeesNoViolation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		rng, network := rand.New(rand.NewPCG(5, 5)), rand.New(rand.NewPCG(6, 6))
		f := start(t, func(s *Settings) { s.ConnectRate = 12; s.IdleMax = -1 })
		f.set(func() {
			f.latency = func() time.Duration { return time.Duration(network.Int64N(int64(2 * time.Second))) }
		})
		for i := range 60 {
			var wants []Want
			for n := range 12 {
				if rng.IntN(2) == 0 {
					g := []Group{High, Medium, Low}[n%3]
					commitment := []string{"", `,"commitment":"CONFIRMED"`}[rng.IntN(2)]
					wants = append(wants, want(t, fmt.Sprintf("m%02d", n), g, byte(n), commitment))
				}
			}
			f.pool.Set(wants)
			time.Sleep(time.Duration(rng.Int64N(int64(10 * time.Second)))) // synctest's clock
			if i%5 == 0 {
				f.cut(status.Error(codes.Unavailable, "flap"))
			}
		}
		if n := f.worstWindow(time.Minute); n > 12 || n < 6 {
			t.Errorf("the worst minute had %d connects and subscribes; limit 12, and a test that means something needs some", n)
		}
		if n := f.pool.set.Metrics.RateWaits.Load(); n == 0 {
			t.Error("nothing ever waited for a token: the test proves nothing")
		}
	})
}

func TestRateLimitIsVisible(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, func(s *Settings) { s.ConnectRate = 2 })
		f.pool.Set([]Want{want(t, "a", High, 1, ""), want(t, "b", Low, 2, "")})
		s := f.await(t, "the first pair of tokens", func(s Snapshot) bool { return s.Rate.Used == 2 && s.Rate.NextIn > 0 })
		if s.Rate.Available != 0 || s.Rate.Queued == 0 {
			t.Errorf("rate = %+v, want none available and some queued", s.Rate)
		}
		begin := time.Now()
		f.awaitLive(t, 2)
		if d := time.Since(begin); d < time.Minute || d > 3*time.Minute {
			t.Errorf("the second monitor was live after %v, want it after the window", d)
		}
	})
}

func TestRefusedTokenWaitsLongAndSaysWhy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var logs bytes.Buffer
		f := start(t, func(s *Settings) {
			s.Endpoints[0].Token = func() string { return "canary-token" }
			s.Logger = slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		f.set(func() {
			f.open = func(int) error { return status.Error(codes.Unauthenticated, "No valid auth token") }
		})
		f.pool.Set([]Want{want(t, "a", High, 1, "")})
		time.Sleep(20 * time.Minute) // synctest's clock
		_, subscribes, _ := f.counts()
		if subscribes < 3 || subscribes > 20 {
			t.Errorf("%d subscribes in 20 minutes with a refused token; want a few", subscribes)
		}
		s := f.pool.Snapshot()
		if !strings.Contains(s.Monitors[0].Reason, "No valid auth token") || s.Monitors[0].State != Waiting {
			t.Errorf("monitor is %s because %q", s.Monitors[0].State, s.Monitors[0].Reason)
		}
		if s.Endpoints[0].Healthy {
			t.Error("the endpoint counts as healthy")
		}
		f.set(func() {
			f.open = nil
			if len(f.tokens) == 0 || f.tokens[0] != "canary-token" {
				t.Errorf("the server saw tokens %q", f.tokens)
			}
		})
		f.awaitLive(t, 1)
		f.stop()
		if strings.Contains(logs.String(), "canary-token") || strings.Contains(fmt.Sprintf("%+v", f.pool.Snapshot()), "canary-token") {
			t.Error("the token is in a log or in the snapshot")
		}
	})
}

func TestSecondEndpointTakesOver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, func(s *Settings) {
			s.Endpoints = append(s.Endpoints, Endpoint{Name: "spare", URL: "http://127.0.0.1:2", Token: func() string { return "good" }})
		})
		f.set(func() {
			f.open = func(int) error {
				if !slices.Contains(f.tokens, "good") {
					return status.Error(codes.Unauthenticated, "No valid auth token")
				}
				return nil
			}
		})
		f.pool.Set([]Want{want(t, "a", High, 1, "")})
		s := f.awaitLive(t, 1)
		if s.Connections[0].Endpoint != "spare" {
			t.Errorf("connected to %q, want the spare", s.Connections[0].Endpoint)
		}
	})
}

// TestBadFilterIsFoundAndIsolated has a server that refuses one account, as providers do, without saying whose it is.
func TestBadFilterIsFoundAndIsolated(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, nil)
		f.set(func() {
			f.accept = func(r *pb.SubscribeRequest) error {
				for _, filter := range r.Accounts {
					if slices.Contains(filter.Account, address(66)) {
						return status.Error(codes.InvalidArgument, "failed to create filter: Pubkey in filters is not allowed")
					}
				}
				return nil
			}
		})
		good := []Want{want(t, "a", High, 1, ""), want(t, "b", High, 2, "")}
		f.pool.Set(good)
		f.awaitLive(t, 2)
		f.pool.Set(append(slices.Clone(good), want(t, "evil", High, 66, ""), want(t, "fine", High, 4, "")))
		s := f.await(t, "the isolation", func(s Snapshot) bool {
			live := map[string]State{}
			reason := ""
			for _, m := range s.Monitors {
				live[m.Monitor] = m.State
				if m.Monitor == "evil" {
					reason = m.Reason
				}
			}
			want := map[string]State{"a": Live, "b": Live, "fine": Live, "evil": Waiting}
			return maps.Equal(live, want) && strings.Contains(reason, "not allowed")
		})
		if n := len(s.Streams); n > 2 {
			t.Errorf("%d streams", n)
		}
		_, before, _ := f.counts()
		time.Sleep(10 * time.Minute) // synctest's clock
		if _, after, _ := f.counts(); after-before > 12 {
			t.Errorf("%d subscribes in 10 minutes for one bad filter: it spins", after-before)
		}
		s = f.awaitLive(t, 3)
		for key, monitor := range map[byte]string{1: "a", 2: "b", 4: "fine"} {
			f.broadcast(accountUpdate(key, uint64(key)))
			synctest.Wait()
			if got := f.router.slots(monitor); !slices.Equal(got, []uint64{uint64(key)}) {
				t.Errorf("%s got %v, want its one update", monitor, got)
			}
		}
		// A monitor that asks for something else is given a new chance at once.
		f.pool.Set(append(slices.Clone(good), want(t, "evil", High, 5, "")))
		f.awaitLive(t, 3)
	})
}

func TestIdleConnectionsAreReusedThenClosed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := new(metrics.Pool)
		f := start(t, func(s *Settings) { s.Metrics = m })
		a := want(t, "a", High, 1, "")
		f.pool.Set([]Want{a})
		f.awaitLive(t, 1)
		f.pool.Set(nil)
		f.await(t, "idleness", func(s Snapshot) bool {
			return len(s.Connections) == 1 && s.Connections[0].State == Idle && len(s.Streams) == 0
		})
		f.pool.Set([]Want{want(t, "b", Low, 2, "")})
		f.awaitLive(t, 1)
		if connects, subscribes, _ := f.counts(); connects != 1 || subscribes != 2 || m.Reused.Load() != 1 {
			t.Errorf("%d connects, %d subscribes, %d reused; want 1, 2, 1", connects, subscribes, m.Reused.Load())
		}
		f.pool.Set(nil)
		begin := time.Now()
		f.await(t, "the close", func(s Snapshot) bool { return len(s.Connections) == 0 })
		if d := time.Since(begin); d < DefaultIdleTTL || m.Closed.Load() != 1 {
			t.Errorf("closed after %v (%d), want after %v", d, m.Closed.Load(), DefaultIdleTTL)
		}
	})
}

func TestLostConnectionIsDialledAgainWithAToken(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := start(t, nil)
		f.pool.Set([]Want{want(t, "a", High, 1, ""), want(t, "b", High, 2, `,"commitment":"CONFIRMED"`)})
		f.awaitLive(t, 2)
		f.pool.state.Load() // the pool is quiet; now the server goes away without a goodbye
		f.server.Stop()
		f.await(t, "the loss", func(s Snapshot) bool { return s.Connections[0].State != Ready })
		s := f.pool.Snapshot()
		if !strings.Contains(fmt.Sprint(s.Connections[0].Reason), "lost") && s.Connections[0].State == Ready {
			t.Errorf("connection: %+v", s.Connections[0])
		}
		time.Sleep(time.Minute) // synctest's clock: the listener is closed, so dials fail
		connects, _, _ := f.counts()
		attempts := f.pool.set.Metrics.ConnectAttempts.Load()
		if uint64(connects) != attempts || connects < 3 {
			t.Errorf("%d dials reached the network, %d were paid for: grpc dials by itself", connects, attempts)
		}
	})
}

// TestRefusedInCompanyGetsItsOwnStream has a server with a limit that nobody told us: two filters in one request.
func TestRefusedInCompanyGetsItsOwnStream(t *testing.T) {
	for _, together := range []bool{false, true} {
		bubble(t, func(t *testing.T) {
			f := start(t, nil)
			f.set(func() {
				f.accept = func(r *pb.SubscribeRequest) error {
					if len(r.Accounts) > 2 {
						return status.Error(codes.InvalidArgument, "failed to create filter: Max amount of filters reached, only 2 allowed")
					}
					return nil
				}
			})
			wants := []Want{want(t, "a", High, 1, ""), want(t, "b", High, 2, ""), want(t, "c", High, 3, "")}
			if !together {
				f.pool.Set(wants[:2])
				f.awaitLive(t, 2)
			}
			f.pool.Set(wants)
			begin := time.Now()
			f.await(t, "two streams, one for two of them and one for the third", func(s Snapshot) bool {
				waiting := slices.ContainsFunc(s.Monitors, func(p Placement) bool { return p.State != Live })
				apart := slices.ContainsFunc(s.Streams, func(st Stream) bool { return st.Dedicated && len(st.Monitors) == 1 })
				return len(s.Streams) == 2 && !waiting && apart && len(s.Monitors) == 3 && (together || s.Streams[0].CutAt != time.Time{})
			})
			time.Sleep(time.Second) // synctest's clock
			if d := time.Since(begin); d > 10*time.Second {
				t.Errorf("it took %v", d)
			}
			_, before, _ := f.counts()
			time.Sleep(10 * time.Minute) // synctest's clock
			if _, after, _ := f.counts(); after != before {
				t.Errorf("%d more subscribes later", after-before)
			}
			f.awaitLive(t, 3)
		})
	}
}

// TestServersGoodbyeIsFollowed has a server that limits the age of connections by GOAWAY, as load balancers do.
func TestServersGoodbyeIsFollowed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		server := newScripted(t, grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge: time.Minute, MaxConnectionAgeGrace: 10 * time.Second,
		}))
		f := startWith(t, server, nil)
		f.pool.Set([]Want{want(t, "a", High, 1, "")})
		f.awaitLive(t, 1)
		time.Sleep(10 * time.Minute) // synctest's clock
		f.awaitLive(t, 1)
		connects, subscribes, live := f.counts()
		attempts := f.pool.set.Metrics.ConnectAttempts.Load()
		if connects < 5 || connects > 12 || uint64(connects) != attempts || subscribes > connects || live != 1 {
			t.Errorf("%d connects (%d paid for), %d subscribes, %d live in 10 minutes", connects, attempts, subscribes, live)
		}
		f.set(func() {
			if f.conns > 2 {
				t.Errorf("%d connections are held, want one, and one whose grace has not ended", f.conns)
			}
		})
	})
}
