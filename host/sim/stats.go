package sim

// Stats is what a provider would know of its clients. Counters only grow; gauges say so.
type Stats struct {
	Connections     uint64 // connection attempts that reached the listener
	LiveConnections int64  // gauge
	Streams         uint64 // Subscribe calls that passed the token and the stream limit
	LiveStreams     int64  // gauge

	Subscribes       uint64 // first requests accepted on a stream
	FilterUpdates    uint64 // later requests accepted
	FilterViolations uint64 // requests refused by the limits or the filters' rules
	AuthFailures     uint64 // calls without a valid token
	StreamsRefused   uint64 // Subscribe calls over StreamLimit

	RateViolations uint64 // connects and subscribes above RateLimit in some RateWindow
	PeakRate       int    // most connects and subscribes in any RateWindow

	Items       uint64 // taken from the feed
	Updates     uint64 // handed to gRPC, pings and pongs left out
	Pings       uint64 // sent by the server
	Pongs       uint64 // sent in answer to a client's ping
	ClientPings uint64 // requests that held a ping
	Replays     uint64 // from_slot requests served
	ReplayFails uint64 // from_slot requests refused
	Lagged      uint64 // streams cut off for lag
	Cut         uint64 // streams and connections cut by the fault hooks
	FeedDone    bool   // the feed has ended, and all of it is in the streams' queues
}
