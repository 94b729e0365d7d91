package upstream

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/test/bufconn"

	"weir/host/sim"
)

// accountFeed gives updates of twelve accounts in turn, one each millisecond.
type accountFeed struct{ n, total int }

func (f *accountFeed) Next(context.Context) (sim.Item, error) {
	if f.n == f.total {
		return sim.Item{}, io.EOF
	}
	f.n++
	return sim.Item{Update: accountUpdate(byte(f.n%12), uint64(f.n)), At: time.Duration(f.n) * time.Millisecond}, nil
}

// TestSimulatorHoldsNothingAgainstUs runs twelve monitors against host/sim, whose judge counts rate-limit and filter
// violations, and looks for every single update.
func TestSimulatorHoldsNothingAgainstUs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const total = 24_000
		server, err := sim.New(sim.Settings{
			Feed: &accountFeed{total: total}, EveryCommitment: true,
			StartWhen: func(live []*pb.SubscribeRequest) bool {
				filters := 0
				for _, r := range live {
					filters += len(r.Accounts)
				}
				return filters == 12
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		listener := bufconn.Listen(1 << 20)
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- server.Serve(ctx, listener) }()
		defer func() {
			cancel()
			if err := <-served; err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}()

		f := startPool(t, func(s *Settings) {
			s.Dial = func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }
		})
		defer f.stop()
		var wants []Want
		for n := range 12 {
			g := []Group{High, Medium, Low}[n%3]
			commitment := []string{"", confirmed}[n/6]
			wants = append(wants, want(t, fmt.Sprintf("m%02d", n), g, byte(n), commitment))
			f.pool.Set(wants)
		}
		f.awaitLive(t, 12)
		time.Sleep(total*time.Millisecond + time.Minute) // synctest's clock: the feed, and pings after it
		synctest.Wait()
		for n := range 12 {
			got := f.router.slots(fmt.Sprintf("m%02d", n))
			if len(got) != total/12 {
				t.Errorf("monitor %d got %d updates, want %d", n, len(got), total/12)
			}
			for i := 1; i < len(got); i++ {
				if got[i] != got[i-1]+12 {
					t.Fatalf("monitor %d: slot %d after %d", n, got[i], got[i-1])
				}
			}
		}
		s := server.Stats()
		if s.RateViolations != 0 || s.FilterViolations != 0 || s.Lagged != 0 || s.Connections > 3 || s.Streams > 6 {
			t.Errorf("the server counts %+v", s)
		}
		if s.ClientPings == 0 || s.Streams != s.Subscribes {
			t.Errorf("%d pings, %d streams, %d subscribes", s.ClientPings, s.Streams, s.Subscribes)
		}
	})
}

// TestSimulatorsFaultsAreSurvived cuts connections and streams, and stalls.
func TestSimulatorsFaultsAreSurvived(t *testing.T) {
	bubble(t, func(t *testing.T) {
		server, err := sim.New(sim.Settings{XToken: "token"})
		if err != nil {
			t.Fatal(err)
		}
		listener := bufconn.Listen(1 << 20)
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- server.Serve(ctx, listener) }()
		defer func() {
			cancel()
			<-served
		}()
		f := startPool(t, func(s *Settings) {
			s.Endpoints[0].Token = func() string { return "token" }
			s.Dial = func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }
		})
		defer f.stop()
		f.pool.Set([]Want{want(t, "a", High, 1, ""), want(t, "b", Low, 2, confirmed)})
		f.awaitLive(t, 2)
		faults := []func(){
			func() { server.CutStreams() },
			func() { server.CutConnections() },
			func() {
				server.Stall(true)
				time.Sleep(DefaultStallAfter) // synctest's clock
				server.Stall(false)
			},
		}
		for round := range 12 {
			faults[round%len(faults)]()
			synctest.Wait()
			f.awaitLive(t, 2)
			time.Sleep(30 * time.Second) // synctest's clock
		}
		s := server.Stats()
		if s.RateViolations != 0 || s.AuthFailures != 0 || s.LiveStreams != 2 {
			t.Errorf("the server counts %+v", s)
		}
		for _, st := range f.pool.Snapshot().Streams {
			if st.Counts.Reconnects < 8 {
				t.Errorf("stream %s counts %d reconnects, want at least one for each fault that reached it", st.ID, st.Counts.Reconnects)
			}
		}
	})
}
