package sim

import (
	"strings"
	"sync"
	"sync/atomic"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"weir/host/geyser"
)

// The real server's reasons to cut a client off (grpc.rs, client_loop).
var (
	errLagSend = status.Error(codes.Internal, "lagged to send an update")
	errLagRing = status.Error(codes.Internal, "lagged to receive geyser messages")
)

// ringChunk is how many messages a stream takes from the ring at a time.
const ringChunk = 256

// subscriber is one Subscribe stream's way from the ring to its queue. Its run method owns all fields but those that
// say otherwise.
type subscriber struct {
	server *Server
	queue  *queue
	inbox  *mailbox
	done   chan struct{} // closed when the stream's handler has returned
	finish func()        // closes done, once

	mu      sync.Mutex // guards ring and request for others; run is their only writer
	ring    *ring      // of the subscription's commitment
	request *pb.SubscribeRequest

	cursor  atomic.Uint64 // number of the next message to take; run is its only writer
	matcher *geyser.Matcher

	chunk  [ringChunk]*message
	hits   []geyser.Delivery
	out    []outgoing
	prefix map[string]mem.Buffer // encoded names, by the names
	key    []byte
}

func newSubscriber(s *Server) *subscriber {
	done := make(chan struct{})
	sub := &subscriber{server: s, queue: newQueue(s.set.QueueMessages), inbox: newMailbox(), done: done,
		finish: sync.OnceFunc(func() { close(done) }), prefix: map[string]mem.Buffer{}}
	sub.join(pb.CommitmentLevel_PROCESSED)
	return sub
}

// join follows the ring of level from now on.
func (sub *subscriber) join(level pb.CommitmentLevel) {
	sub.mu.Lock()
	sub.ring = sub.server.rings[level]
	sub.cursor.Store(sub.ring.head.Load())
	sub.mu.Unlock()
}

// behind returns how far the subscriber is behind r, 0 when it follows another ring.
func (sub *subscriber) behind(r *ring) uint64 {
	sub.mu.Lock()
	defer sub.mu.Unlock()
	if sub.ring != r {
		return 0
	}
	return r.head.Load() - sub.cursor.Load()
}

// run evaluates the ring's messages until the stream is done, or has to be cut off.
func (sub *subscriber) run() {
	defer sub.server.leave(sub)
	for {
		n, ok := sub.ring.read(sub.cursor.Load(), sub.chunk[:])
		if s := sub.inbox.take(); s != nil { // looked at last: no message may overtake the request that came before it
			if err := sub.apply(s); err != nil {
				sub.queue.finish(err)
				return
			}
			continue
		}
		select {
		case <-sub.done:
			return
		default:
		}
		if !ok {
			sub.lag(errLagRing)
			return
		}
		if n == 0 {
			sub.wait()
			continue
		}
		if !sub.evaluate(sub.chunk[:n]) || !sub.flush(sub.server.set.Lossless) {
			return
		}
		sub.cursor.Add(uint64(n))
		sub.server.advanced()
	}
}

// wait returns when there is something to do.
func (sub *subscriber) wait() {
	more := sub.ring.wait(sub.cursor.Load())
	if more == nil {
		return
	}
	select {
	case <-more:
	case <-sub.inbox.ready:
	case <-sub.done:
	}
}

// apply puts a request in force: its filters replace the former ones, its commitment decides which ring is followed, and
// its from_slot is replayed. The ring is joined before the replay, so what comes meanwhile is sent twice rather than not
// at all.
func (sub *subscriber) apply(s *subscription) error {
	level := s.matcher.Commitment()
	if sub.ring != sub.server.rings[level] {
		sub.join(level)
	}
	sub.matcher = s.matcher
	sub.mu.Lock()
	first := sub.request == nil
	sub.request = s.request
	sub.mu.Unlock()
	count := &sub.server.count
	if first {
		count.subscribes.Add(1)
	} else {
		count.filterUpdates.Add(1)
	}
	sub.server.changed()
	sub.server.set.Logger.Debug("filter updated", "commitment", level)
	if s.request.FromSlot == nil {
		return nil
	}
	return sub.replay(s.request.GetFromSlot(), level)
}

