package host

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

	"weir/abi/guest"
	"weir/host/geyser"
	"weir/host/metrics"
	"weir/host/router"
	"weir/host/sim"
	"weir/host/upstream"
)

// steadyFeed gives writes of steadyAccounts accounts in turn, steadyRate a second, without end.
type steadyFeed struct{ n uint64 }

const (
	steadyAccounts = 32
	steadyRate     = 10_000
)

func steadyKey(n uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte("an account that is written to "[:24]), n)
}

// Next implements sim.Feed.
func (f *steadyFeed) Next(context.Context) (sim.Item, error) {
	f.n++
	key := steadyKey(f.n % steadyAccounts)
	return sim.Item{Update: &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Account{Account: &pb.SubscribeUpdateAccount{
		Slot: 1000 + f.n/1000, Account: &pb.SubscribeUpdateAccountInfo{
			Pubkey: key, Owner: key, Lamports: 1, WriteVersion: f.n, Data: make([]byte, 165),
		}}}}}, nil
}

// accountWant asks for the account, and for one that is never written to, so that no two monitors' filters are equal.
func accountWant(t *testing.T, name string, group upstream.Group, account, unique uint64) upstream.Want {
	t.Helper()
	declared, err := geyser.ParseDeclared(fmt.Appendf(nil, `{"accounts":{"mine":{"account":[%q,%q]}},"commitment":"CONFIRMED"}`,
		guest.AppendBase58(nil, steadyKey(account)), guest.AppendBase58(nil, steadyKey(1_000_000+unique))))
	if err != nil {
		t.Fatal(err)
	}
	return upstream.Want{Want: geyser.Want{Monitor: name, Declared: declared}, Group: group}
}

// TestFigureAddMonitor adds one monitor after the other to the live streams of twelve others, at any moment of the
// coalescing window that the addition before it has opened.
func TestFigureAddMonitor(t *testing.T) {
	wantFigures(t)
	server, pool, r := startSteady(t)
	groups := []upstream.Group{upstream.High, upstream.Medium, upstream.Low}
	var base []upstream.Want
	for n := range uint64(12) {
		base = append(base, accountWant(t, fmt.Sprintf("m%02d", n), groups[n%3], n, n))
	}
	pool.Set(base)
	waitPlaced(t, pool, len(base))
	subscribed := server.Stats().Subscribes

	const additions = 120
	chance := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	for n := range uint64(additions) {
		<-time.After(time.Duration(chance.IntN(int(2 * upstream.DefaultCoalesceWindow)))) // one moment is as good as another
		name := fmt.Sprintf("new%d", n)
		q, err := router.NewQueue(router.Bounds{Items: 64, Bytes: 1 << 20, Policy: router.DropOldest}, new(metrics.Monitor))
		if err != nil {
			t.Fatal(err)
		}
		r.Attach(name, q)
		q.Sleep()
		want := accountWant(t, name, groups[n%3], 12+n%(steadyAccounts-12), 100+n)
		begin := time.Now()
		pool.Set(append(slices.Clone(base), want))
		select {
		case <-q.Wake():
			took = append(took, time.Since(begin))
		case <-time.After(patience):
			t.Fatalf("no update came for %s", name)
		}
		r.Detach(name)
		q.Close()
		q.Drain()
	}
	slices.Sort(took)
	at := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1)+0.5)].Microseconds()) / 1000 }
	s := server.Stats()
	aside("%d additions to %d streams: p50 %.1f ms, p90 %.1f ms, longest %.1f ms; %d filter updates", len(took), s.LiveStreams, at(0.5), at(0.9), at(1), s.FilterUpdates)
	if s.Subscribes != subscribed || s.RateViolations+s.FilterViolations > 0 {
		t.Errorf("an addition was no filter update, or a violation: %+v", s)
	}
	atMost(t, "adding a monitor to a live stream, p99", at(0.99), 150, " ms")
}

// startSteady runs a simulator that sends steadily, and a pool and a router on it.
func startSteady(t *testing.T) (*sim.Server, *upstream.Pool, *router.Router) {
	t.Helper()
	server, err := sim.New(sim.Settings{Feed: new(steadyFeed), Rate: steadyRate, EveryCommitment: true, ReplaySlots: -1})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := router.New()
	pool, err := upstream.New(upstream.Settings{
		Endpoints: []upstream.Endpoint{{Name: "simulator", URL: "http://" + listener.Addr().String()}}, Router: feeds{r},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 2)
	go func() { ended <- server.Serve(ctx, listener) }()
	go func() { ended <- pool.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	return server, pool, r
}

// waitPlaced returns when n monitors are served by live streams.
func waitPlaced(t *testing.T, pool *upstream.Pool, n int) {
	t.Helper()
	deadline := time.After(patience)
	for {
		changed := pool.Changed()
		live := 0
		for _, p := range pool.Snapshot().Monitors {
			if p.State == upstream.Live {
				live++
			}
		}
		if live == n {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%d of %d monitors are live", live, n)
		}
	}
}
