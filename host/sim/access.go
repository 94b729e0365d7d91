package sim

import (
	"context"
	"crypto/subtle"
	"net"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// The real server's refusals (grpc.rs).
var (
	errToken   = status.Error(codes.Unauthenticated, "No valid auth token")
	errStreams = status.Error(codes.ResourceExhausted, "max subscription limit exceeded")
)

// authorize checks the x-token of a call. The health service is open, as on the real server.
func (s *Server) authorize(ctx context.Context, method string) error {
	if s.set.XToken == "" || strings.HasPrefix(method, "/grpc.health.v1.Health/") {
		return nil
	}
	for _, token := range metadata.ValueFromIncomingContext(ctx, "x-token") {
		if subtle.ConstantTimeCompare([]byte(token), []byte(s.set.XToken)) == 1 {
			return nil
		}
	}
	s.count.authFailures.Add(1)
	return errToken
}

func (s *Server) unaryAccess(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if err := s.authorize(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	s.compress(ctx)
	return next(ctx, req)
}

func (s *Server) streamAccess(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if err := s.authorize(stream.Context(), info.FullMethod); err != nil {
		return err
	}
	s.compress(stream.Context())
	return next(srv, stream)
}

// compress makes the call's answers go out compressed, where the settings and the client want it. gRPC itself answers in
// the encoding that the client sends in; the real server, in the first one that the client says it understands.
func (s *Server) compress(ctx context.Context) {
	if !s.set.EagerCompression {
		return
	}
	names, err := grpc.ClientSupportedCompressors(ctx)
	if err != nil {
		return
	}
	for _, name := range names {
		if name == "gzip" || name == zstdName {
			_ = grpc.SetSendCompressor(ctx, name) // fails only after the headers are out
			return
		}
	}
}

// subscriberID tells whose limit a stream counts for: the x-subscription-id, else the address.
func subscriberID(ctx context.Context) string {
	if id := metadata.ValueFromIncomingContext(ctx, "x-subscription-id"); len(id) > 0 {
		return id[0]
	}
	p, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	host, _, err := net.SplitHostPort(p.Addr.String())
	if err != nil {
		return p.Addr.String()
	}
	return host
}

// tally counts the streams of each subscriber.
type tally struct {
	limit int // 0 or less: no limit

	mu   sync.Mutex // guards live
	live map[string]int
}

// enter takes a place for id; leave gives it back.
func (t *tally) enter(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.limit > 0 && t.live[id] >= t.limit {
		return false
	}
	t.live[id]++
	return true
}

func (t *tally) leave(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live[id]--; t.live[id] <= 0 {
		delete(t.live, id)
	}
}
