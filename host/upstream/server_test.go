package upstream

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
)

// scripted is a Yellowstone server whose faults a test chooses. Its filter semantics are geyser's.
type scripted struct {
	pb.UnimplementedGeyserServer
	listener *bufconn.Listener
	server   *grpc.Server

	mu               sync.Mutex  // guards everything below
	arrivals         []time.Time // connects and subscribes, as the provider's judge sees them
	streams          []*scriptedStream
	tokens           []string
	opened           int
	latency          func() time.Duration // before a connect is accepted; called with mu held
	accept           func(*pb.SubscribeRequest) error
	open             func(n int) error // n: number of this Subscribe, from 1
	mute             bool              // sends nothing at all
	gzip             bool              // compresses, if the client takes it
	gzipErr          error
	conns, peakConns int    // that the client holds
	taken            func() // called after each filter request; set before the first one
	noPongs          bool
	peakStreams      int // Subscribe calls at once
	dialErr          error
}

// scriptedStream is one Subscribe call.
type scriptedStream struct {
	ctx      context.Context
	number   int
	kill     chan error
	out      chan *pb.SubscribeUpdate
	requests []*pb.SubscribeRequest // filter requests, guarded by scripted.mu
	pings    []int32                // guarded by scripted.mu
	matcher  *geyser.Matcher        // guarded by scripted.mu
	ended    bool                   // guarded by scripted.mu
}

func newScripted(t testing.TB, options ...grpc.ServerOption) *scripted {
	s := &scripted{listener: bufconn.Listen(1 << 20), server: grpc.NewServer(options...)}
	pb.RegisterGeyserServer(s.server, s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.server.Serve(s.listener); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		s.server.Stop()
		<-done
	})
	return s
}

func (s *scripted) dial(ctx context.Context, _ string) (net.Conn, error) {
	s.mu.Lock()
	err, delay := s.dialErr, time.Duration(0)
	if s.latency != nil {
		delay = s.latency()
	}
	s.mu.Unlock()
	select { // the network's delay, on synctest's clock
	case <-time.After(delay):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.arrive()
	if err != nil {
		return nil, err
	}
	c, err := s.listener.DialContext(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns++
	s.peakConns = max(s.peakConns, s.conns)
	return &countedConn{Conn: c, closed: sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.conns--
	})}, nil
}

// countedConn tells when the client has closed it.
type countedConn struct {
	net.Conn
	closed func()
}

func (c *countedConn) Close() error {
	c.closed()
	return c.Conn.Close()
}

func (s *scripted) arrive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrivals = append(s.arrivals, time.Now())
}

func (s *scripted) Subscribe(stream grpc.BidiStreamingServer[pb.SubscribeRequest, pb.SubscribeUpdate]) error {
	st, err := s.begin(stream.Context())
	if err != nil {
		return err
	}
	defer s.end(st)
	if s.gzip {
		s.set(func() { s.gzipErr = grpc.SetSendCompressor(stream.Context(), "gzip") })
	}
	ctx, cancel := context.WithCancel(stream.Context())
	var sender sync.WaitGroup
	defer sender.Wait()
	defer cancel()
	sender.Go(func() { s.sendAll(ctx, stream, st) })
	refused := make(chan error, 1)
	go func() { refused <- s.receive(ctx, stream, st) }()
	select {
	case err := <-refused:
		return err
	case err := <-st.kill:
		return err
	}
}

func (s *scripted) begin(ctx context.Context) (*scriptedStream, error) {
	s.arrive()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	md, _ := metadata.FromIncomingContext(ctx)
	s.tokens = append(s.tokens, md.Get("x-token")...)
	if s.open != nil {
		if err := s.open(s.opened); err != nil {
			return nil, err
		}
	}
	st := &scriptedStream{ctx: ctx, number: s.opened, kill: make(chan error, 1), out: make(chan *pb.SubscribeUpdate, 4096)}
	s.streams = append(s.streams, st)
	alive := 0
	for _, st := range s.streams {
		if st.ctx.Err() == nil && !st.ended {
			alive++
		}
	}
	s.peakStreams = max(s.peakStreams, alive)
	return st, nil
}

