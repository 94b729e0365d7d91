package sim

import (
	"context"
	"encoding/json"
	"math"
	"runtime"
	"time"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// SubscribeReplayInfo implements the service. Like the real server it answers the largest number before there is a slot.
func (s *Server) SubscribeReplayInfo(context.Context, *pb.SubscribeReplayInfoRequest) (*pb.SubscribeReplayInfoResponse, error) {
	if s.set.ReplaySlots == 0 {
		return &pb.SubscribeReplayInfoResponse{}, nil
	}
	first, ok := s.chain.first()
	if !ok {
		first = math.MaxUint64
	}
	return &pb.SubscribeReplayInfoResponse{FirstAvailable: &first}, nil
}

// Ping implements the service.
func (s *Server) Ping(_ context.Context, req *pb.PingRequest) (*pb.PongResponse, error) {
	return &pb.PongResponse{Count: req.GetCount()}, nil
}

// GetLatestBlockhash implements the service.
func (s *Server) GetLatestBlockhash(_ context.Context, req *pb.GetLatestBlockhashRequest) (*pb.GetLatestBlockhashResponse, error) {
	b, err := s.tip.block(req.Commitment)
	if err != nil {
		return nil, err
	}
	if b.GetBlockHeight() == nil {
		return nil, errBuild
	}
	return &pb.GetLatestBlockhashResponse{
		Slot: b.GetSlot(), Blockhash: b.GetBlockhash(), LastValidBlockHeight: b.GetBlockHeight().GetBlockHeight() + maxRecentBlockhashes,
	}, nil
}

// GetBlockHeight implements the service.
func (s *Server) GetBlockHeight(_ context.Context, req *pb.GetBlockHeightRequest) (*pb.GetBlockHeightResponse, error) {
	b, err := s.tip.block(req.Commitment)
	if err != nil {
		return nil, err
	}
	if b.GetBlockHeight() == nil {
		return nil, errBuild
	}
	return &pb.GetBlockHeightResponse{BlockHeight: b.GetBlockHeight().GetBlockHeight()}, nil
}

// GetSlot implements the service.
func (s *Server) GetSlot(_ context.Context, req *pb.GetSlotRequest) (*pb.GetSlotResponse, error) {
	b, err := s.tip.block(req.Commitment)
	if err != nil {
		return nil, err
	}
	return &pb.GetSlotResponse{Slot: b.GetSlot()}, nil
}

// IsBlockhashValid implements the service.
func (s *Server) IsBlockhashValid(_ context.Context, req *pb.IsBlockhashValidRequest) (*pb.IsBlockhashValidResponse, error) {
	valid, slot, err := s.tip.valid(req.GetBlockhash(), req.Commitment)
	if err != nil {
		return nil, err
	}
	return &pb.IsBlockhashValidResponse{Slot: slot, Valid: valid}, nil
}

// version is the JSON text that GetVersion answers with, in the real server's shape (version.rs).
type version struct {
	Version struct {
		Package string `json:"package"`
		Version string `json:"version"`
		Proto   string `json:"proto"`
		Solana  string `json:"solana"`
		Git     string `json:"git"`
		Rustc   string `json:"rustc"`
		BuildTS string `json:"buildts"`
	} `json:"version"`
	Extra struct {
		Hostname *string `json:"hostname"`
	} `json:"extra"`
}

// GetVersion implements the service. Where the real server names its build, this one says that it is a simulator.
func (s *Server) GetVersion(context.Context, *pb.GetVersionRequest) (*pb.GetVersionResponse, error) {
	var v version
	v.Version.Package, v.Version.Version, v.Version.Proto = "yellowstone-grpc-geyser", s.set.Version, s.set.Version
	v.Version.Solana, v.Version.Git, v.Version.Rustc = "simulator", "weir-sim", runtime.Version()
	v.Version.BuildTS = s.born.UTC().Format(time.RFC3339Nano)
	name := "weir-sim"
	v.Extra.Hostname = &name
	text, err := json.Marshal(v)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &pb.GetVersionResponse{Version: string(text)}, nil
}
