package router

import (
	"encoding/binary"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/mem"

	"weir/host/geyser"
	"weir/host/metrics"
)

// countedPool is a buffer pool that knows how many of its buffers are out.
type countedPool struct{ out atomic.Int64 }

func (p *countedPool) Get(n int) *[]byte { b := make([]byte, n); p.out.Add(1); return &b }
func (p *countedPool) Put(*[]byte)       { p.out.Add(-1) }

// frame makes a frame as gRPC hands it over: a reference-counted buffer, large enough that grpc-go pools it.
func (p *countedPool) frame(t testing.TB, id uint64) geyser.Frame {
	t.Helper()
	b := p.Get(4096)
	binary.LittleEndian.PutUint64(*b, id)
	data := mem.BufferSlice{mem.NewBuffer(b, p)}
	defer data.Free()
	var f geyser.Frame
	if err := (geyser.Codec{}).Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func idOf(u *Update) uint64 {
	return binary.LittleEndian.Uint64(u.Frame.AppendPieces(nil, 0)[0])
}

func newQueue(t testing.TB, b Bounds) (*Queue, *metrics.Monitor) {
	t.Helper()
	m := new(metrics.Monitor)
	q, err := NewQueue(b, m)
	if err != nil {
		t.Fatal(err)
	}
	return q, m
}

func TestFullQueueFollowsItsPolicyAndFreesWhatItDrops(t *testing.T) {
	probe := (&countedPool{}).frame(t, 0)
	two := 2 * int64(probe.Retained())
	for _, c := range []struct {
		name   string
		bounds Bounds
		kept   []uint64
	}{
		{"oldest by items", Bounds{Items: 3, Bytes: 1 << 20, Policy: DropOldest}, []uint64{3, 4, 5}},
		{"newest by items", Bounds{Items: 3, Bytes: 1 << 20, Policy: DropNewest}, []uint64{1, 2, 3}},
		{"oldest by bytes", Bounds{Items: 100, Bytes: two, Policy: DropOldest}, []uint64{4, 5}},
		{"newest by bytes", Bounds{Items: 100, Bytes: two, Policy: DropNewest}, []uint64{1, 2}},
		{"one fits whatever its size", Bounds{Items: 100, Bytes: 1, Policy: DropOldest}, []uint64{5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var pool countedPool
			q, m := newQueue(t, c.bounds)
			for id := range uint64(5) {
				q.Push(Update{Frame: pool.frame(t, id+1)})
			}
			if got := m.Dropped.Load(); got != uint64(5-len(c.kept)) {
				t.Errorf("dropped %d, want %d", got, 5-len(c.kept))
			}
			if got := m.QueuedBytes.Load(); got < int64(len(c.kept))*4096 {
				t.Errorf("%d bytes are said to be kept by %d updates", got, len(c.kept))
			}
			var u Update
			for _, want := range c.kept {
				if !q.Pop(&u) {
					t.Fatalf("nothing to pop, want %d", want)
				}
				if id := idOf(&u); id != want {
					t.Errorf("popped %d, want %d", id, want)
				}
				u.Frame.Free()
				q.Done()
			}
			if q.Pop(&u) {
				t.Error("there is one too many")
			}
			if n := pool.out.Load(); n != 0 {
				t.Errorf("%d buffers were never given back", n)
			}
			if m.Queued.Load() != 0 || m.QueuedBytes.Load() != 0 || m.InFlight.Load() != 0 {
				t.Errorf("an empty queue counts %d updates, %d bytes, %d in flight", m.Queued.Load(), m.QueuedBytes.Load(), m.InFlight.Load())
			}
		})
	}
}

func TestClosedQueueKeepsNothing(t *testing.T) {
	var pool countedPool
	q, m := newQueue(t, Bounds{Items: 8, Bytes: 1 << 20, Policy: DropOldest})
	q.Push(Update{Frame: pool.frame(t, 1)})
	q.Close()
	q.Push(Update{Frame: pool.frame(t, 2)})
	if n := q.Drain(); n != 1 {
		t.Errorf("drained %d, want the one from before the close", n)
	}
	if pool.out.Load() != 0 || m.Dropped.Load() != 2 || m.In.Load() != 2 {
		t.Errorf("out %d, dropped %d, in %d; want 0, 2, 2", pool.out.Load(), m.Dropped.Load(), m.In.Load())
	}
}

// Many producers, one consumer that sleeps when there is nothing: each producer's order is kept, nothing is lost but what
// is counted as dropped, nothing comes twice, every buffer comes back.
func TestQueueUnderContention(t *testing.T) {
	const producers, each = 4, 20_000
	for _, policy := range []Policy{DropOldest, DropNewest} {
		t.Run(string(policy), func(t *testing.T) {
			var pool countedPool
			q, m := newQueue(t, Bounds{Items: 64, Bytes: 1 << 30, Policy: policy})
			var producing sync.WaitGroup
			for p := range producers {
				producing.Go(func() {
					for i := range each {
						q.Push(Update{Frame: pool.frame(t, uint64(p)<<32|uint64(i))})
					}
				})
			}
			stop := make(chan struct{})
			go func() { producing.Wait(); close(stop) }()
			got := consume(t, q, stop)
			if got+m.Dropped.Load() != producers*each || m.In.Load() != producers*each {
				t.Errorf("%d popped and %d dropped of %d, %d counted in", got, m.Dropped.Load(), producers*each, m.In.Load())
			}
			if n := pool.out.Load(); n != 0 {
				t.Errorf("%d buffers were never given back", n)
			}
			if m.Queued.Load() != 0 || m.QueuedBytes.Load() != 0 {
				t.Errorf("an empty queue counts %d updates, %d bytes", m.Queued.Load(), m.QueuedBytes.Load())
			}
		})
	}
}

// consume pops until stop is closed and the queue is empty.
func consume(t *testing.T, q *Queue, stop <-chan struct{}) (got uint64) {
	last := map[uint64]int64{}
	var u Update
	for {
		for q.Pop(&u) {
			id := idOf(&u)
			from, seq := id>>32, int64(id&0xffffffff)
			if before, seen := last[from]; seen && seq <= before {
				t.Fatalf("producer %d: %d came after %d", from, seq, before)
			}
			last[from] = seq
			u.Frame.Free()
			q.Done()
			got++
		}
		if !q.Sleep() {
			runtime.Gosched()
			continue
		}
		select {
		case <-q.Wake():
		case <-stop:
			if q.Len() == 0 {
				return got
			}
		}
	}
}
