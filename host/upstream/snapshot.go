package upstream

import (
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

	"weir/host/geyser"
)

// State is what a connection, a stream or a monitor's placement is doing.
type State string

// The states. Reason says why something is not live.
const (
	Waiting     State = "waiting"     // for a token, a connection, a stream or the end of a back-off
	Connecting  State = "connecting"  // a dial is under way
	Ready       State = "ready"       // a connection that takes or carries streams
	Idle        State = "idle"        // a connection without streams, kept for reuse
	Failed      State = "failed"      // a connection whose last dial or transport failed; it is tried again
	Subscribing State = "subscribing" // the request is on its way
	Live        State = "live"        // the server sends
	Draining    State = "draining"    // about to be closed: its monitors are served elsewhere, or nobody wants it
)

// Snapshot is the pool at one moment. It is the caller's own; the requests in it are shared and read-only.
type Snapshot struct {
	At          time.Time        `json:"at"`
	Endpoints   []EndpointStatus `json:"endpoints"`
	Connections []Connection     `json:"connections"` // by ID
	Streams     []Stream         `json:"streams"`     // by ID
	Monitors    []Placement      `json:"monitors"`    // by name
	Groups      []Allotment      `json:"groups"`      // by falling priority, the reserve last
	Rate        RateLimit        `json:"rate"`
	MaxStreams  int              `json:"max_streams"` // 0: unlimited
	Queue       int              `json:"queue"`       // changes that the coalescing window holds back
	Warnings    []string         `json:"warnings"`
}

// EndpointStatus is one endpoint.
type EndpointStatus struct {
	Name    string    `json:"name"`
	Healthy bool      `json:"healthy"`
	Reason  string    `json:"reason,omitempty"` // why it is not healthy
	Until   time.Time `json:"until,omitzero"`   // when it is tried again
}

// Connection is one HTTP/2 connection, existing or planned.
type Connection struct {
	ID          string        `json:"id"`
	Endpoint    string        `json:"endpoint"`
	Group       Group         `json:"group"` // whose share it takes; "reserve" for dedicated streams
	State       State         `json:"state"`
	Reason      string        `json:"reason,omitempty"`
	Since       time.Time     `json:"since"`           // of State
	ConnectTime time.Duration `json:"connect_time_ns"` // of the last successful dial
	Streams     []string      `json:"streams"`
	Monitors    int           `json:"monitors"`
}

// Stream is one Subscribe stream, existing or planned.
type Stream struct {
	ID         string               `json:"id"`
	Connection string               `json:"connection"`
	Lane       string               `json:"lane"`
	Dedicated  bool                 `json:"dedicated"`
	Monitors   []string             `json:"monitors"`
	State      State                `json:"state"`
	Reason     string               `json:"reason,omitempty"`
	Since      time.Time            `json:"since"` // of State
	Request    *pb.SubscribeRequest `json:"-"`     // as last sent, or as it will be sent first; read-only
	Routes     []geyser.Route       `json:"-"`     // where its updates go, by filter name; read-only
	LastError  string               `json:"last_error,omitempty"`
	CutAt      time.Time            `json:"cut_at,omitzero"`      // the last cut; updates since may be missing until RestoredAt
	RestoredAt time.Time            `json:"restored_at,omitzero"` // when the stream was live again after CutAt
	Counts     StreamCounts         `json:"counts"`
}

// StreamCounts are a stream's counters (metrics.Stream) at the snapshot's moment.
type StreamCounts struct {
	Received      uint64    `json:"received"`
	ReceivedBytes uint64    `json:"received_bytes"`
	Pings         uint64    `json:"pings"`
	Unrouted      uint64    `json:"unrouted"`
	Malformed     uint64    `json:"malformed"`
	Updates       uint64    `json:"updates"` // live filter replacements sent
	Reconnects    uint64    `json:"reconnects"`
	LastUpdate    time.Time `json:"last_update,omitzero"` // of the last message of any kind
}

// Placement is where one monitor is served.
type Placement struct {
	Monitor    string   `json:"monitor"`
	Group      Group    `json:"group"`
	State      State    `json:"state"` // Live when all of its streams are and hold its filters, else Waiting
	Reason     string   `json:"reason,omitempty"`
	Connection string   `json:"connection,omitempty"`
	Streams    []string `json:"streams,omitempty"`
}

// Allotment is one group's part of the connections.
type Allotment struct {
	Group       Group `json:"group"`
	Connections int   `json:"connections"` // the share
	Used        int   `json:"used"`
	Monitors    int   `json:"monitors"`
}

// RateLimit is the state of the limit on connects and subscribes.
type RateLimit struct {
	Limit     int           `json:"limit"`
	Window    time.Duration `json:"window_ns"`
	Used      int           `json:"used"` // tokens that count against the window now
	Available int           `json:"available"`
	NextIn    time.Duration `json:"next_in_ns"` // until a token is free, 0 when one is
	Queued    int           `json:"queued"`     // connects and subscribes that wait for a token
}