func (s *scripted) end(st *scriptedStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st.ended = true
}

// sendAll pings at once and then every 10 s, as the real server does.
func (s *scripted) sendAll(ctx context.Context, stream grpc.BidiStreamingServer[pb.SubscribeRequest, pb.SubscribeUpdate], st *scriptedStream) {
	ping := &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Ping{Ping: &pb.SubscribeUpdatePing{}}}
	next := ping
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	for {
		if next != nil && !s.muted() {
			if err := stream.Send(next); err != nil {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			next = ping
		case next = <-st.out:
		}
	}
}

func (s *scripted) muted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mute
}

func (s *scripted) receive(ctx context.Context, stream grpc.BidiStreamingServer[pb.SubscribeRequest, pb.SubscribeUpdate], st *scriptedStream) error {
	for {
		req, err := stream.Recv()
		if err == io.EOF {
			<-ctx.Done() // a half-closed stream goes on
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.take(st, req); err != nil {
			return err
		}
		if s.taken != nil && req.Ping == nil {
			s.taken()
		}
	}
}

func (s *scripted) take(st *scriptedStream, req *pb.SubscribeRequest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.Ping != nil {
		if !proto.Equal(req, &pb.SubscribeRequest{Ping: req.Ping}) {
			return status.Error(codes.InvalidArgument, "test: a ping with something else in it")
		}
		st.pings = append(st.pings, req.Ping.Id)
		if !s.noPongs {
			st.out <- &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Pong{Pong: &pb.SubscribeUpdatePong{Id: req.Ping.Id}}}
		}
		return nil
	}
	if s.accept != nil {
		if err := s.accept(req); err != nil {
			return err
		}
	}
	m, err := geyser.Compile(req, nil)
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	st.requests, st.matcher = append(st.requests, req), m
	return nil
}

// broadcast sends u to every stream whose filters hit, and returns how many did.
func (s *scripted) broadcast(u *pb.SubscribeUpdate) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, st := range s.streams {
		if st.ended || st.matcher == nil {
			continue
		}
		for _, d := range st.matcher.Evaluate(u, nil) {
			c := proto.CloneOf(d.Update)
			c.Filters = d.Names
			st.out <- c
			n++
		}
	}
	return n
}

// cut ends all live streams with err.
func (s *scripted) cut(err error) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, st := range s.streams {
		if !st.ended {
			st.kill <- err
			n++
		}
	}
	return n
}

// set changes the script.
func (s *scripted) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *scripted) counts() (connects, subscribes, live int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.streams {
		if !st.ended {
			live++
		}
	}
	return len(s.arrivals) - s.opened, s.opened, live
}

// requestsOf returns the filter requests that the n-th Subscribe (from 1) has taken.
func (s *scripted) requestsOf(n int) []*pb.SubscribeRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.streams {
		if st.number == n {
			return slices.Clone(st.requests)
		}
	}
	return nil
}

// worstWindow is an independent judge: the most arrivals in any window of the given length.
func (s *scripted) worstWindow(window time.Duration) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	worst := 0
	for i, from := range s.arrivals {
		n := 0
		for _, at := range s.arrivals[i:] {
			if at.Sub(from) < window {
				n++
			}
		}
		worst = max(worst, n)
	}
	return worst
}

// accountUpdate is an update of the account key.
func accountUpdate(key byte, slot uint64) *pb.SubscribeUpdate {
	pubkey := make([]byte, 32)
	pubkey[31] = key
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Account{Account: &pb.SubscribeUpdateAccount{
		Slot: slot, Account: &pb.SubscribeUpdateAccountInfo{Pubkey: pubkey, Owner: make([]byte, 32)},
	}}}
}

// accountJSON declares interest in the account key.
func accountJSON(key byte, rest string) []byte {
	return fmt.Appendf(nil, `{"accounts":{"a":{"account":["%s"]}}%s}`, address(key), rest)
}
