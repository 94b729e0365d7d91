package sim

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

func slotUpdate(slot uint64, s pb.SlotStatus) *pb.SubscribeUpdate {
	return &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Slot{Slot: &pb.SubscribeUpdateSlot{Slot: slot, Status: s}}}
}

// record writes updates as a recording and returns its bytes.
func record(t *testing.T, updates ...*pb.SubscribeUpdate) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, u := range updates {
		if _, err := protodelim.MarshalTo(&b, u); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func writeFile(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "r.pbld")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func compressed(t *testing.T, b []byte) []byte {
	t.Helper()
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	return e.EncodeAll(b, nil)
}

func TestRecording(t *testing.T) {
	whole := record(t, slotUpdate(1, 0), slotUpdate(2, 0), slotUpdate(300, 0))
	first := len(record(t, slotUpdate(1, 0)))
	two := len(record(t, slotUpdate(1, 0), slotUpdate(2, 0)))
	huge := protowire.AppendVarint(nil, MaxRecordedMessage+1)
	for _, c := range []struct {
		name   string
		file   []byte
		whole  int   // messages before the end or the damage
		err    error // nil: none
		offset int
	}{
		{name: "plain", file: whole, whole: 3},
		{name: "zstd", file: compressed(t, whole), whole: 3},
		{name: "empty"},
		{name: "empty message", file: []byte{0}, whole: 1},
		{name: "torn in a message", file: whole[:len(whole)-1], whole: 2, err: io.ErrUnexpectedEOF, offset: two},
		{name: "torn behind a length", file: whole[:first+1], whole: 1, err: io.ErrUnexpectedEOF, offset: first},
		{name: "torn in a length", file: append(bytes.Clone(whole[:first]), 0x80), whole: 1, err: io.ErrUnexpectedEOF, offset: first},
		{name: "oversized length", file: append(bytes.Clone(whole[:two]), huge...), whole: 2, err: ErrMessageSize, offset: two},
		{name: "no length", file: append(bytes.Clone(whole[:first]), bytes.Repeat([]byte{0xff}, 12)...), whole: 1, err: ErrMessageSize, offset: first},
		{name: "torn zstd", file: compressed(t, whole)[:10], err: io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeFile(t, c.file)
			rec, err := OpenRecording(path)
			if err == nil {
				n := 0
				for m, e := range rec.Messages() {
					if err = e; err != nil {
						break
					}
					if m.Index != n {
						t.Errorf("message %d has index %d", n, m.Index)
					}
					n++
				}
				if n != c.whole {
					t.Errorf("%d messages, want %d", n, c.whole)
				}
			}
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			var re *RecordingError
			if c.err != nil && (!errors.As(err, &re) || re.Path != path || re.Index != c.whole || re.Offset != int64(c.offset)) {
				t.Errorf("error is %#v, want index %d and offset %d", re, c.whole, c.offset)
			}
			if c.err != nil && !strings.Contains(err.Error(), path) {
				t.Errorf("error %q does not name the file", err)
			}
		})
	}
}

func TestRecordingMissing(t *testing.T) {
	if _, err := OpenRecording(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want ErrNotExist", err)
	}
}

func TestRecordingIsReadEqual(t *testing.T) {
	dir := fixtures(t)
	path := filepath.Join(dir, "mixed.pbld")
	rec, err := OpenRecording(path)
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	n := 0
	for m, err := range rec.Messages() {
		if err != nil {
			t.Fatal(err)
		}
		again.Write(protowire.AppendVarint(nil, uint64(len(m.Raw))))
		again.Write(m.Raw)
		if _, err := m.Update(); err != nil {
			t.Error(err)
		}
		n++
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file, again.Bytes()) || n != 713 {
		t.Errorf("%d messages of %d bytes, want 713 of %d, equal", n, again.Len(), len(file))
	}
}

