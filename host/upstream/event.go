package upstream

import "time"

// eventKind says what happened.
type eventKind uint8

const (
	evDialed    eventKind = iota // link, transport or err, took
	evLost                       // link, transport: it takes no new streams
	evLive                       // attempt: the first message came
	evSent                       // attempt, seq: the request was given to gRPC
	evConfirmed                  // attempt, seq: the server has taken the request
	evEnded                      // attempt, err, cause
)

// event is what the pool's goroutines tell the planner.
type event struct {
	kind      eventKind
	link      *link
	transport *transport
	attempt   *attempt
	seq       int
	took      time.Duration
	err       error
	cause     error
}

// eventQueue bounds the events on their way; senders wait for the planner, which never waits for them.
const eventQueue = 64
