package sim

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

	"weir/host/geyser"
)

// The real server's defaults (yellowstone-grpc-geyser, config.rs and grpc.rs), and Weir's own for the judge.
const (
	DefaultReplaySlots   = 150
	DefaultPingInterval  = 10 * time.Second
	DefaultQueueMessages = 250_000
	DefaultRingMessages  = 250_000
	DefaultMaxRequest    = 4 << 20 // bytes of one request
	DefaultRateLimit     = 60      // connects and subscribes in one RateWindow
	DefaultRateWindow    = 60 * time.Second
	DefaultVersion       = "15.1.2"
)

// Settings describe a Server. The zero value of a number means its default, a negative one turns the thing off.
type Settings struct {
	Feed Feed // what is broadcast; nil serves nothing but pings

	// Hold keeps the feed back until Start is called.
	Hold bool
	// WaitForSubscribers keeps the feed back until that many Subscribe streams have a filter in force.
	WaitForSubscribers int
	// StartWhen keeps the feed back until it returns true. It is called with the requests in force each time one
	// changes, from one goroutine at a time, and must neither block nor keep them.
	StartWhen func(live []*pb.SubscribeRequest) bool

	// Rate bounds the feed, in items per second; 0 is as fast as the feed gives them.
	Rate float64
	// Lossless makes the feed wait for the slowest stream instead of cutting it off for lag.
	Lossless bool
	// EveryCommitment serves each update at every commitment as it comes, without waiting for slot statuses and without
	// making blocks up: for recordings, which are excerpts. A slot can be replayed once the feed has gone on to another.
	EveryCommitment bool

	Limits      *geyser.ServerLimits // what a request may hold; nil limits nothing
	XToken      string               // demanded in the metadata when not empty
	TLS         *tls.Config          // nil serves plain text
	StreamLimit int                  // Subscribe streams of one x-subscription-id or address at a time; 0 for any number
	MaxRequest  int                  // bytes of one request message

	ReplaySlots   int           // frozen slots kept for from_slot
	PingInterval  time.Duration // server pings on each stream
	QueueMessages int           // updates waiting for one stream before it is cut off; 1 or more
	RingMessages  int           // updates a stream may be behind the feed; rounded up to a power of two

	RateLimit  int           // connects and subscribes allowed in any RateWindow; counted, never refused
	RateWindow time.Duration // length of the judge's window

	// EagerCompression compresses for every client that says it understands gzip or zstd, as the real server does. Without
	// it a call is answered in the encoding in which the client sends.
	EagerCompression bool

	Version string       // the version that GetVersion names
	Logger  *slog.Logger // nil logs nothing
}

// withDefaults checks the settings and fills in what they leave open.
func (s Settings) withDefaults() (Settings, error) {
	if s.WaitForSubscribers < 0 {
		return s, fmt.Errorf("sim: WaitForSubscribers is %d; want 0 or more", s.WaitForSubscribers)
	}
	if s.Rate < 0 {
		return s, fmt.Errorf("sim: Rate is %g updates per second; want 0 (unbounded) or more", s.Rate)
	}
	if s.QueueMessages < 0 || s.RingMessages < 0 || s.MaxRequest < 0 || s.RateWindow < 0 {
		return s, errors.New("sim: QueueMessages, RingMessages, MaxRequest and RateWindow cannot be turned off; want 0 (default) or more")
	}
	s.ReplaySlots = orDefault(s.ReplaySlots, DefaultReplaySlots)
	s.PingInterval = orDefault(s.PingInterval, DefaultPingInterval)
	s.QueueMessages = orDefault(s.QueueMessages, DefaultQueueMessages)
	s.RingMessages = orDefault(s.RingMessages, DefaultRingMessages)
	s.MaxRequest = orDefault(s.MaxRequest, DefaultMaxRequest)
	s.RateLimit = orDefault(s.RateLimit, DefaultRateLimit)
	s.RateWindow = orDefault(s.RateWindow, DefaultRateWindow)
	if s.Version == "" {
		s.Version = DefaultVersion
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s, nil
}

// orDefault returns def for 0, and 0 for what is turned off.
func orDefault[T int | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return max(v, 0)
}
