// Package sim is a Yellowstone gRPC server for demos, tests and monitors' authors: it broadcasts a feed (a recording, or
// one that is generated) with the real server's filters, replay, errors and habits, and counts what a provider would
// hold against a client.
//
// Server.Serve owns all goroutines: the feed's, gRPC's own, and three per Subscribe stream (receive, evaluate, send). It
// returns when all of them have ended.
package sim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// ErrServed says that Serve was called a second time.
var ErrServed = errors.New("sim: a server serves once")

// stopGrace is how long clients that don't read may hold a stopping server up.
const stopGrace = time.Second

// Server is a simulated Yellowstone server. Its methods may be called from any goroutine, before, while and after it
// serves.
type Server struct {
	pb.UnimplementedGeyserServer

	set   Settings
	born  time.Time
	rings [levels]*ring
	chain *chain
	tip   *tip
	judge judge
	tally tally
	count counters

	served   atomic.Bool
	listener atomic.Pointer[meteredListener]
	started  chan struct{}  // closed when the feed may begin
	start    func()         // closes started, once
	stopping chan struct{}  // closed when Serve is to end
	stop     func()         // closes stopping, once
	streams  sync.WaitGroup // goroutines that can only end after their handler
	cut      switchboard
	stall    atomic.Pointer[chan struct{}] // while stalled; closed when the stall ends

	space   chan struct{}  // a token: a stream has moved on
	starved atomic.Bool    // the feed waits for space
	room    [levels]uint64 // the feed's own: up to which number a ring is known to overrun nobody

	mu     sync.Mutex // guards closed and live, and serialises StartWhen
	closed bool
	live   map[*subscriber]struct{}
}

// New checks the settings and returns a server that does nothing until Serve.
func New(set Settings) (*Server, error) {
	set, err := set.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{
		set: set, born: time.Now(), judge: judge{limit: set.RateLimit, window: set.RateWindow},
		tally: tally{limit: set.StreamLimit, live: map[string]int{}}, tip: newTip(),
		started: make(chan struct{}), stopping: make(chan struct{}),
		space: make(chan struct{}, 1), live: map[*subscriber]struct{}{},
	}
	s.start = sync.OnceFunc(func() { close(s.started) })
	s.stop = sync.OnceFunc(func() { close(s.stopping) })
	for i := range s.rings {
		s.rings[i] = newRing(set.RingMessages)
	}
	s.chain = newChain(set.ReplaySlots, set.EveryCommitment)
	s.cut.init()
	if !set.Hold && set.WaitForSubscribers == 0 && set.StartWhen == nil {
		s.start()
	}
	return s, nil
}

// Start lets the feed begin, whatever Hold, WaitForSubscribers and StartWhen say.
func (s *Server) Start() { s.start() }

// Serve answers calls on ln and broadcasts the feed until ctx ends (then it returns nil) or the feed fails (then it
// returns the feed's error). Streams get Unavailable. Serve closes ln, and returns when all of the server's goroutines
// have ended. It may be called once.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	if s.served.Swap(true) {
		ln.Close()
		return ErrServed
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	metered := newMeteredListener(ln, func() {
		s.count.connections.Add(1)
		s.judge.observe(time.Now())
	})
	s.listener.Store(metered)
	g := s.grpcServer()
	var own sync.WaitGroup
	own.Go(func() {
		if err := s.broadcast(ctx); err != nil {
			cancel(fmt.Errorf("sim: feed: %w", err))
		}
	})
	own.Go(func() {
		<-ctx.Done()
		s.shutDown(g)
	})
	err := g.Serve(metered)
	cancel(err)
	own.Wait()
	s.streams.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	return nil
}

// grpcServer returns a gRPC server with the service, health and reflection-free defaults of the real one.
func (s *Server) grpcServer() *grpc.Server {
	opts := []grpc.ServerOption{
		grpc.ForceServerCodecV2(newWireCodec()),
		grpc.MaxRecvMsgSize(s.set.MaxRequest),
		grpc.WriteBufferSize(256 << 10),
		grpc.UnaryInterceptor(s.unaryAccess),
		grpc.StreamInterceptor(s.streamAccess),
	}
	if s.set.TLS != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(s.set.TLS)))
	}
	g := grpc.NewServer(opts...)
	pb.RegisterGeyserServer(g, s)
	h := health.NewServer()
	h.SetServingStatus(pb.Geyser_ServiceDesc.ServiceName, healthpb.HealthCheckResponse_SERVING)
	healthpb.RegisterHealthServer(g, h)
	return g
}

// shutDown ends all streams with Unavailable, then the connections, with force where a client does not read.
func (s *Server) shutDown(g *grpc.Server) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	gone := make(chan struct{})
	go func() { // ends with GracefulStop, which Stop ends; waited for below
		defer close(gone)
		g.GracefulStop()
	}()
	t := time.NewTimer(stopGrace)
	defer t.Stop()
	select {
	case <-gone:
	case <-t.C:
		g.Stop()
		<-gone
	}
}

// enter adds a stream; false means that the server is stopping.
func (s *Server) enter(sub *subscriber) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.live[sub] = struct{}{}
	return true
}

func (s *Server) leave(sub *subscriber) {
	s.mu.Lock()
	delete(s.live, sub)
	s.mu.Unlock()
	s.advanced()
}

// changed lets the feed begin once what was waited for is subscribed.
func (s *Server) changed() {
	select {
	case <-s.started:
		return
	default:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var live []*pb.SubscribeRequest
	for sub := range s.live {
		sub.mu.Lock()
		if sub.request != nil {
			live = append(live, sub.request)
		}
		sub.mu.Unlock()
	}
	switch {
	case s.set.Hold:
	case s.set.WaitForSubscribers > len(live):
	case s.set.StartWhen != nil && !s.set.StartWhen(live):
	default:
		s.start()
	}
}
