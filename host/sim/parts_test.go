package sim

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

func TestJudge(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	for _, c := range []struct {
		name       string
		times      []float64
		violations uint64
		peak       int
	}{
		{"within", []float64{0, 1, 2, 60, 61, 62}, 0, 3},
		{"one too many", []float64{0, 1, 2, 3}, 1, 4},
		{"across what a fixed window would miss", []float64{58, 59, 59.5, 61}, 1, 4},
		{"just outside the window", []float64{0, 59, 59, 60}, 0, 3},
		{"just inside", []float64{0, 59, 59, 59.999}, 1, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := judge{limit: 3, window: time.Minute}
			for _, s := range c.times {
				j.observe(at(s))
			}
			if v, p := j.verdict(); v != c.violations || p != c.peak {
				t.Errorf("%d violations and peak %d, want %d and %d", v, p, c.violations, c.peak)
			}
		})
	}
}

func TestQueue(t *testing.T) {
	q := newQueue(3)
	item := outgoing{body: mem.SliceBuffer("x")}
	if n := q.push(item, item, item, item); n != 3 {
		t.Fatalf("%d taken in, want 3", n)
	}
	batch, done, _ := q.take()
	if len(batch) != 3 || done {
		t.Fatalf("took %d, done %v", len(batch), done)
	}
	if q.push(item) != 0 {
		t.Error("a batch that is not sent yet takes no room")
	}
	q.sent(1)
	if q.push(item, item, item) != 2 {
		t.Error("what was sent leaves no room")
	}
	end := errors.New("end")
	q.finish(end)
	q.finish(errors.New("later"))
	if batch, done, _ := q.take(); len(batch) != 2 || done {
		t.Errorf("took %d, done %v: the end overtook what was before it", len(batch), done)
	}
	if _, done, err := q.take(); !done || err != end {
		t.Errorf("done %v with %v, want the first end", done, err)
	}
}

func TestRingTellsLag(t *testing.T) {
	r := newRing(4)
	at := r.head.Load()
	dst := make([]*message, 8)
	for range r.capacity() {
		r.publish(&message{})
	}
	if n, ok := r.read(at, dst); n != 3 || !ok {
		t.Errorf("read %d, %v; want 3 messages in time", n, ok)
	}
	r.publish(&message{})
	if _, ok := r.read(at, dst); ok {
		t.Error("an overrun reader was not told")
	}
	if r.wait(at) != nil {
		t.Error("waits for what is there")
	}
	more := r.wait(r.head.Load())
	r.publish(&message{})
	select {
	case <-more:
	default:
		t.Error("a waiting reader was not woken")
	}
}

func TestZstdCompressor(t *testing.T) {
	c := encoding.GetCompressor("zstd")
	text := bytes.Repeat([]byte("update "), 10_000)
	for range 3 { // the second round reuses the coders
		var b bytes.Buffer
		w, err := c.Compress(&b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if b.Len() > len(text)/10 {
			t.Errorf("%d bytes became %d", len(text), b.Len())
		}
		r, err := c.Decompress(&b)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("read %d bytes back, %v", len(got), err)
		}
	}
}

func TestMessageWire(t *testing.T) {
	created := time.Unix(1_700_000_000, 123_456_789)
	for _, u := range []*pb.SubscribeUpdate{txUpdate(5, 1), accountUpdate(5, "a", 7), slotUpdate(9, 2), metaUpdate(4, 1, 1)} {
		u.Filters = []string{"the feed's own", "are left out"}
		body, err := newMessage(u, nil, created).body()
		if err != nil {
			t.Fatal(err)
		}
		wire := append(appendFilters(nil, []string{"a", "b"}), body.ReadOnlyData()...)
		got := new(pb.SubscribeUpdate)
		if err := proto.Unmarshal(wire, got); err != nil {
			t.Fatal(err)
		}
		if got.CreatedAt.AsTime() != created.UTC() || len(got.Filters) != 2 {
			t.Errorf("created at %v, filters %v", got.CreatedAt.AsTime(), got.Filters)
		}
		got.Filters, got.CreatedAt = u.Filters, nil
		if !proto.Equal(got, u) {
			t.Errorf("got %v, want %v", got, u)
		}
	}
}

func TestSettings(t *testing.T) {
	for _, bad := range []Settings{{WaitForSubscribers: -1}, {Rate: -1}, {QueueMessages: -1}, {RingMessages: -1}, {MaxRequest: -1}, {RateWindow: -1}} {
		if _, err := New(bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
	s, err := New(Settings{ReplaySlots: -1, PingInterval: -1, RateLimit: -1})
	if err != nil {
		t.Fatal(err)
	}
	if s.set.ReplaySlots != 0 || s.set.PingInterval != 0 || s.set.RateLimit != 0 || s.set.QueueMessages != DefaultQueueMessages {
		t.Errorf("settings became %+v", s.set)
	}
}

// consumeField returns the number of the field at the start of b, and the length of all of it.
func consumeField(b []byte) (int, int) {
	num, typ, n := protowire.ConsumeTag(b)
	if n < 0 {
		return 0, n
	}
	m := protowire.ConsumeFieldValue(num, typ, b[n:])
	return int(num), n + m
}
