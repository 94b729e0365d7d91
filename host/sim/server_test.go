package sim

import (
	"context"
	"errors"
	"strings"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
)

func TestServeTwice(t *testing.T) {
	w := newWorld(t, Settings{})
	if err := w.stop(); err != nil {
		t.Error(err)
	}
	if err := w.server.Serve(t.Context(), bufconn.Listen(1)); !errors.Is(err, ErrServed) {
		t.Errorf("error %v, want ErrServed", err)
	}
}

func TestSubscribe(t *testing.T) {
	w := newWorld(t, Settings{})
	c := w.subscribe(everything())
	w.feed.say(wholeSlot(5)...)
	w.feed.say(statusUpdate(5, pb.SlotStatus_SLOT_PROCESSED))
	expect(t, "updates", c.next(6), "a: acc 5/a/50", "t: tx 5/0", "t: tx 5/1", "e: entry 5/0", "m: meta 5", "s: processed 5")
}

func TestSubscribeNamesAndOrderOnTheWire(t *testing.T) {
	w := newWorld(t, Settings{PingInterval: -1})
	stream, err := w.client.Subscribe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := caller{t, w.applied, stream}
	c.ask(transactions("zz", "aa"))
	c.settle()
	w.feed.say(txUpdate(5, 1))
	var raw rawUpdate
	if err := stream.RecvMsg(&raw); err != nil {
		t.Fatal(err)
	}
	var fields []int
	for b := raw.wire; len(b) > 0; {
		num, n := consumeField(b)
		if n < 0 {
			t.Fatal("malformed update")
		}
		fields = append(fields, num)
		b = b[n:]
	}
	if len(fields) != 4 || fields[0] != 1 || fields[1] != 1 || fields[2] != 4 || fields[3] != 11 {
		t.Errorf("fields are %v, want 1 1 4 11", fields)
	}
	u := new(pb.SubscribeUpdate)
	if err := proto.Unmarshal(raw.wire, u); err != nil {
		t.Fatal(err)
	}
	expect(t, "filters", u.Filters, "aa", "zz")
	u.Filters, u.CreatedAt = nil, nil
	if !proto.Equal(u, txUpdate(5, 1)) {
		t.Errorf("update is %v", u)
	}
}

func TestFirstMessageIsAPing(t *testing.T) {
	w := newWorld(t, Settings{})
	u, err := w.open().Recv()
	if err != nil {
		t.Fatal(err)
	}
	if u.GetPing() == nil || len(u.Filters) > 0 || u.CreatedAt == nil {
		t.Errorf("first message is %v, want a ping without filters", u)
	}
}

func TestPingRequest(t *testing.T) {
	w := newWorld(t, Settings{})
	c := w.subscribe(transactions("t"))
	ignored := &pb.SubscribeRequest{Ping: &pb.SubscribeRequestPing{Id: 42}, FromSlot: ptr(uint64(1))}
	c.ask(ignored)
	w.feed.say(txUpdate(5, 0))
	got := c.next(2) // in either order: the pong does not wait for the feed
	if got[0] != "pong 42" && got[1] != "pong 42" {
		t.Errorf("got %q, want a pong", got)
	}
	w.feed.say(txUpdate(5, 1))
	expect(t, "after a ping with an empty request", c.next(1), "t: tx 5/1")
	if st := w.server.Stats(); st.ClientPings != 1 || st.FilterUpdates != 0 || st.Subscribes != 1 {
		t.Errorf("stats %+v", st)
	}
}

func TestHalfCloseKeepsTheStream(t *testing.T) {
	w := newWorld(t, Settings{})
	c := w.subscribe(transactions("t"))
	if err := c.CloseSend(); err != nil {
		t.Fatal(err)
	}
	w.feed.say(txUpdate(5, 0), txUpdate(5, 1))
	expect(t, "updates", c.next(2), "t: tx 5/0", "t: tx 5/1")
}

func TestFilterReplacement(t *testing.T) {
	w := newWorld(t, Settings{})
	c := w.subscribe(transactions("old"))
	w.feed.say(txUpdate(5, 0))
	expect(t, "before", c.next(1), "old: tx 5/0")
	c.ask(&pb.SubscribeRequest{Slots: map[string]*pb.SubscribeRequestFilterSlots{"new": {}}})
	c.settle()
	w.feed.say(txUpdate(5, 1), metaUpdate(5, 0, 0), statusUpdate(5, pb.SlotStatus_SLOT_PROCESSED))
	expect(t, "after", c.next(1), "new: processed 5")
	if st := w.server.Stats(); st.Subscribes != 1 || st.FilterUpdates != 1 {
		t.Errorf("stats %+v", st)
	}
}

