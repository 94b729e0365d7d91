package sim

import "sync/atomic"

// Stats is what a provider would know of its clients. Counters only grow; gauges say so.
type Stats struct {
	Connections     uint64 // connection attempts that reached the listener
	LiveConnections int    // gauge
	Streams         uint64 // Subscribe calls that passed the token and the stream limit
	LiveStreams     int    // gauge

	Subscribes       uint64 // first requests in force on a stream
	FilterUpdates    uint64 // later requests in force
	FilterViolations uint64 // requests refused by the limits or the filters' rules
	AuthFailures     uint64 // calls without a valid token
	StreamsRefused   uint64 // Subscribe calls over StreamLimit

	RateViolations uint64 // connects and subscribes above RateLimit in some RateWindow
	PeakRate       int    // most connects and subscribes in any RateWindow

	Items       uint64 // taken from the feed
	Updates     uint64 // handed to gRPC, pings and pongs included
	Bytes       uint64 // of those, uncompressed
	Pings       uint64 // sent by the server
	ClientPings uint64 // requests that held a ping, each answered with a pong
	Replays     uint64 // from_slot requests served
	ReplayFails uint64 // from_slot requests refused
	Lagged      uint64 // streams cut off for lag
	Cut         uint64 // streams and connections cut by CutStreams and CutConnections
	FeedDone    bool   // the feed has ended
}

// counters is Stats while it is counted.
type counters struct {
	connections, streams                                      atomic.Uint64
	liveStreams                                               atomic.Int64
	subscribes, filterUpdates, filterViolations, authFailures atomic.Uint64
	streamsRefused, items, updates, bytes, pings, clientPings atomic.Uint64
	replays, replayFails, lagged, cut                         atomic.Uint64
	feedDone                                                  atomic.Bool
}

// Stats returns the counts so far.
func (s *Server) Stats() Stats {
	c := &s.count
	st := Stats{
		Connections: c.connections.Load(), Streams: c.streams.Load(), LiveStreams: int(c.liveStreams.Load()),
		Subscribes: c.subscribes.Load(), FilterUpdates: c.filterUpdates.Load(), FilterViolations: c.filterViolations.Load(),
		AuthFailures: c.authFailures.Load(), StreamsRefused: c.streamsRefused.Load(),
		Items: c.items.Load(), Updates: c.updates.Load(), Bytes: c.bytes.Load(), Pings: c.pings.Load(),
		ClientPings: c.clientPings.Load(), Replays: c.replays.Load(), ReplayFails: c.replayFails.Load(),
		Lagged: c.lagged.Load(), Cut: c.cut.Load(), FeedDone: c.feedDone.Load(),
	}
	st.RateViolations, st.PeakRate = s.judge.verdict()
	if ln := s.listener.Load(); ln != nil {
		st.LiveConnections = ln.live()
	}
	return st
}
