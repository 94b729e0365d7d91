package geyser

import (
	"fmt"

	pb "github.com/rpcpool/yellowstone-grpc/examples/golang/proto"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// normalise rewrites a well-formed message of a layout that servers do not normally send.
func (f *Frame) normalise(w walked) error {
	src := f.AppendTo(make([]byte, 0, f.size), 0)
	if w == walkMerged {
		var err error
		if src, err = remarshal(src); err != nil {
			return err
		}
	}
	b := newBlock(len(src))
	b.bytes = appendFields(b.bytes[:0], src, true)
	b.bytes = appendFields(b.bytes, src, false)
	f.adopt(b)
	return nil
}

// remarshal lets the protobuf library sort out several oneof fields: the last one counts, merged with those of the same
// kind directly before it.
func remarshal(src []byte) ([]byte, error) {
	var u pb.SubscribeUpdate
	if err := proto.Unmarshal(src, &u); err != nil {
		return nil, fmt.Errorf("%w of %d bytes: %w", ErrMalformed, len(src), err)
	}
	return proto.Marshal(&u)
}

// appendFields appends src's filters fields, or all its other fields, in their order. src is well-formed.
func appendFields(dst, src []byte, filters bool) []byte {
	for len(src) > 0 {
		num, typ, n := protowire.ConsumeField(src)
		if n < 0 {
			return append(dst, src...) // not met on what a walk has passed; the next walk reports it
		}
		if (num == 1 && typ == protowire.BytesType) == filters {
			dst = append(dst, src[:n]...)
		}
		src = src[n:]
	}
	return dst
}
