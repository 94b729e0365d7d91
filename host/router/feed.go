package router

import (
	"sync/atomic"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
	"weir/host/metrics"
)

// Feed routes the updates of one stream. Update belongs to the stream's goroutine; Routes and Close may be called from
// any other.
type Feed struct {
	router *Router
	m      *metrics.Stream
	routes []geyser.Route // guarded by router.mu
	table  atomic.Pointer[table]

	hits  []hit             // scratch of Update
	bytes []byte            // scratch of recheck
	sends []geyser.Delivery // scratch of recheck
}

// hit is what one update means for one monitor.
type hit struct {
	queue   *Queue
	filters uint64
}

// Routes replaces the stream's routing table between two updates.
func (f *Feed) Routes(routes []geyser.Route) {
	f.router.mu.Lock()
	defer f.router.mu.Unlock()
	f.routes = routes
	f.table.Store(newTable(routes, f.router.queues))
}

// Close ends the routing of the stream: updates that come later are counted as unrouted.
func (f *Feed) Close() {
	f.router.mu.Lock()
	defer f.router.mu.Unlock()
	delete(f.router.feeds, f)
	f.table.Store(newTable(nil, nil))
}

// Update queues the scanned frame for each monitor that one of its names leads to, once per monitor. It never blocks and
// keeps references of its own, so the caller frees u as if nobody had wanted it.
func (f *Feed) Update(u *geyser.Frame, e *geyser.Envelope, received time.Time) {
	f.collect(u, e)
	if len(f.hits) == 0 {
		f.m.Unrouted.Inc()
		return
	}
	u.Compact()
	at := received.UnixNano()
	for i := range f.hits {
		h := &f.hits[i]
		h.queue.Push(Update{
			Frame: u.Share(), Payload: e.Payload, Filters: h.filters, Kind: e.Kind, Slot: e.Slot,
			CreatedAt: e.CreatedAt, Received: at,
		})
		h.queue = nil
	}
}

// collect fills f.hits: one entry per monitor, with the bits of all its filters that hit.
func (f *Feed) collect(u *geyser.Frame, e *geyser.Envelope) {
	f.hits = f.hits[:0]
	t := f.table.Load()
	var decoded rechecked
	for _, name := range e.Names() {
		for _, to := range t.byName[string(name)] {
			if to.recheck != nil && !f.recheck(u, to.recheck, &decoded) {
				continue
			}
			f.add(to)
		}
	}
}

func (f *Feed) add(to target) {
	for i := range f.hits {
		if f.hits[i].queue == to.queue {
			f.hits[i].filters |= to.filters
			return
		}
	}
	f.hits = append(f.hits, hit{queue: to.queue, filters: to.filters})
}

// rechecked is an update decoded for the routes that need it, at most once.
type rechecked struct {
	update *pb.SubscribeUpdate
	done   bool
}

// recheck asks the declared filter where the server was given a wider one. Only such routes pay for decoding.
func (f *Feed) recheck(u *geyser.Frame, m *geyser.Matcher, decoded *rechecked) bool {
	if !decoded.done {
		decoded.done = true
		decoded.update = f.decode(u)
	}
	if decoded.update == nil {
		return false
	}
	f.sends = m.Evaluate(decoded.update, f.sends[:0])
	return len(f.sends) > 0
}

func (f *Feed) decode(u *geyser.Frame) *pb.SubscribeUpdate {
	f.bytes = u.AppendTo(f.bytes[:0], 0)
	update := new(pb.SubscribeUpdate)
	if err := proto.Unmarshal(f.bytes, update); err != nil {
		f.m.Malformed.Inc()
		return nil
	}
	return update
}
