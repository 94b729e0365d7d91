package geyser

import (
	"iter"

	"google.golang.org/protobuf/encoding/protowire"
)

// normalise rewrites a well-formed message of a layout that servers do not normally send: filters first, then the other
// fields in their order, with one oneof field at most. Of several oneof fields the last one's kind counts, merged with
// those of the same kind that no other kind follows; merging two messages is joining their bytes.
func (f *Frame) normalise() {
	src := f.AppendTo(make([]byte, 0, f.size), 0)
	oneof, body := lastOneof(src)
	b := newBlock(len(src))
	out := b.bytes[:0]
	for tag, raw := range fields(src) {
		if tag == filtersTag {
			out = append(out, raw...)
		}
	}
	for tag, raw := range fields(src) {
		switch {
		case tag == filtersTag:
		case !isOneof(tag):
			out = append(out, raw...)
		case oneof != 0:
			out = protowire.AppendVarint(out, oneof)
			out = protowire.AppendBytes(out, body)
			oneof = 0
		}
	}
	b.bytes = out
	f.adopt(b)
}

// lastOneof returns the tag of the oneof fields that count, and their joined content.
func lastOneof(src []byte) (oneof uint64, body []byte) {
	for tag, raw := range fields(src) {
		if !isOneof(tag) {
			continue
		}
		if tag != oneof {
			oneof, body = tag, nil
		}
		_, n := protowire.ConsumeVarint(raw)
		content, _ := protowire.ConsumeBytes(raw[n:])
		body = append(body, content...)
	}
	return oneof, body
}

func isOneof(tag uint64) bool {
	num, typ := protowire.DecodeTag(tag)
	return typ == protowire.BytesType && oneofKind(num) != KindUnknown
}

// fields walks over the fields of a well-formed message: tag, and the whole field with it. What protowire refuses after
// all comes last, with the tag 0, so that nothing is lost; the next walk reports it.
func fields(src []byte) iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		for len(src) > 0 {
			num, typ, n := protowire.ConsumeField(src)
			if n < 0 {
				yield(0, src)
				return
			}
			if !yield(protowire.EncodeTag(num, typ), src[:n]) {
				return
			}
			src = src[n:]
		}
	}
}
