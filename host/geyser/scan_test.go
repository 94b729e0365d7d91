package geyser

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// split cuts b into pieces at places that seed decides, empty pieces included.
func split(b []byte, seed uint64) Frame {
	f := Frame{size: len(b)}
	r := rand.New(rand.NewPCG(seed, 1))
	for len(b) > 0 {
		n := min(len(b), r.IntN(1+len(b)))
		if r.IntN(3) > 0 {
			n = min(len(b), r.IntN(6))
		}
		f.data = append(f.data, mem.SliceBuffer(b[:n:n]))
		b = b[n:]
	}
	return f
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func field(num protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), content)
}

func varint(num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), v)
}

// check compares a scan of f with the decoded message.
func check(t *testing.T, f *Frame, e *Envelope, u *pb.SubscribeUpdate) {
	t.Helper()
	if !KnowsNewer && e.Kind == KindBlockFooter {
		return // the protobuf library does not see that kind, and perhaps another one before it
	}
	if got, want := e.Kind, KindOf(u); got != want {
		t.Errorf("kind %v, want %v", got, want)
	}
	if got, want := e.Slot, SlotOf(u); got != want {
		t.Errorf("slot %d, want %d", got, want)
	}
	if at := u.GetCreatedAt(); e.CreatedAt != at.GetSeconds()*1e9+int64(at.GetNanos()) {
		t.Errorf("created at %d, want %v", e.CreatedAt, at)
	}
	if !slices.EqualFunc(e.Names(), u.GetFilters(), func(a []byte, b string) bool { return string(a) == b }) {
		t.Errorf("names %q, want %q", e.Names(), u.GetFilters())
	}
	want := proto.CloneOf(u)
	want.Filters = nil
	got := new(pb.SubscribeUpdate)
	if err := proto.Unmarshal(f.AppendTo(nil, e.Payload), got); err != nil {
		t.Fatalf("payload: %v", err)
	}
	if !KnowsNewer { // a block footer that another kind follows is an unknown field to the library, and gone for Scan
		got.ProtoReflect().SetUnknown(nil)
		want.ProtoReflect().SetUnknown(nil)
	}
	if !proto.Equal(got, want) {
		t.Errorf("payload %v, want %v", got, want)
	}
	if key := e.AppendKey(f, nil); KnowsNewer && string(key) != string(expectedKey(u)) {
		t.Errorf("key %x, want %x", key, expectedKey(u))
	}
}

func TestScanLayouts(t *testing.T) {
	names := AppendNames(nil, "a", "bc", "")
	slot := field(3, slices.Concat(varint(1, 7), varint(3, 1)))
	account := field(2, slices.Concat(field(1, slices.Concat(field(1, make([]byte, 32)), varint(7, 5))), varint(2, 9)))
	at := field(11, slices.Concat(varint(1, 3), varint(2, 4)))
	group := slices.Concat(protowire.AppendTag(nil, 90, protowire.StartGroupType), varint(1, 1),
		protowire.AppendTag(nil, 91, protowire.StartGroupType), protowire.AppendTag(nil, 91, protowire.EndGroupType),
		protowire.AppendTag(nil, 90, protowire.EndGroupType))
	fixed := slices.Concat(protowire.AppendFixed32(protowire.AppendTag(nil, 77, protowire.Fixed32Type), 1),
		protowire.AppendFixed64(protowire.AppendTag(nil, 78, protowire.Fixed64Type), 1))
	for name, b := range map[string][]byte{
		"empty":                   nil,
		"usual":                   slices.Concat(names, slot, at),
		"no names":                slices.Concat(account, at),
		"names alone":             names,
		"created_at first":        slices.Concat(at, names, account),
		"names last":              slices.Concat(account, at, names),
		"names on both sides":     slices.Concat(names, account, AppendNames(nil, "z"), at),
		"unknown around":          slices.Concat(group, names, fixed, slot, group, varint(99, 3)),
		"wrong wire type":         slices.Concat(varint(1, 3), names, varint(3, 3), slot, varint(11, 8)),
		"same kind twice":         slices.Concat(names, slot, field(3, varint(3, 2)), at),
		"kinds after another":     slices.Concat(slot, account, names),
		"kind returns":            slices.Concat(slot, account, slot),
		"created_at in parts":     slices.Concat(slot, field(11, varint(1, 9)), field(11, varint(2, 8))),
		"negative time":           slices.Concat(slot, field(11, varint(1, 1<<64-5))),
		"slot twice":              field(3, slices.Concat(varint(1, 1), varint(1, 2))),
		"slot of wrong wire type": field(3, slices.Concat(field(1, []byte("x")), varint(1, 2), field(1, nil))),
		"info twice":              field(2, slices.Concat(field(1, field(1, []byte("key"))), field(1, varint(7, 3)), varint(2, 4))),
		"long varints":            field(3, []byte{1<<3 | 0x80, 0x80, 0x00, 0x85, 0x80, 0x80, 0x00}),
		"future kind":             slices.Concat(names, field(13, varint(1, 1)), at),
		"ping":                    slices.Concat(field(6, nil), at),
	} {
		t.Run(name, func(t *testing.T) {
			var u pb.SubscribeUpdate
			if err := proto.Unmarshal(b, &u); err != nil {
				t.Fatal(err)
			}
			e := new(Envelope)
			for seed := range uint64(50) {
				f := split(b, seed)
				if err := f.Scan(e); err != nil {
					t.Fatal(err)
				}
				check(t, &f, e, &u)
				f.Free()
			}
		})
	}
}

