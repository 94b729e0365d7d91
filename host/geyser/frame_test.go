package geyser

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"google.golang.org/grpc/mem"
)

// loans is a gRPC buffer pool that counts what was not given back.
type loans struct{ out int }

func (l *loans) Get(n int) *[]byte { l.out++; b := make([]byte, n); return &b }
func (l *loans) Put(*[]byte)       { l.out-- }

// received puts b into a Codec the way gRPC does: views of 16 KiB transport buffers, and a reference that gRPC keeps.
func (l *loans) received(t testing.TB, b []byte, f *Frame) {
	t.Helper()
	var data mem.BufferSlice
	for rest := b; len(rest) > 0; {
		buf := l.Get(transportBuffer)
		n := copy((*buf)[100:], rest)
		whole := mem.NewBuffer(buf, l)
		data = append(data, whole.Slice(100, 100+n))
		whole.Free()
		rest = rest[n:]
	}
	if err := (Codec{}).Unmarshal(data, f); err != nil {
		t.Fatal(err)
	}
	data.Free()
}

func TestFrameReferences(t *testing.T) {
	usual := slices.Concat(AppendNames(nil, "a"), field(3, varint(1, 7)))
	scattered := slices.Concat(field(3, slices.Concat(varint(1, 7), field(4, make([]byte, 3000)))), AppendNames(nil, "a"))
	large := slices.Concat(usual, field(90, make([]byte, 40000)))
	for name, tc := range map[string]struct {
		message []byte
		use     func(t *testing.T, f *Frame)
	}{
		"free":            {usual, func(t *testing.T, f *Frame) {}},
		"free twice":      {usual, func(t *testing.T, f *Frame) { f.Free() }},
		"share":           {large, func(t *testing.T, f *Frame) { s := f.Share(); f.Free(); s.Free() }},
		"compact":         {usual, func(t *testing.T, f *Frame) { f.Compact(); f.Compact() }},
		"compact shared":  {usual, func(t *testing.T, f *Frame) { s := f.Share(); f.Compact(); f.Free(); s.Free() }},
		"share compacted": {usual, func(t *testing.T, f *Frame) { f.Compact(); s := f.Share(); f.Free(); s.Free() }},
		"rewrite":         {scattered, func(t *testing.T, f *Frame) { scan(t, f); s := f.Share(); f.Free(); s.Free() }},
		"rewrite shared":  {scattered, func(t *testing.T, f *Frame) { s := f.Share(); scan(t, f); s.Free() }},
		"malformed":       {[]byte{0x80}, func(t *testing.T, f *Frame) { _ = f.Scan(new(Envelope)) }},
		"received over":   {usual, func(t *testing.T, f *Frame) { new(loans).received(t, usual, f) }},
		"marshal":         {large, func(t *testing.T, f *Frame) { marshalled(t, f).Free() }},
		"marshal own":     {scattered, func(t *testing.T, f *Frame) { scan(t, f); marshalled(t, f).Free() }},
		"outgoing":        {large, func(t *testing.T, f *Frame) { marshalled(t, &Outgoing{Payload: *f, Skip: 17000}).Free() }},
		"outgoing outlive": {scattered, func(t *testing.T, f *Frame) {
			scan(t, f)
			b := marshalled(t, &Outgoing{Payload: *f})
			f.Free()
			b.Free()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var l loans
			var f Frame
			l.received(t, tc.message, &f)
			tc.use(t, &f)
			f.Free()
			if l.out != 0 || f.Size() != 0 || f.Retained() != 0 {
				t.Errorf("%d buffers out, size %d, retained %d", l.out, f.Size(), f.Retained())
			}
		})
	}
}

func scan(t testing.TB, f *Frame) *Envelope {
	t.Helper()
	e := new(Envelope)
	if err := f.Scan(e); err != nil {
		t.Fatal(err)
	}
	return e
}

func marshalled(t testing.TB, v any) mem.BufferSlice {
	t.Helper()
	b, err := Codec{}.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCompactKeepsShares(t *testing.T) {
	message := slices.Concat(AppendNames(nil, "a"), field(3, varint(1, 7)))
	var l loans
	var f Frame
	l.received(t, message, &f)
	if got := f.Retained(); got < len(message) || got != transportBuffer {
		t.Errorf("retained %d before", got)
	}
	s := f.Share()
	f.Compact()
	if got := f.Retained(); got < len(message) || got > 2*minBlock {
		t.Errorf("retained %d after", got)
	}
	if l.out != 1 {
		t.Errorf("%d transport buffers out, want the share's", l.out)
	}
	for _, g := range []*Frame{&f, &s} {
		if got := g.AppendTo(nil, 0); !bytes.Equal(got, message) {
			t.Errorf("bytes %x, want %x", got, message)
		}
	}
	s.Free()
	f.Free()
}

func TestBlockFreedTwicePanics(t *testing.T) {
	f := NewFrame(make([]byte, 10, 1000))
	f.Compact()
	copied := f
	f.Free()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	copied.Free()
}

func TestPieces(t *testing.T) {
	message := make([]byte, 500)
	for i := range message {
		message[i] = byte(i)
	}
	own := NewFrame(slices.Grow(slices.Clone(message), 5000))
	own.Compact()
	for name, f := range map[string]Frame{"one": NewFrame(message), "split": split(message, 3), "own": own} {
		for _, skip := range []int{0, 1, 99, 499, 500, 501} {
			want := message[min(skip, 500):]
			if got := bytes.Join(f.AppendPieces(nil, skip), nil); !bytes.Equal(got, want) {
				t.Errorf("%s: pieces from %d differ", name, skip)
			}
			if got := f.AppendTo([]byte("x"), skip); !bytes.Equal(got[1:], want) {
				t.Errorf("%s: copy from %d differs", name, skip)
			}
			sent := marshalled(t, &Outgoing{Prefix: []byte("pre"), Payload: f, Skip: skip})
			if got := sent.Materialize(); string(got) != "pre"+string(want) {
				t.Errorf("%s: sent from %d differs", name, skip)
			}
		}
	}
}

func TestSizeClasses(t *testing.T) {
	for n := 1; n <= maxBlock; n++ {
		class, size := sizeClass(n)
		if class < 0 || class >= len(blockPools) || size < n || n > minBlock && size > n+n/2 {
			t.Fatalf("%d bytes: class %d of %d", n, class, size)
		}
		if n > 1 {
			if before, sizeBefore := sizeClass(n - 1); before == class != (size == sizeBefore) || before > class {
				t.Fatalf("%d bytes: class %d of %d, one less: %d of %d", n, class, size, before, sizeBefore)
			}
		}
	}
}

func ExampleAppendNames() {
	prefix := AppendNames(nil, "a", "b")
	update := NewFrame([]byte{3<<3 | 2, 2, 1 << 3, 42}) // slot 42
	for range 2 {                                       // clients with the same names
		sent, _ := Codec{}.Marshal(&Outgoing{Prefix: prefix, Payload: update})
		fmt.Printf("%x\n", sent.Materialize())
	}
	// Output:
	// 0a01610a01621a02082a
	// 0a01610a01621a02082a
}
