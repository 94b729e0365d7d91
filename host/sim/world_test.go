package sim

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
)

// script is a feed that the test writes by hand.
type script chan *pb.SubscribeUpdate

func (f script) Next(ctx context.Context) (Item, error) {
	select {
	case u, ok := <-f:
		if !ok {
			return Item{}, io.EOF
		}
		return Item{Update: u}, nil
	case <-ctx.Done():
		return Item{}, ctx.Err()
	}
}

// say gives updates to the feed and returns when the server has taken all of them but, perhaps, the last.
func (f script) say(updates ...*pb.SubscribeUpdate) {
	for _, u := range updates {
		f <- u
	}
}

// rawCodec shows a test the bytes of what it receives.
type rawCodec struct{ encoding.CodecV2 }

type rawUpdate struct{ wire []byte }

// discarded is a message that nobody looks at.
type discarded struct{}

func (c rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	switch r := v.(type) {
	case *rawUpdate:
		r.wire = data.Materialize()
		return nil
	case *discarded:
		return nil
	}
	return c.CodecV2.Unmarshal(data, v)
}

// appliedLog makes a token of each log line that says that a request is in force.
type appliedLog chan struct{}

func (appliedLog) Enabled(context.Context, slog.Level) bool { return true }
func (l appliedLog) WithAttrs([]slog.Attr) slog.Handler     { return l }
func (l appliedLog) WithGroup(string) slog.Handler          { return l }

func (l appliedLog) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "filter updated" {
		l <- struct{}{}
	}
	return nil
}

// world is a server that runs, and a connection to it.
type world struct {
	*testing.T
	server  *Server
	feed    script
	dial    func(context.Context, string) (net.Conn, error)
	conn    *grpc.ClientConn
	client  pb.GeyserClient
	applied <-chan struct{} // a token for each request put in force
	stop    func() error    // ends the server and returns what Serve did; may be called again
}

func newWorld(t *testing.T, set Settings, opts ...grpc.DialOption) *world {
	t.Helper()
	feed := make(script)
	if set.Feed == nil {
		set.Feed = feed
	}
	applied := make(appliedLog, 1000)
	set.Logger = slog.New(applied)
	s, err := New(set)
	if err != nil {
		t.Fatal(err)
	}
	ln := bufconn.Listen(1 << 16)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, ln) }()
	w := &world{T: t, server: s, feed: feed, applied: applied, dial: func(ctx context.Context, _ string) (net.Conn, error) { return ln.DialContext(ctx) }}
	var result error
	w.stop = func() error {
		cancel()
		if served != nil {
			result = <-served
			served = nil
		}
		return result
	}
	w.conn = w.connect(opts...)
	w.client = pb.NewGeyserClient(w.conn)
	t.Cleanup(func() {
		w.conn.Close()
		if err := w.stop(); err != nil {
			t.Errorf("Serve returned %v", err)
		}
	})
	return w
}

func (w *world) connect(opts ...grpc.DialOption) *grpc.ClientConn {
	w.Helper()
	opts = append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithContextDialer(w.dial),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawCodec{encoding.GetCodecV2("proto")})),
	}, opts...)
	c, err := grpc.NewClient("passthrough:///sim", opts...)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// caller is one Subscribe stream of a test.
type caller struct {
	*testing.T
	applied <-chan struct{}
	grpc.BidiStreamingClient[pb.SubscribeRequest, pb.SubscribeUpdate]
}

func (w *world) open(opts ...grpc.CallOption) caller {
	w.Helper()
	return w.openWith(w.Context(), opts...)
}

func (w *world) openWith(ctx context.Context, opts ...grpc.CallOption) caller {
	w.Helper()
	stream, err := w.client.Subscribe(ctx, opts...)
	if err != nil {
		w.Fatal(err)
	}
	return caller{w.T, w.applied, stream}
}

// subscribe opens a stream with req in force.
func (w *world) subscribe(req *pb.SubscribeRequest, opts ...grpc.CallOption) caller {
	w.Helper()
	c := w.open(opts...)
	c.ask(req)
	c.settle()
	return c
}

func (c caller) ask(req *pb.SubscribeRequest) {
	c.Helper()
	if err := c.Send(req); err != nil {
		c.Fatal(err)
	}
}

// settle returns when the server has put in force what was asked before; once per request.
func (c caller) settle() {
	c.Helper()
	<-c.applied
}

// next returns the names of the next n updates, with their filters, pings left out.
func (c caller) next(n int) []string {
	c.Helper()
	var out []string
	for len(out) < n {
		u, err := c.Recv()
		if err != nil {
			c.Fatalf("after %q: %v", out, err)
		}
		if u.GetPing() != nil {
			continue
		}
		text := name(u)
		if len(u.Filters) > 0 {
			text = strings.Join(u.Filters, "+") + ": " + text
		}
		out = append(out, text)
	}
	return out
}

// pinged reads the ping that begins each stream.
func (c caller) pinged() {
	c.Helper()
	if u, err := c.Recv(); err != nil || u.GetPing() == nil {
		c.Fatalf("got %v, %v; want a ping", u, err)
	}
}

// fails reads until the stream ends, and checks how.
func (c caller) fails(code codes.Code, text string) {
	c.Helper()
	for {
		_, err := c.Recv()
		if err == nil {
			continue
		}
		if s := status.Convert(err); s.Code() != code || s.Message() != text {
			c.Errorf("stream ended with %v %q, want %v %q", s.Code(), s.Message(), code, text)
		}
		return
	}
}

func ptr[T any](v T) *T { return &v }

func transactions(names ...string) *pb.SubscribeRequest {
	req := &pb.SubscribeRequest{Transactions: map[string]*pb.SubscribeRequestFilterTransactions{}}
	for _, n := range names {
		req.Transactions[n] = &pb.SubscribeRequestFilterTransactions{}
	}
	return req
}

// everything asks for all kinds but blocks.
func everything() *pb.SubscribeRequest {
	req := transactions("t")
	req.Accounts = map[string]*pb.SubscribeRequestFilterAccounts{"a": {}}
	req.Slots = map[string]*pb.SubscribeRequestFilterSlots{"s": {InterslotUpdates: ptr(true)}}
	req.BlocksMeta = map[string]*pb.SubscribeRequestFilterBlocksMeta{"m": {}}
	req.Entry = map[string]*pb.SubscribeRequestFilterEntry{"e": {}}
	return req
}
