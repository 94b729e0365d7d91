package geyser

import "google.golang.org/grpc/mem"

// Frame is one SubscribeUpdate as gRPC handed it over: raw bytes in one or several reference-counted buffers. It is a
// small value; a copy made by Share owns a reference of its own, a plain copy does not. The zero Frame is empty. A Frame
// is used by one goroutine at a time: a goroutine that gets one gets a share of its own.
type Frame struct {
	data mem.BufferSlice
	own  *block // the bytes, once Compact or Scan moved them into memory of ours; data is nil then
	size int
}

// NewFrame wraps b, which must not be changed afterwards.
func NewFrame(b []byte) Frame {
	return Frame{data: mem.BufferSlice{mem.SliceBuffer(b)}, size: len(b)}
}

// Size returns the length of the message in bytes.
func (f *Frame) Size() int { return f.size }

// Share returns a copy that owns a reference of its own: each of the two must be freed.
func (f *Frame) Share() Frame {
	if f.own != nil {
		f.own.refs.Add(1)
	}
	f.data.Ref()
	return *f
}

// Free gives the frame's reference back and empties it. Freeing an empty frame does nothing.
func (f *Frame) Free() {
	if f.own != nil {
		f.own.release()
	}
	f.data.Free()
	*f = Frame{}
}

// AppendPieces appends the message's bytes from offset skip on to dst, piece by piece and without copying. The pieces
// are valid until the frame is freed.
func (f *Frame) AppendPieces(dst [][]byte, skip int) [][]byte {
	if f.own != nil {
		if skip < f.size {
			dst = append(dst, f.own.bytes[skip:])
		}
		return dst
	}
	for _, b := range f.data {
		p := b.ReadOnlyData()
		if skip >= len(p) {
			skip -= len(p)
			continue
		}
		dst = append(dst, p[skip:])
		skip = 0
	}
	return dst
}

// AppendTo appends a copy of the message's bytes from offset skip on to dst.
func (f *Frame) AppendTo(dst []byte, skip int) []byte {
	if f.own != nil {
		return append(dst, f.own.bytes[min(skip, f.size):]...)
	}
	for _, b := range f.data {
		p := b.ReadOnlyData()
		n := min(skip, len(p))
		dst = append(dst, p[n:]...)
		skip -= n
	}
	return dst
}

// adopt makes b, filled by the caller and with one reference, the frame's bytes.
func (f *Frame) adopt(b *block) {
	f.Free()
	f.own, f.size = b, len(b.bytes)
}

// buffers returns the message's bytes from offset skip on as buffers with references of their own, behind dst.
func (f *Frame) buffers(dst mem.BufferSlice, skip int) mem.BufferSlice {
	if f.own != nil {
		if skip < f.size {
			dst = append(dst, f.own.lend(skip))
		}
		return dst
	}
	for _, b := range f.data {
		n := b.Len()
		if skip >= n {
			skip -= n
			continue
		}
		dst = append(dst, b.Slice(skip, n)) // takes a reference
		skip = 0
	}
	return dst
}
