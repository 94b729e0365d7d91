package geyser

import (
	"strconv"
	"strings"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
)

// Lane is what a SubscribeRequest has once for all of its filters: the commitment and the data slices. It is comparable
// and can be a map's key.
type Lane struct {
	Commitment pb.CommitmentLevel

	slices string // "offset:length" of each, joined by commas
}

// String returns a short text for people, such as "confirmed" or "confirmed 0:8,32:40".
func (l Lane) String() string {
	s := strings.ToLower(l.Commitment.String())
	if l.slices != "" {
		s += " " + l.slices
	}
	return s
}

// Sliced tells whether the server cuts account data in this lane.
func (l Lane) Sliced() bool { return l.slices != "" }

// DataSlices returns the lane's data slices, new messages with each call.
func (l Lane) DataSlices() []*pb.SubscribeRequestAccountsDataSlice {
	if l.slices == "" {
		return nil
	}
	var list []*pb.SubscribeRequestAccountsDataSlice
	for s := range strings.SplitSeq(l.slices, ",") {
		offset, length, _ := strings.Cut(s, ":")
		o, _ := strconv.ParseUint(offset, 10, 64)
		n, _ := strconv.ParseUint(length, 10, 64)
		list = append(list, &pb.SubscribeRequestAccountsDataSlice{Offset: o, Length: n})
	}
	return list
}

// request returns a request with the lane's commitment and slices and no filter.
func (l Lane) request() *pb.SubscribeRequest {
	return &pb.SubscribeRequest{Commitment: l.Commitment.Enum(), AccountsDataSlice: l.DataSlices()}
}

func formatSlices(list []*pb.SubscribeRequestAccountsDataSlice) string {
	var b []byte
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, s.GetOffset(), 10)
		b = append(b, ':')
		b = strconv.AppendUint(b, s.GetLength(), 10)
	}
	return string(b)
}
