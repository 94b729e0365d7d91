package metrics

import "sync/atomic"

// Monitor is what is counted for one monitor. Router and worker write it; it lives as long as the monitor's name is
// known, so that a reload does not reset it.
//
// In = Matched + Unmatched + Dropped + Errors + queued + in flight, at all times.
type Monitor struct {
	In      Counter // updates that the router found for the monitor, dropped ones included
	InBytes Counter // bytes of those, as received

	Matched   Counter // match returned > 0
	Unmatched Counter // match returned 0
	Errors    Counter // match returned < 0, trapped, or ran out of fuel
	Dropped   Counter // thrown away at a full queue, or while the monitor could not run

	Traps         Counter // instances lost to a trap or a bad pointer (in Errors too, unless a tick did it)
	FuelExhausted Counter // instances lost to the fuel limit (in Errors too, unless a tick did it)
	Restarts      Counter // instances made after the first one
	Reloads       Counter // new versions that took over

	Events        Counter // events delivered
	EventsDropped Counter // events over quota
	LogsDropped   Counter // log lines over quota

	Fuel        Counter // fuel used by match, in total
	MatchTime   Histogram
	QueueWait   Histogram // from receive to the start of match
	DeliveryLag Histogram // from the server's created_at to the start of match

	Queued      Gauge // updates waiting in the queue
	QueuedBytes Gauge // bytes that those keep in memory
	InFlight    Gauge // updates inside match: 0 or 1
	GuestMemory Gauge // bytes of the guest's linear memory

	LastUpdate atomic.Int64 // unix nanoseconds of the last update routed here, 0 when none came
}

// Stream is what is counted for one Subscribe stream. Its goroutine writes it.
type Stream struct {
	Received      Counter // updates, pings and pongs left out
	ReceivedBytes Counter
	Pings         Counter
	Unrouted      Counter // updates none of whose names is in the routing table
	Malformed     Counter // frames that are no SubscribeUpdate
	Updates       Counter // live filter replacements sent
	Reconnects    Counter
	LastUpdate    atomic.Int64 // unix nanoseconds of the last message of any kind, 0 when none came
}

// Pool is what is counted for all connections together.
type Pool struct {
	ConnectAttempts Counter
	ConnectErrors   Counter
	Subscribes      Counter
	SubscribeErrors Counter
	FilterUpdates   Counter
	RateWaits       Counter // requests that had to wait for a token
	Reused          Counter // idle connections taken again
	Closed          Counter // idle connections closed for good
	ConnectTime     Histogram
	RateWait        Histogram
	Placement       Histogram // from a wanted change to the subscription that carries it being sent
}
