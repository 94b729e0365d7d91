package upstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"weir/host/geyser"
	"weir/host/metrics"
)

// Defaults of Settings.
const (
	DefaultMaxConnections = 10
	DefaultConnectRate    = 60 // new connections and subscribes, one token each
	DefaultConnectWindow  = 60 * time.Second
	DefaultUpdatePace     = 100 * time.Millisecond
	DefaultCoalesceWindow = 100 * time.Millisecond
	DefaultCoalesceMax    = 10
	DefaultIdleTTL        = 5 * time.Minute
	DefaultIdleMax        = 2
	DefaultReserve        = 10 // percent

	// The server pings each stream every 10 s (yellowstone-grpc, grpc.rs): two periods without any message are a stall.
	DefaultStallAfter = 20 * time.Second

	// Practice among clients of Yellowstone (LaserStream, provider samples). grpc-go's servers take pings on an idle stream
	// as abuse below 5 minutes, but only where no data flows; a stream has a ping of the server's every 10 s.
	DefaultKeepalive        = 30 * time.Second
	DefaultKeepaliveTimeout = 10 * time.Second

	DefaultConnectTimeout = 10 * time.Second
	DefaultBackoffBase    = 100 * time.Millisecond
	DefaultBackoffCap     = 30 * time.Second
	DefaultReceiveLimit   = 64 << 20 // bytes; blocks of 24 MB have been seen
	DefaultWindow         = 8 << 20  // bytes, of each HTTP/2 stream; the connection has twice as much
	DefaultReadBuffer     = 256 << 10
)

// DefaultShares are the groups' shares of the connections in percent.
var DefaultShares = PerGroup{High: 40, Medium: 30, Low: 20}

// DefaultMonitorsPerConnection is how many monitors of one group share a connection before the next one is opened.
var DefaultMonitorsPerConnection = PerGroup{High: 5, Medium: 10, Low: 15}

// Settings describe a Pool. The zero value of a number or duration means its default.
type Settings struct {
	Endpoints []Endpoint // at least one; the first healthy one is used for new connections
	Router    Router     // required
	Limits    geyser.Limits
	Metrics   *metrics.Pool // nil counts into a set of the pool's own
	Logger    *slog.Logger  // nil logs nothing

	MaxConnections        int      // at a time, idle ones included
	MaxStreams            int      // Subscribe streams over all connections, 0 means unlimited; Limits.Streams holds beside it
	Shares                PerGroup // weights of the groups when connections are allotted
	Reserve               int      // weight of the reserve beside them, negative for none
	MonitorsPerConnection PerGroup

	ConnectRate   int           // most connects and subscribes in any ConnectWindow
	ConnectWindow time.Duration // length of the provider's window
	UpdatePace    time.Duration // least time between two filter updates of one stream, negative for none

	CoalesceWindow time.Duration // how long changes are gathered after one went out, negative for none
	CoalesceMax    int           // how many changes are gathered at most

	IdleTTL time.Duration // how long a connection without streams is kept, negative for not at all
	IdleMax int           // how many such connections are kept, negative for none

	ConnectTimeout   time.Duration // of one dial, TLS and HTTP/2 included
	Keepalive        time.Duration // period of HTTP/2 pings, 10 s at least (grpc-go), negative for none
	KeepaliveTimeout time.Duration
	StallAfter       time.Duration // a stream without any message for so long is cut and subscribed again
	BackoffBase      time.Duration // bound of the first reconnect's random delay; it doubles
	BackoffCap       time.Duration // largest bound

	ReceiveLimit int // bytes of one update
	Window       int // bytes of an HTTP/2 stream's receive window, 64 KiB at least
	ReadBuffer   int // bytes read from the network at a time

	// Dial replaces the network, for tests. address is the endpoint's host:port.
	Dial func(ctx context.Context, address string) (net.Conn, error)
}

