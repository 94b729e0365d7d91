package sim

import (
	"context"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Why a stream ends before its client wants it to.
var (
	errStopping = status.Error(codes.Unavailable, "server is shutting down try again later")
	errCut      = status.Error(codes.Unavailable, "stream cut")
)

// Subscribe implements the service. The three goroutines that receive, evaluate and send end once the handler has
// returned, which ends the stream's context; Serve waits for them. The handler itself only waits, so that it can end a
// stream whose client does not read.
func (s *Server) Subscribe(stream grpc.BidiStreamingServer[pb.SubscribeRequest, pb.SubscribeUpdate]) error {
	ctx := stream.Context()
	id := subscriberID(ctx)
	if !s.tally.enter(id) {
		s.count.streamsRefused.Add(1)
		return errStreams
	}
	defer s.tally.leave(id)
	s.judge.observe(time.Now())
	s.count.streams.Add(1)
	s.count.liveStreams.Add(1)
	defer s.count.liveStreams.Add(-1)
	cut := s.cut.current()
	sub := newSubscriber(s)
	if !s.enter(sub) {
		return errStopping
	}
	s.streams.Go(sub.run)
	s.streams.Go(func() { sub.receive(stream.Recv) })
	sent := make(chan error, 1)
	s.streams.Go(func() {
		out := &sender{server: s, stream: stream, queue: sub.queue}
		sent <- out.run(ctx)
	})
	defer sub.finish()
	select {
	case err := <-sent:
		return err
	case <-cut:
		return errCut
	case <-s.stopping:
		return errStopping
	}
}

// sender writes one stream. Its goroutine alone uses it; the stream's context ends it, sending included.
type sender struct {
	server *Server
	stream grpc.ServerStream
	queue  *queue
}

// run sends what the queue holds, and pings, until the stream ends; it returns the stream's status.
func (o *sender) run(ctx context.Context) error {
	if err := o.stream.SendHeader(nil); err != nil {
		return err
	}
	var tick <-chan time.Time
	if interval := o.server.set.PingInterval; interval > 0 {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		tick = ticker.C
		if err := o.ping(ctx); err != nil {
			return err
		}
	}
	for {
		batch, done, end := o.queue.take()
		if done {
			return end
		}
		if len(batch) > 0 {
			if err := o.sendAll(ctx, batch, tick); err != nil {
				return err
			}
			continue
		}
		select {
		case <-o.queue.ready:
		case <-tick:
			if err := o.ping(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return status.FromContextError(ctx.Err()).Err()
		}
	}
}

// sendChunk is how many messages go out between two looks at the clock and the stop signals.
const sendChunk = 64

func (o *sender) sendAll(ctx context.Context, batch []outgoing, tick <-chan time.Time) error {
	defer clear(batch)
	for len(batch) > 0 {
		chunk := batch[:min(len(batch), sendChunk)]
		size := 0
		for i := range chunk {
			if err := o.send(ctx, &chunk[i]); err != nil {
				return err
			}
			size += chunk[i].size()
			o.queue.sent(len(batch) - i - 1)
		}
		batch = batch[len(chunk):]
		o.server.count.updates.Add(uint64(len(chunk)))
		o.server.count.bytes.Add(uint64(size))
		select {
		case <-tick:
			if err := o.ping(ctx); err != nil {
				return err
			}
		default:
		}
	}
	return nil
}

// send hands one message to gRPC. It waits while the server is stalled.
func (o *sender) send(ctx context.Context, m *outgoing) error {
	if gate := o.server.stall.Load(); gate != nil {
		select {
		case <-*gate:
		case <-ctx.Done():
			return status.FromContextError(ctx.Err()).Err()
		}
	}
	return o.stream.SendMsg(m)
}

func (o *sender) ping(ctx context.Context) error {
	m := pingMessage()
	if err := o.send(ctx, &m); err != nil {
		return err
	}
	o.server.count.pings.Add(1)
	o.server.count.updates.Add(1)
	o.server.count.bytes.Add(uint64(m.size()))
	return nil
}

// pingMessage makes the server's ping. Like the real one it has no filter names.
func pingMessage() outgoing {
	return streamMessage(&pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Ping{Ping: &pb.SubscribeUpdatePing{}}})
}

func pongMessage(id int32) outgoing {
	return streamMessage(&pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Pong{Pong: &pb.SubscribeUpdatePong{Id: id}}})
}

// streamMessage encodes what belongs to one stream.
func streamMessage(u *pb.SubscribeUpdate) outgoing {
	b, _ := proto.Marshal(u) // a ping and a pong hold nothing that could fail
	return outgoing{body: mem.SliceBuffer(appendCreatedAt(b, time.Now()))}
}