func TestOnlyTheNewestRequestIsKept(t *testing.T) {
	b := newMailbox()
	first, second := &subscription{}, &subscription{}
	b.put(first)
	b.put(second)
	if b.take() != second || b.take() != nil {
		t.Error("the mailbox kept an older request")
	}
}

func TestCommitmentChange(t *testing.T) {
	w := newWorld(t, Settings{})
	c := w.subscribe(transactions("t"))
	w.feed.say(wholeSlot(5)...)
	expect(t, "at processed", c.next(2), "t: tx 5/0", "t: tx 5/1")
	req := transactions("t")
	req.Commitment = ptr(confirmed)
	c.ask(req)
	c.settle()
	w.feed.say(txUpdate(6, 0), statusUpdate(5, pb.SlotStatus_SLOT_CONFIRMED))
	expect(t, "at confirmed", c.next(2), "t: tx 5/0", "t: tx 5/1")
}

func TestRefusedRequestEndsTheStream(t *testing.T) {
	w := newWorld(t, Settings{})
	c := w.subscribe(transactions("t"))
	bad := transactions("t")
	bad.Transactions["t"].AccountInclude = []string{"no pubkey"}
	c.ask(bad)
	for {
		if _, err := c.Recv(); err != nil {
			s := status.Convert(err)
			if s.Code() != codes.InvalidArgument || !strings.HasPrefix(s.Message(), "failed to create filter: ") {
				t.Errorf("stream ended with %v", err)
			}
			break
		}
	}
	if st := w.server.Stats(); st.FilterViolations != 1 {
		t.Errorf("%d filter violations, want 1", st.FilterViolations)
	}
}

func TestBlocksComeOncePerName(t *testing.T) {
	w := newWorld(t, Settings{})
	req := &pb.SubscribeRequest{Blocks: map[string]*pb.SubscribeRequestFilterBlocks{
		"full": {IncludeAccounts: ptr(true), IncludeEntries: ptr(true)},
		"thin": {IncludeTransactions: ptr(false)},
	}}
	c := w.subscribe(req)
	w.feed.say(wholeSlot(5)...)
	w.feed.say(statusUpdate(5, pb.SlotStatus_SLOT_PROCESSED))
	expect(t, "blocks", c.next(2), "full: block 5:2,1,1", "thin: block 5:0,0,0")
}

func TestReplaySeam(t *testing.T) {
	w := newWorld(t, Settings{})
	first := w.subscribe(everything())
	w.feed.say(wholeSlot(5)...)
	w.feed.say(statusUpdate(5, pb.SlotStatus_SLOT_CREATED_BANK), statusUpdate(5, pb.SlotStatus_SLOT_PROCESSED))
	w.feed.say(txUpdate(6, 0), txUpdate(6, 1)) // slot 6 is open
	first.next(9)
	req := everything()
	req.FromSlot = ptr(uint64(5))
	c := w.open()
	c.ask(req)
	expect(t, "replay", c.next(6), "a: acc 5/a/50", "t: tx 5/0", "t: tx 5/1", "e: entry 5/0", "m: meta 5", "s: processed 5")
	w.feed.say(txUpdate(6, 2))
	expect(t, "live: the open slot's earlier part is in neither", c.next(1), "t: tx 6/2")
	c.ask(req)
	expect(t, "from_slot in an update replays again", c.next(6),
		"a: acc 5/a/50", "t: tx 5/0", "t: tx 5/1", "e: entry 5/0", "m: meta 5", "s: processed 5")
	if st := w.server.Stats(); st.Replays != 2 {
		t.Errorf("%d replays, want 2", st.Replays)
	}
}

// TestReplayDuplicatesAtTheSeam joins the ring while a slot is open and replays it after it froze: what came in between
// is sent twice.
func TestReplayDuplicatesAtTheSeam(t *testing.T) {
	s, err := New(Settings{})
	if err != nil {
		t.Fatal(err)
	}
	say := func(u *pb.SubscribeUpdate) { s.take(t.Context(), Item{Update: u}) }
	say(txUpdate(5, 0))
	sub := newSubscriber(s)
	say(txUpdate(5, 1))
	say(metaUpdate(5, 2, 0))
	req := transactions("t")
	req.FromSlot = ptr(uint64(5))
	if !sub.accept(req) {
		t.Fatal("request refused")
	}
	if err := sub.apply(sub.inbox.take()); err != nil {
		t.Fatal(err)
	}
	n, ok := sub.ring.read(sub.cursor.Load(), sub.chunk[:])
	if !ok || !sub.evaluate(sub.chunk[:n]) || !sub.flush(false) {
		t.Fatal("stream cut off")
	}
	batch, _, _ := sub.queue.take()
	var got []string
	for _, m := range batch {
		u := new(pb.SubscribeUpdate)
		if err := proto.Unmarshal(append(m.names.ReadOnlyData(), m.body.ReadOnlyData()...), u); err != nil {
			t.Fatal(err)
		}
		got = append(got, name(u))
	}
	expect(t, "updates", got, "tx 5/0", "tx 5/1", "tx 5/1")
}

func TestReplayErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		set  Settings
		from uint64
		code codes.Code
		text string
	}{
		{"off", Settings{ReplaySlots: -1}, 5, codes.Internal, "from_slot is not supported"},
		{"too old", Settings{}, 4, codes.OutOfRange, "broadcast from 4 is not available, last available: 5"},
		{"ahead", Settings{}, 9, codes.Internal, "failed to get replay response"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.set)
			w.feed.say(metaUpdate(5, 0, 0), txUpdate(6, 0), txUpdate(6, 1))
			stream := w.open()
			req := transactions("t")
			req.FromSlot = ptr(c.from)
			stream.ask(req)
			stream.fails(c.code, c.text)
			if st := w.server.Stats(); st.ReplayFails != 1 {
				t.Errorf("%d failed replays, want 1", st.ReplayFails)
			}
		})
	}
}

func TestStopIsUnavailable(t *testing.T) {
	w := newWorld(t, Settings{})
	c := w.subscribe(transactions("t"))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.fails(codes.Unavailable, "server is shutting down try again later")
	}()
	if err := w.stop(); err != nil {
		t.Error(err)
	}
	<-ended
}

func TestToken(t *testing.T) {
	w := newWorld(t, Settings{XToken: "secret"})
	for _, c := range []struct {
		name  string
		token []string
		ok    bool
	}{
		{"none", nil, false},
		{"wrong", []string{"x-token", "guess"}, false},
		{"empty", []string{"x-token", ""}, false},
		{"right", []string{"x-token", "secret"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := metadata.AppendToOutgoingContext(t.Context(), c.token...)
			_, unary := w.client.GetVersion(ctx, &pb.GetVersionRequest{})
			stream, err := w.client.Subscribe(ctx)
			if err != nil {
				t.Fatal(err)
			}
			_, streamed := stream.Recv()
			for _, err := range []error{unary, streamed} {
				if s := status.Convert(err); (err == nil) != c.ok || !c.ok && (s.Code() != codes.Unauthenticated || s.Message() != "No valid auth token") {
					t.Errorf("call gave %v, want success %v", err, c.ok)
				}
			}
		})
	}
	if st := w.server.Stats(); st.AuthFailures != 6 || st.Streams != 1 {
		t.Errorf("stats %+v", st)
	}
}

func TestStreamLimit(t *testing.T) {
	w := newWorld(t, Settings{StreamLimit: 2})
	as := func(id string) context.Context {
		return metadata.AppendToOutgoingContext(t.Context(), "x-subscription-id", id)
	}
	ctx, cancel := context.WithCancel(as("one"))
	first, second := w.openWith(ctx), w.openWith(as("one"))
	first.pinged()
	second.pinged()
	w.openWith(as("one")).fails(codes.ResourceExhausted, "max subscription limit exceeded")
	w.openWith(as("two")).pinged()
	cancel()
	first.fails(codes.Canceled, "context canceled")
	if st := w.server.Stats(); st.StreamsRefused != 1 {
		t.Errorf("%d streams refused, want 1", st.StreamsRefused)
	}
}

func TestRequestSize(t *testing.T) {
	w := newWorld(t, Settings{MaxRequest: 1000})
	c := w.open()
	c.ask(transactions(strings.Repeat("n", 2000)))
	_, err := drain(c)
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("stream ended with %v, want ResourceExhausted", err)
	}
}

func drain(c caller) (n int, err error) {
	for ; err == nil; n++ {
		_, err = c.Recv()
	}
	return n - 1, err
}

func TestFeedErrorEndsServe(t *testing.T) {
	torn := errors.New("torn")
	w := newWorld(t, Settings{Feed: failing{torn}, Hold: true})
	c := w.subscribe(transactions("t"))
	w.server.Start()
	c.fails(codes.Unavailable, "server is shutting down try again later")
	if err := w.stop(); !errors.Is(err, torn) {
		t.Errorf("Serve returned %v, want the feed's error", err)
	}
	w.stop = func() error { return nil }
}

type failing struct{ err error }

func (f failing) Next(context.Context) (Item, error) { return Item{}, f.err }
