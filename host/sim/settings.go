package sim

import (
	"crypto/tls"
	"log/slog"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// The real server's defaults (yellowstone-grpc-geyser, config.rs and grpc.rs).
const (
	DefaultReplaySlots   = 150
	DefaultPingInterval  = 10 * time.Second
	DefaultQueueMessages = 250_000
	DefaultRingMessages  = 131_072
	DefaultMaxRequest    = 4 << 20 // bytes of one request
	DefaultStreamLimit   = 1000    // concurrent Subscribe streams of one x-token, or of one address without a token
	DefaultRateLimit     = 60      // connects and subscribes in one RateWindow
	DefaultRateWindow    = 60 * time.Second
)

// Settings describe a Server. The zero value of a number means its default, a negative one turns the thing off.
type Settings struct {
	Feed Feed // what is broadcast; nil serves nothing but pings

	// Hold keeps the feed back until Start is called.
	Hold bool
	// WaitForSubscribers keeps the feed back until that many Subscribe streams have sent a filter.
	WaitForSubscribers int
	// StartWhen keeps the feed back until it returns true. It is called with the requests in force each time one
	// changes, from one goroutine at a time, and must neither block nor keep them.
	StartWhen func(live []*pb.SubscribeRequest) bool

	// Rate bounds the feed, in items per second; 0 is as fast as the feed gives them.
	Rate float64
	// Lossless makes the feed wait for the slowest stream instead of cutting it off for lag.
	Lossless bool
	// EveryCommitment serves each update at every commitment as it comes, without waiting for slot statuses, and without
	// making blocks: for recordings, which are excerpts.
	EveryCommitment bool

	XToken      string      // demanded in the metadata when not empty
	TLS         *tls.Config // nil serves plain text
	StreamLimit int         // Subscribe streams of one token or address at a time
	MaxRequest  int         // bytes of one request message

	ReplaySlots   int           // frozen slots kept for from_slot
	PingInterval  time.Duration // server pings on each stream
	QueueMessages int           // updates waiting for one stream before it is cut off
	RingMessages  int           // updates kept for streams that lag behind the feed

	RateLimit  int           // connects and subscribes allowed in any RateWindow; counted, never refused
	RateWindow time.Duration // length of the judge's window

	Version string       // what GetVersion calls the server's version
	Logger  *slog.Logger // nil logs nothing
}
