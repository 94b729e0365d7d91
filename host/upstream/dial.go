package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc"
	grpcbackoff "google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"weir/host/geyser"
)

// transport is one HTTP/2 connection: a ClientConn that dials exactly once. grpc-go reconnects by itself whenever it
// sees fit; here every dial needs a token, so the dialer works once and a lost transport is thrown away whole.
type transport struct {
	conn     *grpc.ClientConn
	endpoint *endpoint
	calls    []grpc.CallOption

	// The planner's:
	attempts int  // streams on it that have not ended
	lost     bool // takes no new streams
}

// errSpent is what the dialer answers when grpc-go tries to reconnect by itself.
var errSpent = errors.New("the connection is lost")

// dial connects to e and waits until HTTP/2 is up. It makes at most one connection that the server could count.
func (s *Settings) dial(ctx context.Context, e *endpoint) (*transport, error) {
	ctx, cancel := context.WithTimeout(ctx, s.ConnectTimeout)
	defer cancel()
	creds, err := e.credentials()
	if err != nil {
		return nil, err
	}
	var dialed atomic.Bool
	var failure atomic.Pointer[error]
	options := append(s.dialOptions(),
		grpc.WithTransportCredentials(creds),
		grpc.WithContextDialer(func(dialing context.Context, address string) (net.Conn, error) {
			if dialed.Swap(true) {
				return nil, errSpent
			}
			c, err := s.dialNetwork(dialing, address)
			if err != nil {
				failure.Store(&err)
			}
			return c, err
		}))
	conn, err := grpc.NewClient("passthrough:///"+e.address, options...)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", e.Name, err)
	}
	conn.Connect()
	if err := s.awaitReady(ctx, conn, &failure); err != nil {
		_ = conn.Close() // the dial's own error is the one that counts
		return nil, fmt.Errorf("dial %s: %w", e.Name, err)
	}
	return &transport{conn: conn, endpoint: e, calls: e.callOptions()}, nil
}

func (s *Settings) awaitReady(ctx context.Context, conn *grpc.ClientConn, failure *atomic.Pointer[error]) error {
	for {
		switch state := conn.GetState(); state {
		case connectivity.Ready:
			return nil
		case connectivity.TransientFailure, connectivity.Shutdown:
			if err := failure.Load(); err != nil {
				return *err
			}
			return handshakeError(ctx, conn)
		default:
			if !conn.WaitForStateChange(ctx, state) {
				return fmt.Errorf("no connection within %v: %w", s.ConnectTimeout, context.Cause(ctx))
			}
		}
	}
}

// handshakeError asks a failed connection why TLS or HTTP/2 did not come up. A call on it fails at once, without network
// traffic, with grpc-go's last connection error.
func handshakeError(ctx context.Context, conn *grpc.ClientConn) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err := conn.NewStream(ctx, &pb.Geyser_ServiceDesc.Streams[0], pb.Geyser_Subscribe_FullMethodName)
	if err == nil {
		return errSpent
	}
	return errors.New(status.Convert(err).Message())
}

// dialNetwork makes one TCP connection. Addresses of both families are tried one after the other rather than at the same
// time, so that one token never makes two connections.
func (s *Settings) dialNetwork(ctx context.Context, address string) (net.Conn, error) {
	if s.Dial != nil {
		return s.Dial(ctx, address)
	}
	d := net.Dialer{FallbackDelay: -1}
	return d.DialContext(ctx, "tcp", address)
}

// dialOptions are the same for every connection. Fixed windows switch off grpc-go's estimator, which starts at 64 KiB.
func (s *Settings) dialOptions() []grpc.DialOption {
	options := []grpc.DialOption{
		grpc.WithUserAgent("weir"),
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableRetry(),
		grpc.WithDisableHealthCheck(),
		grpc.WithIdleTimeout(0),
		grpc.WithStaticStreamWindowSize(int32(s.Window)),
		grpc.WithStaticConnWindowSize(int32(min(2*s.Window, 1<<30))),
		grpc.WithReadBufferSize(s.ReadBuffer),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: grpcbackoff.DefaultConfig, MinConnectTimeout: s.ConnectTimeout,
		}),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodecV2(geyser.Codec{}),
			grpc.MaxCallRecvMsgSize(s.ReceiveLimit),
		),
	}
	if s.Keepalive > 0 {
		options = append(options, grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: s.Keepalive, Timeout: s.KeepaliveTimeout,
		}))
	}
	return options
}

// credentials are the transport's: TLS 1.2 or later for https, nothing for http.
func (e *endpoint) credentials() (credentials.TransportCredentials, error) {
	if !e.secure {
		return insecure.NewCredentials(), nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: e.TLS.ServerName}
	if c.ServerName == "" {
		c.ServerName = e.host()
	}
	if len(e.TLS.RootsPEM) > 0 {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(e.TLS.RootsPEM) {
			return nil, fmt.Errorf("%w: %s: no certificate in the PEM roots", ErrEndpoint, e.Name)
		}
	}
	return credentials.NewTLS(c), nil
}

// callOptions name what the server may compress with: grpc-go offers every registered compressor otherwise.
func (e *endpoint) callOptions() []grpc.CallOption {
	if e.Compression == "" {
		return []grpc.CallOption{experimental.AcceptCompressors(plain{}.Name())}
	}
	return []grpc.CallOption{experimental.AcceptCompressors(e.Compression)}
}

// watch returns when the transport takes no new streams any more, or when ctx ends.
func (t *transport) watch(ctx context.Context) {
	t.conn.WaitForStateChange(ctx, connectivity.Ready)
}

// callCredentials carry the x-token of one Subscribe. grpc-go asks them once per attempt on the wire; the second time is
// its transparent retry of a refused stream, which has no token of the rate limit and is therefore declined.
type callCredentials struct {
	token Token
	asked atomic.Bool
}

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (c *callCredentials) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	if c.asked.Swap(true) {
		return nil, status.Error(codes.Unavailable, "the server refused the stream before it began")
	}
	if c.token == nil {
		return nil, nil
	}
	if t := c.token(); t != "" {
		return map[string]string{"x-token": t}, nil
	}
	return nil, nil
}

// RequireTransportSecurity allows plain text: New warns where that would carry a token over a network.
func (c *callCredentials) RequireTransportSecurity() bool { return false }