func TestScanRefuses(t *testing.T) {
	deep := bytes.Repeat(protowire.AppendTag(nil, 90, protowire.StartGroupType), maxGroupDepth+2)
	for name, b := range map[string][]byte{
		"cut tag":            {0x80},
		"field zero":         {0x02, 0x00},
		"cut length":         {0x0a},
		"length beyond":      {0x0a, 2, 'x'},
		"huge length":        {0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01},
		"eleven byte varint": {0x60, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01},
		"varint overflow":    {0x60, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02},
		"end without start":  protowire.AppendTag(nil, 90, protowire.EndGroupType),
		"open group":         protowire.AppendTag(nil, 90, protowire.StartGroupType),
		"wrong group end":    {0xd3, 0x05, 0xdc, 0x05},
		"groups too deep":    deep,
		"wire type 6":        {0x0e},
		"cut fixed32":        {0x65, 1, 2},
		"nested beyond end":  slices.Concat([]byte{3<<3 | 2, 1, 1 << 3}, varint(1, 300)),
		"time beyond end":    {11<<3 | 2, 2, 1 << 3, 0x80, 0x01},
		"key inside":         {3<<3 | 2, 2, 1<<3 | 2, 9},
	} {
		t.Run(name, func(t *testing.T) {
			if proto.Unmarshal(b, new(pb.SubscribeUpdate)) == nil {
				t.Fatal("the protobuf library takes it")
			}
			for seed := range uint64(10) {
				f := split(b, seed)
				if err := f.Scan(new(Envelope)); !errors.Is(err, ErrMalformed) {
					t.Fatalf("error %v", err)
				}
				f.Free()
			}
		})
	}
}

func TestScanRecordings(t *testing.T) {
	e := new(Envelope)
	for i, u := range recording(t, "mixed.pbld") {
		u.Filters = []string{"f1", "a longer name"}
		u.CreatedAt = &timestamppb.Timestamp{Seconds: 1700000000, Nanos: int32(i)}
		b := marshal(t, u)
		for _, f := range []Frame{NewFrame(b), split(b, uint64(i))} {
			if err := f.Scan(e); err != nil {
				t.Fatalf("%d: %v", i, err)
			}
			check(t, &f, e, u)
			f.Compact()
			check(t, &f, e, u)
			f.Free()
		}
		if t.Failed() {
			t.Fatalf("at message %d", i)
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add(slices.Concat(AppendNames(nil, "a", "b"), field(3, varint(1, 7)), field(11, varint(1, 3))), uint64(1))
	f.Add(slices.Concat(field(4, slices.Concat(field(1, varint(5, 1)), varint(2, 3), varint(3, 9))), AppendNames(nil, "x")), uint64(2))
	f.Add(slices.Concat(field(3, varint(1, 7)), field(2, varint(2, 8)), field(3, varint(1, 9))), uint64(3))
	f.Add(slices.Concat(field(5, varint(1, 7)), field(12, varint(2, 8)), field(10, varint(1, 9))), uint64(4))
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		var u pb.SubscribeUpdate
		wellFormed := proto.Unmarshal(b, &u) == nil
		for _, frame := range []Frame{NewFrame(b), split(b, seed)} {
			e := new(Envelope)
			err := frame.Scan(e)
			switch {
			case err != nil && !errors.Is(err, ErrMalformed):
				t.Fatalf("error of no class: %v", err)
			case err != nil && wellFormed:
				t.Fatalf("refused: %v", err)
			case wellFormed:
				check(t, &frame, e, &u)
			}
			frame.Free()
		}
	})
}
