package router

import (
	"testing"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"

	"weir/host/geyser"
	"weir/host/metrics"
)

// slotFrame is a slot update that the server tagged with names.
func slotFrame(t testing.TB, slot uint64, names ...string) (*geyser.Frame, *geyser.Envelope) {
	t.Helper()
	b, err := proto.Marshal(&pb.SubscribeUpdate{
		Filters:     names,
		UpdateOneof: &pb.SubscribeUpdate_Slot{Slot: &pb.SubscribeUpdateSlot{Slot: slot}},
	})
	if err != nil {
		t.Fatal(err)
	}
	f, e := geyser.NewFrame(b), new(geyser.Envelope)
	if err := f.Scan(e); err != nil {
		t.Fatal(err)
	}
	return &f, e
}

func attach(t testing.TB, r *Router, monitor string) *Queue {
	t.Helper()
	q, _ := newQueue(t, Bounds{Items: 1024, Bytes: 1 << 20, Policy: DropNewest})
	r.Attach(monitor, q)
	return q
}

// popped returns the masks of what is queued.
func popped(q *Queue) (masks []uint64) {
	var u Update
	for q.Pop(&u) {
		masks = append(masks, u.Filters)
		u.Frame.Free()
		q.Done()
	}
	return masks
}

func expect(t *testing.T, who string, q *Queue, want ...uint64) {
	t.Helper()
	got := popped(q)
	if len(got) != len(want) {
		t.Errorf("%s got %d updates, want %d", who, len(got), len(want))
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%s's update %d has the mask %b, want %b", who, i, got[i], want[i])
		}
	}
}

func TestUpdateGoesOnceToEachMonitorThatHit(t *testing.T) {
	r, m := New(), new(metrics.Stream)
	a, b := attach(t, r, "a"), attach(t, r, "b")
	f := r.Open(m)
	f.Routes([]geyser.Route{
		{Name: "w1", Monitor: "a", Bit: 0}, {Name: "w1", Monitor: "b", Bit: 3},
		{Name: "w2", Monitor: "a", Bit: 63}, {Name: "w9", Monitor: "nobody", Bit: 0},
	})
	send := func(names ...string) {
		u, e := slotFrame(t, 7, names...)
		f.Update(u, e, time.Unix(1, 2))
		u.Free()
	}
	send("w1")
	send("w2")
	send("w1", "w2")
	send("w9")
	send("unknown")
	expect(t, "a", a, 1, 1<<63, 1<<63|1)
	expect(t, "b", b, 8, 8)
	if got := m.Unrouted.Load(); got != 2 {
		t.Errorf("unrouted %d, want 2: the one for nobody and the unknown one", got)
	}
}

func TestUpdateCarriesWhatTheWorkerNeeds(t *testing.T) {
	r := New()
	q := attach(t, r, "a")
	f := r.Open(new(metrics.Stream))
	f.Routes([]geyser.Route{{Name: "w1", Monitor: "a"}})
	sent, e := slotFrame(t, 42, "w1")
	f.Update(sent, e, time.Unix(5, 6))
	sent.Free()
	var u Update
	if !q.Pop(&u) {
		t.Fatal("nothing queued")
	}
	defer u.Frame.Free()
	if u.Kind != geyser.KindSlot || u.Slot != 42 || u.Received != time.Unix(5, 6).UnixNano() {
		t.Errorf("kind %v, slot %d, received %d", u.Kind, u.Slot, u.Received)
	}
	var got pb.SubscribeUpdate
	if err := proto.Unmarshal(u.Frame.AppendTo(nil, u.Payload), &got); err != nil || len(got.Filters) != 0 || got.GetSlot().GetSlot() != 42 {
		t.Errorf("the guest's bytes decode to %v, %v; want slot 42 and no filter names", &got, err)
	}
}

func TestRoutesAndMonitorsChangeBetweenUpdates(t *testing.T) {
	r := New()
	f := r.Open(new(metrics.Stream))
	f.Routes([]geyser.Route{{Name: "w1", Monitor: "a"}})
	send := func() {
		u, e := slotFrame(t, 1, "w1")
		f.Update(u, e, time.Unix(0, 0))
		u.Free()
	}
	send() // nobody attached yet
	a := attach(t, r, "a")
	send()
	f.Routes([]geyser.Route{{Name: "w1", Monitor: "b"}})
	send() // b is not attached
	b := attach(t, r, "b")
	send()
	r.Detach("b")
	send()
	r.Attach("b", b)
	f.Close()
	send()
	expect(t, "a", a, 1)
	expect(t, "b", b, 1)
}

func TestWidenedRouteIsCheckedAgainAsDeclared(t *testing.T) {
	only := true
	m, err := geyser.Compile(&pb.SubscribeRequest{
		Slots:      map[string]*pb.SubscribeRequestFilterSlots{"confirmed": {FilterByCommitment: &only}},
		Commitment: pb.CommitmentLevel_CONFIRMED.Enum(),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, counts := New(), new(metrics.Stream)
	narrow, wide := attach(t, r, "narrow"), attach(t, r, "wide")
	f := r.Open(counts)
	f.Routes([]geyser.Route{{Name: "w1", Monitor: "narrow", Recheck: m}, {Name: "w1", Monitor: "wide"}})
	for _, status := range []pb.SlotStatus{pb.SlotStatus_SLOT_PROCESSED, pb.SlotStatus_SLOT_CONFIRMED} {
		b, err := proto.Marshal(&pb.SubscribeUpdate{
			Filters:     []string{"w1"},
			UpdateOneof: &pb.SubscribeUpdate_Slot{Slot: &pb.SubscribeUpdateSlot{Slot: 9, Status: status}},
		})
		if err != nil {
			t.Fatal(err)
		}
		u, e := geyser.NewFrame(b), new(geyser.Envelope)
		if err := u.Scan(e); err != nil {
			t.Fatal(err)
		}
		f.Update(&u, e, time.Unix(0, 0))
		u.Free()
	}
	expect(t, "narrow", narrow, 1)
	expect(t, "wide", wide, 1, 1)
}

func BenchmarkRouteToOneMonitor(b *testing.B) {
	r := New()
	q := attach(b, r, "a")
	f := r.Open(new(metrics.Stream))
	f.Routes([]geyser.Route{{Name: "w1", Monitor: "a"}})
	message, err := proto.Marshal(&pb.SubscribeUpdate{
		Filters: []string{"w1"},
		UpdateOneof: &pb.SubscribeUpdate_Account{Account: &pb.SubscribeUpdateAccount{
			Account: &pb.SubscribeUpdateAccountInfo{Data: make([]byte, 4000)}, Slot: 7}},
	})
	if err != nil {
		b.Fatal(err)
	}
	frame := geyser.NewFrame(message)
	var e geyser.Envelope
	var u Update
	b.ReportAllocs()
	for b.Loop() {
		if err := frame.Scan(&e); err != nil {
			b.Fatal(err)
		}
		f.Update(&frame, &e, time.Unix(0, 0))
		if q.Pop(&u) {
			u.Frame.Free()
			q.Done()
		}
	}
}
