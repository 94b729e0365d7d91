package sim

import (
	"bytes"
	"path/filepath"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

// TestRecordingIsServedWhole replays the real recording to a client at each commitment, and compares every byte.
func TestRecordingIsServedWhole(t *testing.T) {
	rec, err := OpenRecording(filepath.Join(fixtures(t), "mixed.pbld"))
	if err != nil {
		t.Fatal(err)
	}
	var want [][]byte
	for m, err := range rec.Messages() {
		if err != nil {
			t.Fatal(err)
		}
		u, err := m.Update()
		if err != nil {
			t.Fatal(err)
		}
		if u.GetPing() == nil {
			want = append(want, without(m.Raw, fieldFilters, fieldCreatedAt)) // the server dates anew
		}
	}
	for _, level := range []pb.CommitmentLevel{processed, confirmed, finalized} {
		t.Run(level.String(), func(t *testing.T) {
			feed := NewReplay(rec, ReplayOptions{})
			t.Cleanup(func() { feed.Close() })
			w := newWorld(t, Settings{Feed: feed, EveryCommitment: true, WaitForSubscribers: 1, Lossless: true, QueueMessages: 8, RingMessages: 8})
			c := w.open()
			req := everything()
			req.Commitment = &level
			c.ask(req)
			for i := 0; i < len(want); {
				u, err := c.Recv()
				if err != nil {
					t.Fatal(err)
				}
				if u.GetPing() != nil {
					continue
				}
				if u.CreatedAt == nil || len(u.Filters) != 1 {
					t.Fatalf("update %d has filters %q, created at %v", i, u.Filters, u.CreatedAt)
				}
				recorded := new(pb.SubscribeUpdate)
				if err := proto.Unmarshal(want[i], recorded); err != nil {
					t.Fatal(err)
				}
				u.Filters, u.CreatedAt = nil, nil
				if !proto.Equal(u, recorded) {
					t.Fatalf("update %d differs from the recording:\n got %.300v\nwant %.300v", i, u, recorded)
				}
				again, err := proto.Marshal(u)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(again, want[i]) {
					t.Fatalf("update %d is encoded otherwise than recorded", i)
				}
				i++
			}
		})
	}
}
