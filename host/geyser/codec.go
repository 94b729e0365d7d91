package geyser

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// Codec is a gRPC codec named "proto" that hands a *Frame the raw bytes of a message, by reference and undecoded, and
// sends a *Frame or an *Outgoing as it is. Every other value is marshalled as a protobuf message. It has no state. Use it
// with grpc.ForceCodecV2 or grpc.ForceServerCodecV2; it does not register itself.
type Codec struct{}

var _ encoding.CodecV2 = Codec{}

// Outgoing is a message to send that is encoded once and shared by many clients: Prefix (one client's filter names, made
// by AppendNames) and then Payload from offset Skip on. Neither is copied; the sender keeps its own reference to Payload,
// and Prefix must never change afterwards, since gRPC may write it later.
type Outgoing struct {
	Prefix  []byte
	Payload Frame
	Skip    int
}

// filtersTag is the tag of SubscribeUpdate.filters: field 1, length-delimited.
const filtersTag = 1<<3 | 2

// AppendNames appends names to dst as the `filters` field of a SubscribeUpdate, which is its first.
func AppendNames(dst []byte, names ...string) []byte {
	for _, n := range names {
		dst = append(dst, filtersTag)
		dst = protowire.AppendString(dst, n)
	}
	return dst
}

// Name returns "proto": the messages are protobuf on the wire.
func (Codec) Name() string { return "proto" }

// Marshal implements encoding.CodecV2. gRPC frees what it returns.
func (Codec) Marshal(v any) (mem.BufferSlice, error) {
	switch v := v.(type) {
	case *Frame:
		return v.buffers(nil, 0), nil
	case *Outgoing:
		return v.buffers(), nil
	case proto.Message:
		return marshalMessage(v)
	}
	return nil, fmt.Errorf("geyser: cannot marshal %T: want *Frame, *Outgoing or a protobuf message", v)
}

// Unmarshal implements encoding.CodecV2. A *Frame gets a reference of its own; what it held before is freed first.
func (Codec) Unmarshal(data mem.BufferSlice, v any) error {
	switch v := v.(type) {
	case *Frame:
		v.Free()
		data.Ref()
		v.data, v.size = data, data.Len()
		return nil
	case proto.Message:
		b := data.MaterializeToBuffer(mem.DefaultBufferPool())
		defer b.Free()
		return proto.Unmarshal(b.ReadOnlyData(), v)
	}
	return fmt.Errorf("geyser: cannot unmarshal into %T: want *Frame or a protobuf message", v)
}

func (o *Outgoing) buffers() mem.BufferSlice {
	out := make(mem.BufferSlice, 0, 1+len(o.Payload.data)+1)
	if len(o.Prefix) > 0 {
		out = append(out, mem.SliceBuffer(o.Prefix))
	}
	return o.Payload.buffers(out, o.Skip)
}

func marshalMessage(m proto.Message) (mem.BufferSlice, error) {
	size := proto.Size(m)
	opts := proto.MarshalOptions{UseCachedSize: true} // of the call above
	if mem.IsBelowBufferPoolingThreshold(size) {
		b, err := opts.Marshal(m)
		if err != nil {
			return nil, err
		}
		return mem.BufferSlice{mem.SliceBuffer(b)}, nil
	}
	pool := mem.DefaultBufferPool()
	b := pool.Get(size)
	if _, err := opts.MarshalAppend((*b)[:0], m); err != nil {
		pool.Put(b)
		return nil, err
	}
	return mem.BufferSlice{mem.NewBuffer(b, pool)}, nil
}
