package sim

import (
	"path/filepath"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// discardUnknown drops what a payload need not keep to be the same update: fields of a wrong type beside the known ones.
func discardUnknown(m protoreflect.Message) {
	m.SetUnknown(nil)
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				discardUnknown(v.List().Get(i).Message())
			}
		case f.Message() != nil && !f.IsMap():
			discardUnknown(v.Message())
		}
		return true
	})
}

// FuzzTemplate holds the spliced bytes to what protobuf itself makes of the update.
func FuzzTemplate(f *testing.F) {
	for _, u := range []*pb.SubscribeUpdate{txUpdate(5, 9), accountUpdate(5, "a", 3), slotUpdate(7, 1), entryUpdate(5, 1), metaUpdate(6, 0, 0)} {
		b, err := proto.Marshal(u)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(append(appendFilters(nil, []string{"x"}), b...))
		f.Add(append(b, b...))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if proto.Unmarshal(raw, new(pb.SubscribeUpdate)) != nil {
			return
		}
		tm, err := newTemplate(Message{Raw: raw})
		if err != nil {
			t.Fatalf("refused what protobuf takes: %v", err)
		}
		keys := freshKeys{slot: 1000, limit: 64, transactions: 7}
		before := proto.Clone(tm.update)
		item := tm.fresh(&keys)
		if !proto.Equal(before, tm.update) {
			t.Fatal("the template was changed")
		}
		if item.Payload == nil {
			return
		}
		got := new(pb.SubscribeUpdate)
		if err := proto.Unmarshal(item.Payload, got); err != nil {
			t.Fatal(err)
		}
		want := proto.Clone(item.Update).(*pb.SubscribeUpdate)
		want.Filters, want.CreatedAt = nil, nil
		discardUnknown(got.ProtoReflect())
		discardUnknown(want.ProtoReflect())
		if !proto.Equal(got, want) {
			t.Fatalf("spliced\n got %v\nwant %v", got, want)
		}
	})
}

// TestTemplateOfRecordings tries it on everything that was recorded.
func TestTemplateOfRecordings(t *testing.T) {
	rec, err := OpenRecording(filepath.Join(fixtures(t), "mixed.pbld"))
	if err != nil {
		t.Fatal(err)
	}
	spliced := 0
	for m, err := range rec.Messages() {
		if err != nil {
			t.Fatal(err)
		}
		tm, err := newTemplate(m)
		if err != nil {
			t.Fatal(err)
		}
		if tm.key != 0 {
			spliced++
		}
	}
	if want := 318 + 27; spliced != want { // transactions and accounts, COUNTS.json
		t.Errorf("%d messages can be spliced, want %d", spliced, want)
	}
}
