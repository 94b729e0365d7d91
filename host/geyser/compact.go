package geyser

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc/mem"
)

// grpc-go reads each HTTP/2 DATA frame into one buffer and splits messages off it without copying, so that a message
// keeps whole DATA frames in memory. Frames of up to 1 KiB are plain slices of their own length; larger ones come from a
// pool with buffers of 4 or 16 KiB, the largest frame that it accepts (grpc-go 1.85: internal/transport/http_util.go,
// mem/buffer_pool.go).
const transportBuffer = 16 << 10

// CompactLimit is the size in bytes up to which Compact copies a message. A larger one fills most of the transport
// buffers that it keeps.
const CompactLimit = transportBuffer

// Retained returns the bytes of memory that the frame keeps from being reused, an upper estimate: a transport buffer may
// be shared with neighbouring messages, and each of them counts it in full.
func (f *Frame) Retained() int {
	if f.own != nil {
		return cap(f.own.bytes)
	}
	n := 0
	for _, b := range f.data {
		c := cap(b.ReadOnlyData())
		if _, plain := b.(mem.SliceBuffer); !plain && c > 0 {
			c = max(c, transportBuffer) // a view hides how much of its buffer lies before it
		}
		n += c
	}
	return n
}

// Compact copies a message of up to CompactLimit bytes into a right-sized buffer of ours when it keeps more than twice
// its size in memory, and gives the transport's buffers back. Shares made before keep those. Compact before sharing.
func (f *Frame) Compact() {
	if f.own != nil || f.size > CompactLimit || f.Retained() <= 2*f.size {
		return
	}
	b := newBlock(f.size)
	b.bytes = f.AppendTo(b.bytes[:0], 0)
	f.adopt(b)
}

// block is a reference-counted buffer of our own. Unlike grpc's, whose smallest kind and whose slice are allocated each
// time, it comes back to a pool whatever its size.
type block struct {
	refs  atomic.Int32
	class int // index in blockPools, -1 for none
	bytes []byte
}

// Sizes of pooled blocks: powers of two and their halfway marks, so that at most a third is wasted.
const (
	minBlock = 64
	maxBlock = CompactLimit
)

var blockPools [18]sync.Pool // *block, by sizeClass

// sizeClass returns the class that holds n bytes and its size, for n <= maxBlock.
func sizeClass(n int) (class, size int) {
	if n <= minBlock {
		return 0, minBlock
	}
	k := bits.Len(uint(n-1)) - bits.Len(minBlock-1) // n fits in minBlock<<k, but not in half of it
	if half := minBlock << (k - 1) * 3 / 2; n <= half {
		return 2*k - 1, half
	}
	return 2 * k, minBlock << k
}

// newBlock returns a block with one reference and n bytes of undefined content.
func newBlock(n int) *block {
	if n > maxBlock {
		b := &block{class: -1, bytes: make([]byte, n)}
		b.refs.Store(1)
		return b
	}
	class, size := sizeClass(n)
	b, ok := blockPools[class].Get().(*block)
	if !ok {
		b = &block{class: class, bytes: make([]byte, size)}
	}
	b.bytes = b.bytes[:n]
	b.refs.Store(1)
	return b
}

func (b *block) release() {
	switch n := b.refs.Add(-1); {
	case n < 0:
		panic("geyser: frame freed more often than shared")
	case n == 0 && b.class >= 0:
		blockPools[b.class].Put(b)
	}
}

// lend returns the bytes from offset skip on as a gRPC buffer that gives a reference back when it is freed. gRPC never
// frees buffers that are too small to pool; those are copied.
func (b *block) lend(skip int) mem.Buffer {
	rest := b.bytes[skip:]
	if mem.IsBelowBufferPoolingThreshold(cap(rest)) {
		return mem.SliceBuffer(append([]byte(nil), rest...))
	}
	b.refs.Add(1)
	return mem.NewBuffer(&rest, lease{b})
}

// lease is the pool to which a lent buffer goes back.
type lease struct{ b *block }

// Get is never called: grpc only returns to a buffer's own pool.
func (l lease) Get(n int) *[]byte { b := make([]byte, n); return &b }

// Put ends the lease.
func (l lease) Put(*[]byte) { l.b.release() }