// replay sends what is frozen from a slot on. Unlike live updates it waits for a client that is slow.
func (sub *subscriber) replay(from uint64, level pb.CommitmentLevel) error {
	missed, err := sub.server.chain.replay(from, level)
	if err != nil {
		sub.server.count.replayFails.Add(1)
		return err
	}
	sub.server.count.replays.Add(1)
	for len(missed) > 0 {
		n := min(len(missed), ringChunk)
		if !sub.evaluate(missed[:n]) || !sub.flush(true) {
			return nil
		}
		missed = missed[n:]
	}
	return nil
}

// evaluate puts into out what the server sends for messages. It reports whether the stream goes on.
func (sub *subscriber) evaluate(messages []*message) bool {
	clear(sub.out)
	sub.out = sub.out[:0]
	if sub.matcher == nil {
		return true
	}
	for _, m := range messages {
		sub.hits = sub.matcher.EvaluatePrepared(m.keyed(), sub.hits[:0])
		for i := range sub.hits {
			body, err := sub.encode(m, sub.hits[i].Update)
			if err != nil {
				sub.queue.finish(status.Error(codes.Internal, err.Error()))
				return false
			}
			sub.out = append(sub.out, outgoing{names: sub.names(sub.hits[i].Names), body: body})
		}
	}
	clear(sub.hits)
	return true
}

func (sub *subscriber) encode(m *message, u *pb.SubscribeUpdate) (mem.Buffer, error) {
	if u == m.update {
		return m.body()
	}
	return encodeBody(u, m.created)
}

// names returns the encoded filters field, made once per set of names.
func (sub *subscriber) names(names []string) mem.Buffer {
	sub.key = append(sub.key[:0], names[0]...)
	for _, n := range names[1:] {
		sub.key = append(append(sub.key, 0), n...)
	}
	if b, ok := sub.prefix[string(sub.key)]; ok {
		return b
	}
	if len(sub.prefix) >= 1024 { // replaced filters leave theirs behind
		clear(sub.prefix)
	}
	b := mem.SliceBuffer(appendFilters(nil, names))
	sub.prefix[strings.Clone(string(sub.key))] = b
	return b
}

// flush moves out to the queue. A full queue cuts the stream off, unless flush may wait. It reports whether the stream
// goes on.
func (sub *subscriber) flush(mayWait bool) bool {
	rest := sub.out
	for {
		rest = rest[sub.queue.push(rest...):]
		if len(rest) == 0 {
			return true
		}
		if !mayWait {
			sub.lag(errLagSend)
			return false
		}
		select {
		case <-sub.queue.space:
		case <-sub.done:
			return false
		}
	}
}

func (sub *subscriber) lag(err error) {
	sub.server.count.lagged.Add(1)
	sub.server.set.Logger.Warn("stream cut off", "reason", status.Convert(err).Message())
	sub.queue.finish(err)
}

// receive reads the client's requests until the stream ends. A half-closed stream goes on.
func (sub *subscriber) receive(recv func() (*pb.SubscribeRequest, error)) {
	for {
		req, err := recv()
		if err != nil {
			if code := status.Code(err); code == codes.ResourceExhausted {
				sub.queue.finish(err) // a request over MaxRequest
			}
			return
		}
		if !sub.accept(req) {
			return
		}
	}
}

// accept checks one request. A request with a ping is answered, the rest of it is only checked.
func (sub *subscriber) accept(req *pb.SubscribeRequest) bool {
	matcher, err := geyser.Compile(req, sub.server.set.Limits)
	if err != nil {
		sub.server.count.filterViolations.Add(1)
		sub.queue.finish(status.Error(codes.InvalidArgument, err.Error()))
		return false
	}
	if req.GetPing() == nil {
		sub.inbox.put(&subscription{request: req, matcher: matcher})
		return true
	}
	sub.server.count.clientPings.Add(1)
	pong := pongMessage(req.GetPing().GetId())
	for sub.queue.push(pong) == 0 {
		select {
		case <-sub.queue.space:
		case <-sub.done:
			return false
		}
	}
	return true
}
