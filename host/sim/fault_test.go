package sim

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// bigAccount is an update that soon fills a connection's window.
func bigAccount(slot, version uint64) *pb.SubscribeUpdate {
	u := accountUpdate(slot, "big", version)
	u.GetAccount().Account.Data = make([]byte, 16<<10)
	return u
}

func accounts() *pb.SubscribeRequest {
	return &pb.SubscribeRequest{Accounts: map[string]*pb.SubscribeRequestFilterAccounts{"a": {}}}
}

// flood feeds n large updates, or as many as the server takes.
func (w *world) flood(n int) {
	for i := range n {
		w.feed.say(bigAccount(5, uint64(i)))
	}
}

func TestLagOfAClient(t *testing.T) {
	w := newWorld(t, Settings{QueueMessages: 20})
	c := w.subscribe(accounts())
	w.flood(2000)
	if n, err := drain(c); status.Code(err) != codes.Internal || status.Convert(err).Message() != "lagged to send an update" || n < 20 {
		t.Errorf("after %d messages: %v", n, err)
	}
	if st := w.server.Stats(); st.Lagged != 1 {
		t.Errorf("%d streams lagged, want 1", st.Lagged)
	}
}

// TestLagOfTheRing holds the evaluating goroutine up in a replay, which waits for the client, while the feed goes on.
func TestLagOfTheRing(t *testing.T) {
	w := newWorld(t, Settings{QueueMessages: 10, RingMessages: 64})
	for slot := uint64(5); slot < 25; slot++ {
		for i := range uint64(20) {
			u := bigAccount(slot, i)
			u.GetAccount().Account.Pubkey[31] = byte(i) // none of them is superseded
			w.feed.say(u)
		}
		w.feed.say(metaUpdate(slot, 0, 0))
	}
	w.feed.say(txUpdate(30, 0)) // and so the last meta was taken
	c := w.open()
	req := accounts()
	req.FromSlot = ptr(uint64(5))
	c.ask(req)
	c.settle()
	w.flood(200)
	n, err := drain(c)
	if status.Code(err) != codes.Internal || status.Convert(err).Message() != "lagged to receive geyser messages" {
		t.Errorf("after %d messages: %v", n, err)
	}
	if n < 400 {
		t.Errorf("only %d messages: the replay was not finished", n)
	}
}

func TestLosslessWaitsForASlowClient(t *testing.T) {
	w := newWorld(t, Settings{QueueMessages: 10, RingMessages: 16, Lossless: true})
	c := w.subscribe(accounts())
	const all = 1000
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		w.flood(all)
	}()
	for i := range all {
		for {
			u, err := c.Recv()
			if err != nil {
				t.Fatal(err)
			}
			if u.GetPing() != nil {
				continue
			}
			if v := u.GetAccount().GetAccount().GetWriteVersion(); v != uint64(i) {
				t.Fatalf("update %d has write version %d", i, v)
			}
			break
		}
	}
	<-fed
}

func TestLosslessForgetsAClientThatLeaves(t *testing.T) {
	w := newWorld(t, Settings{QueueMessages: 4, RingMessages: 4, Lossless: true})
	ctx, cancel := context.WithCancel(t.Context())
	c := w.openWith(ctx)
	c.ask(accounts())
	c.settle()
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		w.flood(500)
	}()
	c.next(1)
	cancel()
	<-fed
}

func TestCutStreams(t *testing.T) {
	w := newWorld(t, Settings{})
	c := w.subscribe(accounts())
	if n := w.server.CutStreams(); n != 1 {
		t.Errorf("%d streams cut, want 1", n)
	}
	c.fails(codes.Unavailable, "stream cut")
	w.subscribe(accounts()).pinged()
	if st := w.server.Stats(); st.Connections != 1 || st.Streams != 2 || st.Cut != 1 {
		t.Errorf("stats %+v", st)
	}
}

func TestCutStreamsReachesAClientThatDoesNotRead(t *testing.T) {
	w := newWorld(t, Settings{})
	c := w.subscribe(accounts())
	w.flood(100)
	w.server.CutStreams()
	if err := w.stop(); err != nil {
		t.Error(err)
	}
	if _, err := drain(c); status.Code(err) != codes.Unavailable {
		t.Errorf("stream ended with %v", err)
	}
}

func TestCutConnections(t *testing.T) {
	w := newWorld(t, Settings{})
	c := w.subscribe(accounts())
	if n := w.server.CutConnections(); n != 1 {
		t.Errorf("%d connections cut, want 1", n)
	}
	if _, err := drain(c); status.Code(err) != codes.Unavailable {
		t.Errorf("stream ended with %v", err)
	}
}

func TestStall(t *testing.T) {
	w := newWorld(t, Settings{})
	c := w.subscribe(transactions("t"))
	c.pinged()
	w.server.Stall(true)
	w.server.Stall(true)
	w.feed.say(txUpdate(5, 0), txUpdate(5, 1), txUpdate(5, 2))
	before := w.server.Stats().Updates
	w.server.Stall(false)
	expect(t, "after the stall", c.next(3), "t: tx 5/0", "t: tx 5/1", "t: tx 5/2")
	if before != 1 {
		t.Errorf("%d messages went out by then, want the first ping only", before)
	}
	w.server.Stall(false)
}

func TestStallHoldsPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Settings{PingInterval: 10 * time.Second})
		c := w.open()
		c.pinged()
		time.Sleep(25 * time.Second)
		synctest.Wait()
		if st := w.server.Stats(); st.Pings != 3 {
			t.Errorf("%d pings after 25 s, want 3", st.Pings)
		}
		w.server.Stall(true)
		time.Sleep(time.Minute)
		synctest.Wait()
		if st := w.server.Stats(); st.Pings != 3 {
			t.Errorf("%d pings in a stall, want 3", st.Pings)
		}
		w.server.Stall(false)
		synctest.Wait()
		w.conn.Close()
		if err := w.stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestWaitForSubscribers(t *testing.T) {
	feed := &listFeed{updates: []*pb.SubscribeUpdate{txUpdate(5, 0), txUpdate(5, 1)}}
	w := newWorld(t, Settings{Feed: feed, WaitForSubscribers: 2})
	first := w.subscribe(transactions("one"))
	if w.server.Stats().Items != 0 {
		t.Error("the feed began with one stream")
	}
	second := w.subscribe(transactions("two"))
	expect(t, "first", first.next(2), "one: tx 5/0", "one: tx 5/1")
	expect(t, "second", second.next(2), "two: tx 5/0", "two: tx 5/1")
}

func TestStartWhen(t *testing.T) {
	feed := &listFeed{updates: []*pb.SubscribeUpdate{txUpdate(5, 0)}}
	w := newWorld(t, Settings{Feed: feed, StartWhen: func(live []*pb.SubscribeRequest) bool {
		return slices.ContainsFunc(live, func(r *pb.SubscribeRequest) bool { return r.Transactions["wanted"] != nil })
	}})
	c := w.subscribe(transactions("other"))
	c.ask(transactions("wanted"))
	expect(t, "updates", c.next(1), "wanted: tx 5/0")
}

// listFeed gives its updates at once.
type listFeed struct{ updates []*pb.SubscribeUpdate }

func (f *listFeed) Next(ctx context.Context) (Item, error) {
	if len(f.updates) == 0 {
		return script(nil).Next(ctx)
	}
	u := f.updates[0]
	f.updates = f.updates[1:]
	return Item{Update: u}, nil
}

func TestRatePacesTheFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var updates []*pb.SubscribeUpdate
		for i := range uint64(100) {
			updates = append(updates, txUpdate(5, i))
		}
		w := newWorld(t, Settings{Feed: &listFeed{updates: updates}, Rate: 10})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if n := w.server.Stats().Items; n < 50 || n > 52 {
			t.Errorf("%d items after 5 s at 10 per second", n)
		}
		w.conn.Close()
		if err := w.stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestCompression(t *testing.T) {
	for _, c := range []struct {
		name  string
		eager bool
		use   []grpc.CallOption
		want  string
	}{
		{"none", false, nil, ""},
		{"gzip", false, []grpc.CallOption{grpc.UseCompressor(gzip.Name)}, "gzip"},
		{"zstd", false, []grpc.CallOption{grpc.UseCompressor(zstdName)}, "zstd"},
		{"eager", true, nil, "either"},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen := make(encodings, 1)
			w := newWorld(t, Settings{EagerCompression: c.eager}, grpc.WithStatsHandler(seen))
			s := w.subscribe(accounts(), c.use...)
			w.feed.say(bigAccount(5, 1))
			expect(t, "updates", s.next(1), "a: acc 5/big/1")
			if got := <-seen; got != c.want && (c.want != "either" || got != "gzip" && got != "zstd") {
				t.Errorf("encoding %q, want %q", got, c.want)
			}
		})
	}
}

// encodings tells in what encoding a server answers.
type encodings chan string

func (encodings) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (encodings) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (encodings) HandleConn(context.Context, stats.ConnStats)                       {}

func (e encodings) HandleRPC(_ context.Context, s stats.RPCStats) {
	if h, ok := s.(*stats.InHeader); ok {
		e <- h.Compression
	}
}

func TestTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"sim"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	w := newWorld(t, Settings{TLS: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}},
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: pool, ServerName: "sim"})))
	if _, err := w.client.Ping(t.Context(), &pb.PingRequest{Count: 3}); err != nil {
		t.Error(err)
	}
}

func TestRateJudgeSeesConnectsAndSubscribes(t *testing.T) {
	w := newWorld(t, Settings{RateLimit: 3})
	for range 4 {
		w.open().pinged()
	}
	if st := w.server.Stats(); st.PeakRate != 5 || st.RateViolations != 2 {
		t.Errorf("one connect and four subscribes gave peak %d and %d violations, want 5 and 2", st.PeakRate, st.RateViolations)
	}
}

func TestStopsABusyFeed(t *testing.T) {
	w := newWorld(t, Settings{Feed: newSlotFeed()})
	c := w.subscribe(accounts())
	c.next(1)
	if err := w.stop(); err != nil {
		t.Error(err)
	}
}
