package geyser

import pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"

// Lane is what a SubscribeRequest has once for all of its filters: the commitment and the data slices. It is comparable
// and can be a map's key.
type Lane struct {
	Commitment pb.CommitmentLevel

	slices string // "offset:length" of each, joined by commas
}

// String returns a short text for people, such as "confirmed 0:8,32:40".
func (l Lane) String() string { return "" }
