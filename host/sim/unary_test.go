package sim

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func TestVersionHasTheServersShape(t *testing.T) {
	w := newWorld(t, Settings{Version: "9.8.7"})
	r, err := w.client.GetVersion(t.Context(), &pb.GetVersionRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Version map[string]string `json:"version"`
		Extra   map[string]any    `json:"extra"`
	}
	if err := json.Unmarshal([]byte(r.Version), &v); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"package", "version", "proto", "solana", "git", "rustc", "buildts"} {
		if v.Version[key] == "" {
			t.Errorf("version has no %q: %s", key, r.Version)
		}
	}
	if _, ok := v.Extra["hostname"]; !ok || v.Version["version"] != "9.8.7" {
		t.Errorf("version is %s", r.Version)
	}
}

func TestUnaryBeforeTheFirstBlock(t *testing.T) {
	w := newWorld(t, Settings{})
	_, slot := w.client.GetSlot(t.Context(), &pb.GetSlotRequest{})
	_, height := w.client.GetBlockHeight(t.Context(), &pb.GetBlockHeightRequest{})
	_, hash := w.client.GetLatestBlockhash(t.Context(), &pb.GetLatestBlockhashRequest{})
	_, valid := w.client.IsBlockhashValid(t.Context(), &pb.IsBlockhashValidRequest{Blockhash: "h"})
	_, level := w.client.GetSlot(t.Context(), &pb.GetSlotRequest{Commitment: ptr(pb.CommitmentLevel(9))})
	for _, c := range []struct {
		err  error
		code codes.Code
		text string
	}{
		{slot, codes.Internal, "block is not available yet"},
		{height, codes.Internal, "block is not available yet"},
		{hash, codes.Internal, "block is not available yet"},
		{valid, codes.Internal, "startup"},
		{level, codes.Unknown, "failed to create CommitmentLevel from 9"},
	} {
		if s := status.Convert(c.err); s.Code() != c.code || s.Message() != c.text {
			t.Errorf("got %v, want %v %q", c.err, c.code, c.text)
		}
	}
}

func TestUnaryAtEachCommitment(t *testing.T) {
	w := newWorld(t, Settings{})
	for slot := uint64(100); slot < 100+blockhashesToAnswer; slot++ {
		w.feed.say(metaUpdate(slot, 0, 0), statusUpdate(slot, pb.SlotStatus_SLOT_PROCESSED))
	}
	last := uint64(100 + blockhashesToAnswer - 1)
	w.feed.say(statusUpdate(last-1, pb.SlotStatus_SLOT_CONFIRMED), statusUpdate(last-2, pb.SlotStatus_SLOT_FINALIZED), txUpdate(last+1, 0))
	for at, want := range []uint64{last, last - 1, last - 2} {
		level := ptr(pb.CommitmentLevel(at))
		slot, err := w.client.GetSlot(t.Context(), &pb.GetSlotRequest{Commitment: level})
		if err != nil || slot.Slot != want {
			t.Errorf("%v: slot %v, %v; want %d", level, slot, err, want)
		}
		height, err := w.client.GetBlockHeight(t.Context(), &pb.GetBlockHeightRequest{Commitment: level})
		if err != nil || height.BlockHeight != want-10 {
			t.Errorf("%v: height %v, %v; want %d", level, height, err, want-10)
		}
		hash, err := w.client.GetLatestBlockhash(t.Context(), &pb.GetLatestBlockhashRequest{Commitment: level})
		if err != nil || hash.Slot != want || hash.Blockhash != fmt.Sprint("hash", want) || hash.LastValidBlockHeight != want-10+300 {
			t.Errorf("%v: blockhash %v, %v", level, hash, err)
		}
		for hashSlot, valid := range map[uint64]bool{want: true, want + 1: false} {
			r, err := w.client.IsBlockhashValid(t.Context(), &pb.IsBlockhashValidRequest{Blockhash: fmt.Sprint("hash", hashSlot), Commitment: level})
			if err != nil || r.Valid != valid || r.Slot != want {
				t.Errorf("%v: hash of %d is %v, %v; want %v", level, hashSlot, r, err, valid)
			}
		}
	}
}

func TestReplayInfo(t *testing.T) {
	for _, c := range []struct {
		name string
		set  Settings
		feed []*pb.SubscribeUpdate
		want *uint64
	}{
		{"off", Settings{ReplaySlots: -1}, nil, nil},
		{"before the first slot", Settings{}, nil, ptr(uint64(math.MaxUint64))},
		{"a slot", Settings{}, []*pb.SubscribeUpdate{metaUpdate(7, 0, 0), metaUpdate(8, 0, 0), txUpdate(9, 0), txUpdate(9, 1)}, ptr(uint64(7))},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.set)
			w.feed.say(c.feed...)
			r, err := w.client.SubscribeReplayInfo(t.Context(), &pb.SubscribeReplayInfoRequest{})
			if err != nil {
				t.Fatal(err)
			}
			if (r.FirstAvailable == nil) != (c.want == nil) || r.GetFirstAvailable() != ptrValue(c.want) {
				t.Errorf("first available is %v, want %v", r.FirstAvailable, c.want)
			}
		})
	}
}

func ptrValue(p *uint64) uint64 {
	if p == nil {
		return 0
	}
	return *p
}

func TestOtherMethods(t *testing.T) {
	w := newWorld(t, Settings{})
	if r, err := w.client.Ping(t.Context(), &pb.PingRequest{Count: 7}); err != nil || r.Count != 7 {
		t.Errorf("ping gave %v, %v", r, err)
	}
}

func TestHealthIsOpen(t *testing.T) {
	w := newWorld(t, Settings{XToken: "secret"})
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-token", "wrong")
	for _, service := range []string{"", "geyser.Geyser"} {
		r, err := healthpb.NewHealthClient(w.conn).Check(ctx, &healthpb.HealthCheckRequest{Service: service})
		if err != nil || r.Status != healthpb.HealthCheckResponse_SERVING {
			t.Errorf("health of %q is %v, %v", service, r, err)
		}
	}
}
