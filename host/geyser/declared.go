package geyser

import (
	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/proto"
)

// MaxFilters is the number of filters that one monitor may declare: one bit each of weir_match's argument.
const MaxFilters = 64

// Declared is what a monitor asks for: its manifest's "subscribe". It is immutable and safe for concurrent use.
type Declared struct {
	Filters    []Filter // in the order of the JSON text; a filter's index is its bit
	Commitment pb.CommitmentLevel
	Slices     []*pb.SubscribeRequestAccountsDataSlice
}

// Filter is one filter of a SubscribeRequest.
type Filter struct {
	Section string        // the request's field by its protobuf name, such as "transactions_status"
	Name    string        // the monitor's own name for it
	Message proto.Message // the filter itself, of the section's message type; read-only
}

// ParseDeclared reads a SubscribeRequest in protobuf JSON.
func ParseDeclared(json []byte) (*Declared, error) { return &Declared{}, nil }

// Request returns the request under the monitor's own filter names, a new message with each call.
func (d *Declared) Request() *pb.SubscribeRequest { return &pb.SubscribeRequest{} }

// Lane returns the key of what is global to a stream: wants of different lanes can never share one.
func (d *Declared) Lane() Lane { return Lane{Commitment: d.Commitment} }
