package geyser

import "google.golang.org/grpc/mem"

// Frame is one SubscribeUpdate as gRPC handed it over: raw bytes in one or several reference-counted buffers. It is a
// small value; a copy made by Share owns a reference of its own, a plain copy does not. The zero Frame is empty.
type Frame struct {
	data mem.BufferSlice
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
	f.data.Ref()
	return *f
}

// Free gives the frame's reference back and empties it. Freeing an empty frame does nothing.
func (f *Frame) Free() {
	f.data.Free()
	*f = Frame{}
}

// AppendPieces appends the message's bytes from offset skip on to dst, piece by piece and without copying. The pieces
// are valid until the frame is freed.
func (f *Frame) AppendPieces(dst [][]byte, skip int) [][]byte {
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
