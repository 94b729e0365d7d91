package upstream

import (
	"time"

	"weir/host/geyser"
	"weir/host/metrics"
)

// Want is one monitor's subscription.
type Want struct {
	geyser.Want
	Group     Group
	Dedicated bool // a stream of its own, on a connection of the reserve
}

// Router is where the updates of the streams go.
type Router interface {
	// Open starts the routing of one stream, whose updates are counted into m.
	Open(stream string, m *metrics.Stream) Feed
}

// Feed takes the updates of one stream. It outlives reconnects of that stream.
type Feed interface {
	// Routes replaces the stream's routing table between two updates. It is called before the request that needs the
	// routes is sent, from another goroutine than Update. The slice is not changed afterwards.
	Routes([]geyser.Route)
	// Update routes one scanned frame. It is called on the stream's goroutine, must not block, and must Share f to keep it.
	Update(f *geyser.Frame, e *geyser.Envelope, received time.Time)
	// Close ends the routing. No Update comes after it.
	Close()
}
