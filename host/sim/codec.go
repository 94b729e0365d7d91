package sim

import (
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec for everything but outgoing messages
	"google.golang.org/grpc/mem"
)

// outgoing is one message of a stream: the names of its filters, and a body that it shares with other streams. Either
// may be nil.
type outgoing struct {
	names mem.Buffer
	body  mem.Buffer
}

// wireCodec sends an *outgoing as it is; all else goes to gRPC's own codec. The real server's field order (filters,
// oneof, created_at) comes from this, as proto.Marshal would put created_at before the oneof.
type wireCodec struct{ encoding.CodecV2 }

func newWireCodec() wireCodec { return wireCodec{encoding.GetCodecV2("proto")} }

// Marshal implements encoding.CodecV2. The buffers are plain slices, which need no references counted.
func (c wireCodec) Marshal(v any) (mem.BufferSlice, error) {
	o, ok := v.(*outgoing)
	if !ok {
		return c.CodecV2.Marshal(v)
	}
	switch {
	case o.names == nil && o.body == nil:
		return nil, nil
	case o.names == nil:
		return mem.BufferSlice{o.body}, nil
	case o.body == nil:
		return mem.BufferSlice{o.names}, nil
	}
	return mem.BufferSlice{o.names, o.body}, nil
}

// size returns the message's length in bytes.
func (o *outgoing) size() int {
	n := 0
	if o.names != nil {
		n += o.names.Len()
	}
	if o.body != nil {
		n += o.body.Len()
	}
	return n
}
