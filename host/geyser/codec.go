package geyser

import (
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
)

// Codec is a gRPC codec named "proto" that hands a *Frame the raw bytes of a message, by reference and undecoded, and
// sends a *Frame or an *Outgoing as it is. Every other value is marshalled as a protobuf message. It has no state.
type Codec struct{}

var _ encoding.CodecV2 = Codec{}

// Outgoing is a message to send that is encoded once and shared by many clients: Prefix (a client's own filter names,
// AppendNames makes them) and then Payload from offset Skip on.
type Outgoing struct {
	Prefix  []byte // not to be changed after sending
	Payload Frame  // the sender keeps its reference
	Skip    int
}

// AppendNames appends names as the `filters` field of a SubscribeUpdate.
func AppendNames(dst []byte, names ...string) []byte { return dst }

// Name returns "proto".
func (Codec) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (Codec) Marshal(v any) (mem.BufferSlice, error) { return nil, nil }

// Unmarshal implements encoding.CodecV2. A *Frame's former bytes are freed first.
func (Codec) Unmarshal(data mem.BufferSlice, v any) error { return nil }
