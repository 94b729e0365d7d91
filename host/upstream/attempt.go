package upstream

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
	"weir/host/metrics"
)

// replyPing is the id of the requests that answer the server's pings. The ids of our own pings follow it.
const replyPing = 1

// stopGrace is how long a stream may take to say goodbye before it is cancelled.
const stopGrace = time.Second

// attempt is one Subscribe call, from its start to its end. The planner starts its run in a goroutine of the pool's,
// stops it by stop, and learns of its end from the ended event.
type attempt struct {
	sub       *subscription // only handed back in events: its fields are the planner's
	transport *transport
	feed      Feed
	metrics   *metrics.Stream
	stall     time.Duration
	emit      func(event)

	mail     mailbox
	stopping chan struct{} // closed by stop
	last     atomic.Int64  // unix nanoseconds of the last message
	cancel   context.CancelCauseFunc
}

// stop asks the attempt to end. The planner calls it once.
func (a *attempt) stop() {
	close(a.stopping)
	time.AfterFunc(stopGrace, func() { a.cancel(errStopped) })
}

// run subscribes, receives until the stream ends, and reports the end.
func (a *attempt) run(ctx context.Context) {
	stream, err := a.subscribe(ctx)
	if err == nil {
		var sender sync.WaitGroup
		sender.Go(func() { a.send(ctx, stream) })
		err = a.receive(stream)
		a.cancel(nil)
		sender.Wait()
	}
	cause := context.Cause(ctx)
	a.cancel(nil)
	a.emit(event{kind: evEnded, attempt: a, err: err, cause: cause})
}

type updates = grpc.BidiStreamingClient[pb.SubscribeRequest, pb.SubscribeUpdate]

// subscribe opens the call. It may wait for the server's limit of streams per connection, as long as a stall.
func (a *attempt) subscribe(ctx context.Context) (updates, error) {
	a.last.Store(time.Now().UnixNano())
	a.watchStall(ctx)
	options := append(a.transport.calls[:len(a.transport.calls):len(a.transport.calls)],
		grpc.PerRPCCredentials(&callCredentials{token: a.transport.endpoint.Token}))
	return pb.NewGeyserClient(a.transport.conn).Subscribe(ctx, options...)
}

// watchStall cancels the attempt when no message has come for the stall time. Its timer is stopped by the context's end.
func (a *attempt) watchStall(ctx context.Context) {
	var t *time.Timer
	armed := make(chan struct{})
	t = time.AfterFunc(a.stall, func() {
		<-armed
		left := a.stall - time.Since(time.Unix(0, a.last.Load()))
		switch {
		case ctx.Err() != nil:
		case left <= 0:
			a.cancel(errStalled)
		default:
			t.Reset(left)
		}
	})
	close(armed)
	context.AfterFunc(ctx, func() { t.Stop() })
}

// receive is the hot path: one message after the other into one frame, without decoding.
func (a *attempt) receive(stream updates) error {
	var frame geyser.Frame
	var envelope geyser.Envelope
	defer frame.Free()
	for first := true; ; first = false {
		if err := stream.RecvMsg(&frame); err != nil {
			return err
		}
		now := time.Now()
		at := now.UnixNano()
		a.last.Store(at)
		a.metrics.LastUpdate.Store(at)
		if first {
			a.emit(event{kind: evLive, attempt: a})
		}
		a.take(&frame, &envelope, now)
		frame.Free()
	}
}

func (a *attempt) take(f *geyser.Frame, e *geyser.Envelope, now time.Time) {
	if err := f.Scan(e); err != nil {
		a.metrics.Malformed.Inc()
		return
	}
	switch e.Kind {
	case geyser.KindPing:
		a.metrics.Pings.Inc()
		a.mail.reply()
	case geyser.KindPong:
		if id, ok := pongID(f); ok && id > replyPing {
			a.emit(event{kind: evConfirmed, attempt: a, seq: id - replyPing})
		}
	default:
		a.metrics.Received.Inc()
		a.metrics.ReceivedBytes.Add(uint64(f.Size()))
		a.feed.Update(f, e, now)
	}
}

// pongID decodes a pong, of which there is one per request that we send.
func pongID(f *geyser.Frame) (int, bool) {
	var raw []byte
	for _, p := range f.AppendPieces(nil, 0) {
		raw = append(raw, p...)
	}
	var u pb.SubscribeUpdate
	if err := proto.Unmarshal(raw, &u); err != nil {
		return 0, false
	}
	return int(u.GetPong().GetId()), true
}

// send owns the stream's sending side: filter requests, each followed by a ping of its own, and answers to pings. The
// server answers a ping after it has taken the request before it, so that its pong tells that the request is in force. A
// request with `ping` in it is otherwise ignored by the server: pings go alone.
func (a *attempt) send(ctx context.Context, stream updates) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.stopping:
			_ = stream.CloseSend() // always nil; the server keeps a half-closed stream, so it is cancelled as well
			a.cancel(errStopped)
			return
		case <-a.mail.wake():
		}
		if err := a.deliver(stream); err != nil {
			return // the receiving side has the reason
		}
	}
}

func (a *attempt) deliver(stream updates) error {
	m := a.mail.take()
	if m.request != nil {
		if err := stream.Send(m.request); err != nil {
			return err
		}
		a.emit(event{kind: evSent, attempt: a, seq: m.seq})
		if err := ping(stream, replyPing+m.seq); err != nil {
			return err
		}
	}
	if m.reply {
		return ping(stream, replyPing)
	}
	return nil
}

func ping(stream updates, id int) error {
	return stream.Send(&pb.SubscribeRequest{Ping: &pb.SubscribeRequestPing{Id: int32(id)}})
}

// mailbox holds what the sender has to send next: the newest request wins, and several pings are answered once.
type mailbox struct {
	mu   sync.Mutex // guards next
	next letter
	full chan struct{} // one slot
}

type letter struct {
	request *pb.SubscribeRequest
	seq     int // of request, from 1 on within a stream
	reply   bool
}

func newMailbox() mailbox { return mailbox{full: make(chan struct{}, 1)} }

func (m *mailbox) put(r *pb.SubscribeRequest, seq int) {
	m.mu.Lock()
	m.next.request, m.next.seq = r, seq
	m.mu.Unlock()
	m.signal()
}

func (m *mailbox) reply() {
	m.mu.Lock()
	m.next.reply = true
	m.mu.Unlock()
	m.signal()
}

func (m *mailbox) signal() {
	select {
	case m.full <- struct{}{}:
	default:
	}
}

func (m *mailbox) wake() <-chan struct{} { return m.full }

func (m *mailbox) take() letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.next
	m.next = letter{}
	return l
}