// withDefaults returns the settings with every default in place, or what is wrong with them.
func (s Settings) withDefaults() (Settings, error) {
	orDefault(&s.MaxConnections, DefaultMaxConnections)
	orDefault(&s.Shares, DefaultShares)
	orDefault(&s.Reserve, DefaultReserve)
	orDefault(&s.MonitorsPerConnection.High, DefaultMonitorsPerConnection.High)
	orDefault(&s.MonitorsPerConnection.Medium, DefaultMonitorsPerConnection.Medium)
	orDefault(&s.MonitorsPerConnection.Low, DefaultMonitorsPerConnection.Low)
	orDefault(&s.ConnectRate, DefaultConnectRate)
	orDefault(&s.ConnectWindow, DefaultConnectWindow)
	orDefault(&s.UpdatePace, DefaultUpdatePace)
	orDefault(&s.CoalesceWindow, DefaultCoalesceWindow)
	orDefault(&s.CoalesceMax, DefaultCoalesceMax)
	orDefault(&s.IdleTTL, DefaultIdleTTL)
	orDefault(&s.IdleMax, DefaultIdleMax)
	orDefault(&s.ConnectTimeout, DefaultConnectTimeout)
	orDefault(&s.Keepalive, DefaultKeepalive)
	orDefault(&s.KeepaliveTimeout, DefaultKeepaliveTimeout)
	orDefault(&s.StallAfter, DefaultStallAfter)
	orDefault(&s.BackoffBase, DefaultBackoffBase)
	orDefault(&s.BackoffCap, DefaultBackoffCap)
	orDefault(&s.ReceiveLimit, DefaultReceiveLimit)
	orDefault(&s.Window, DefaultWindow)
	orDefault(&s.ReadBuffer, DefaultReadBuffer)
	s.Reserve = max(s.Reserve, 0)
	if s.Metrics == nil {
		s.Metrics = new(metrics.Pool)
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s, s.check()
}

func orDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// check refuses what no pool can work with. Several errors are reported together.
func (s *Settings) check() error {
	var errs []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf("upstream: "+format, args...))
		}
	}
	bad(s.Router == nil, "no router")
	bad(len(s.Endpoints) == 0, "no endpoint; give at least one URL")
	bad(s.MaxConnections < 0, "max connections %d: want at least 1", s.MaxConnections)
	bad(s.MaxStreams < 0, "max streams %d: want 0 for unlimited, or more", s.MaxStreams)
	bad(min(s.Shares.High, s.Shares.Medium, s.Shares.Low) < 0, "a group's share is negative")
	bad(s.Shares.High+s.Shares.Medium+s.Shares.Low <= 0, "the groups' shares add up to nothing")
	p := s.MonitorsPerConnection
	bad(min(p.High, p.Medium, p.Low) < 1, "monitors per connection: want at least 1 in each group")
	bad(s.ConnectRate < 2, "connect rate %d: a connection and its subscribe need 2 tokens", s.ConnectRate)
	bad(s.ConnectWindow < 0, "connect window %v: want more than 0", s.ConnectWindow)
	bad(s.CoalesceMax < 1, "coalesce max %d: want at least 1", s.CoalesceMax)
	bad(s.ConnectTimeout < 0 || s.StallAfter < 0, "a timeout is negative")
	bad(s.BackoffBase < 0 || s.BackoffCap < s.BackoffBase, "back-off from %v to %v: want a base above 0 and a cap not below it", s.BackoffBase, s.BackoffCap)
	bad(s.ReceiveLimit < 0, "receive limit %d: want more than 0 bytes", s.ReceiveLimit)
	bad(s.Window < 64<<10 || s.Window > 1<<30, "window %d: want 65536 to 1073741824 bytes", s.Window)
	bad(s.ReadBuffer < 0, "read buffer %d: want more than 0 bytes", s.ReadBuffer)
	if err := s.Limits.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("upstream: limits: %w", err))
	}
	return errors.Join(errs...)
}

// streamLimit is the number of Subscribe streams allowed over all connections, 0 for unlimited.
func (s *Settings) streamLimit() int {
	limit := s.MaxStreams
	if n := s.Limits.Streams; n > 0 && (limit == 0 || n < limit) {
		limit = n
	}
	return limit
}
