package geyser

import (
	"slices"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// typical returns an encoded transaction of about 4 kB as a server sends it.
func typical(t testing.TB) []byte {
	var best *pb.SubscribeUpdate
	size := func(u *pb.SubscribeUpdate) int { return len(marshal(t, u)) }
	for _, u := range recording(t, "mixed.pbld") {
		if KindOf(u) == KindTransaction && SlotOf(u) != 0 && (best == nil || abs(size(u)-4300) < abs(size(best)-4300)) {
			best = u
		}
	}
	best.Filters = []string{"t1", "t2"}
	best.CreatedAt = timestamppb.Now()
	return marshal(t, best)
}

func abs(n int) int { return max(n, -n) }

// pieces cuts b in two, as at the border of DATA frames.
func pieces(b []byte, at int) Frame {
	return Frame{size: len(b), data: mem.BufferSlice{mem.SliceBuffer(b[:at:at]), mem.SliceBuffer(b[at:])}}
}

func TestHotPathAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("allocations are not counted under the race detector")
	}
	b := typical(t)
	e := new(Envelope)
	key := make([]byte, 0, 256)
	var l loans
	for name, f := range map[string]Frame{"whole": NewFrame(b), "split": pieces(b, 900), "split name": pieces(b, 3), "split signature": pieces(b, 60)} {
		var pinned Frame
		l.received(t, b, &pinned)
		for what, op := range map[string]func(){
			"scan": func() {
				if err := f.Scan(e); err != nil || len(e.Names()) != 2 || e.Slot == 0 {
					t.Fatalf("%v %q %d", err, e.Names(), e.Slot)
				}
			},
			"key":             func() { key = e.AppendKey(&f, key[:0]) },
			"share and free":  func() { s := f.Share(); s.Free() },
			"compact a share": func() { s := pinned.Share(); s.Compact(); c := s.Share(); c.Free(); s.Free() },
		} {
			if what == "key" {
				if _ = f.Scan(e); len(e.AppendKey(&f, nil)) < 64 {
					t.Fatal("no key")
				}
			}
			if n := testing.AllocsPerRun(200, op); n != 0 {
				t.Errorf("%s, %s: %v allocations", name, what, n)
			}
		}
		pinned.Free()
	}
}

func BenchmarkScan(b *testing.B) {
	msg := typical(b)
	slot := slices.Concat(AppendNames(nil, "s1"), field(3, slices.Concat(varint(1, 300000000), varint(2, 299999999), varint(3, 1))),
		field(11, slices.Concat(varint(1, 1700000000), varint(2, 123456789))))
	for _, bc := range []struct {
		name  string
		frame Frame
	}{{"transaction", NewFrame(msg)}, {"transaction in two pieces", pieces(msg, 900)}, {"slot", NewFrame(slot)}} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			e := new(Envelope)
			for b.Loop() {
				if err := bc.frame.Scan(e); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(bc.name+" with key", func(b *testing.B) {
			b.ReportAllocs()
			e := new(Envelope)
			var key []byte
			for b.Loop() {
				if err := bc.frame.Scan(e); err != nil {
					b.Fatal(err)
				}
				key = e.AppendKey(&bc.frame, key[:0])
			}
		})
	}
}

func BenchmarkCompact(b *testing.B) {
	var l loans
	var f Frame
	l.received(b, typical(b), &f)
	b.ReportAllocs()
	for b.Loop() {
		s := f.Share()
		s.Compact()
		s.Free()
	}
}