func TestReplay(t *testing.T) {
	bad := []byte{2, 0x12, 0x7f} // a length beyond the message's end
	file := append(bad, record(t, slotUpdate(7, 0), slotUpdate(8, 0))...)
	rec, err := OpenRecording(writeFile(t, file))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		opt  ReplayOptions
		take int
		want []uint64
	}{
		{name: "once", take: 3, want: []uint64{7, 8}},
		{name: "loop", opt: ReplayOptions{Loop: true}, take: 5, want: []uint64{7, 8, 7, 8, 7}},
		{name: "fresh", opt: ReplayOptions{Loop: true, FreshKeys: true, FirstSlot: 100}, take: 4, want: []uint64{100, 101, 102, 103}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewReplay(rec, c.opt)
			defer r.Close()
			var got []uint64
			for range c.take {
				item, err := r.Next(t.Context())
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, item.Update.GetSlot().GetSlot())
			}
			if len(got) != len(c.want) {
				t.Fatalf("slots %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Fatalf("slots %v, want %v", got, c.want)
				}
			}
			if r.Skipped() != 1 {
				t.Errorf("%d messages skipped, want 1", r.Skipped())
			}
		})
	}
}

func TestReplayOfNothingEnds(t *testing.T) {
	rec, err := OpenRecording(writeFile(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewReplay(rec, ReplayOptions{Loop: true}).Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want io.EOF", err)
	}
}

// naturalKey is what a client would tell an update by.
func naturalKey(u *pb.SubscribeUpdate) any {
	type key struct {
		kind   any
		slot   uint64
		number uint64
		text   string
	}
	switch o := u.GetUpdateOneof().(type) {
	case *pb.SubscribeUpdate_Account:
		return key{2, o.Account.Slot, o.Account.Account.WriteVersion, string(o.Account.Account.Pubkey)}
	case *pb.SubscribeUpdate_Slot:
		return key{3, o.Slot.Slot, uint64(o.Slot.Status), ""}
	case *pb.SubscribeUpdate_Transaction:
		return key{4, o.Transaction.Slot, o.Transaction.Transaction.Index, ""}
	case *pb.SubscribeUpdate_BlockMeta:
		return key{7, o.BlockMeta.Slot, 0, ""}
	case *pb.SubscribeUpdate_Entry:
		return key{8, o.Entry.Slot, o.Entry.Index, ""}
	}
	return nil
}

func TestFreshKeysAreUnique(t *testing.T) {
	rec, err := OpenRecording(filepath.Join(fixtures(t), "mixed.pbld"))
	if err != nil {
		t.Fatal(err)
	}
	r := NewReplay(rec, ReplayOptions{Loop: true, FreshKeys: true})
	defer r.Close()
	seen := map[any]bool{}
	last := uint64(0)
	for range 3 * 713 {
		item, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if item.Payload != nil {
			u := new(pb.SubscribeUpdate)
			if err := proto.Unmarshal(item.Payload, u); err != nil {
				t.Fatal(err)
			}
			item.Update.Filters, item.Update.CreatedAt = nil, nil
			if !proto.Equal(u, item.Update) {
				t.Fatalf("payload is not the update's:\n got %.400v\nwant %.400v", u, item.Update)
			}
		}
		k := naturalKey(item.Update)
		if k == nil {
			continue
		}
		if seen[k] {
			t.Fatalf("key %v comes twice", k)
		}
		seen[k] = true
		_, slot := identify(item.Update)
		if slot < last {
			t.Fatalf("slot %d after %d", slot, last)
		}
		last = slot
	}
	if len(seen) < 3*700 {
		t.Errorf("only %d keys", len(seen))
	}
}

func TestFreshKeysKeepTheRest(t *testing.T) {
	u := &pb.SubscribeUpdate{UpdateOneof: &pb.SubscribeUpdate_Account{Account: &pb.SubscribeUpdateAccount{
		Slot: 1, Account: &pb.SubscribeUpdateAccountInfo{Pubkey: []byte("k"), Data: []byte("d"), WriteVersion: 9},
	}}}
	want := proto.Clone(u).(*pb.SubscribeUpdate)
	k := freshKeys{slot: 50, limit: 2}
	k.apply(u)
	want.GetAccount().Slot, want.GetAccount().Account.WriteVersion = 50, 1
	if !proto.Equal(u, want) {
		t.Errorf("got %v, want %v", u, want)
	}
}
