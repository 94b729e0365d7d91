package geyser

import (
	"math"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// cursor reads protobuf wire format over a message in pieces without joining them. Its methods report malformed input
// by false; the cursor is then of no more use.
type cursor struct {
	cur  []byte          // unread rest of the current piece
	rest mem.BufferSlice // pieces behind it
	left int             // unread bytes, cur included
}

func (f *Frame) cursor() cursor {
	if f.own != nil {
		return cursor{cur: f.own.bytes, left: f.size}
	}
	return cursor{rest: f.data, left: f.size}
}

// more makes the next piece that has bytes the current one; cur must be used up.
func (c *cursor) more() bool {
	for len(c.cur) == 0 {
		if len(c.rest) == 0 {
			return false
		}
		c.cur = c.rest[0].ReadOnlyData()
		c.rest = c.rest[1:]
	}
	return true
}

// varint reads a varint of up to 10 bytes, as protowire.ConsumeVarint does.
func (c *cursor) varint() (uint64, bool) {
	if len(c.cur) > 0 && c.cur[0] < 0x80 {
		v := uint64(c.cur[0])
		c.cur = c.cur[1:]
		c.left--
		return v, true
	}
	return c.longVarint()
}

func (c *cursor) longVarint() (uint64, bool) {
	var v uint64
	for shift := 0; shift < 70; shift += 7 {
		if !c.more() {
			return 0, false
		}
		b := c.cur[0]
		c.cur = c.cur[1:]
		c.left--
		if shift == 63 && b > 1 {
			return 0, false
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, true
		}
	}
	return 0, false
}

// tag reads a field's number and wire type.
func (c *cursor) tag() (protowire.Number, protowire.Type, bool) {
	v, ok := c.varint()
	num := v >> 3
	return protowire.Number(num), protowire.Type(v & 7), ok && num >= 1 && num <= math.MaxInt32
}

// length reads the length of a length-delimited field and checks it against the unread bytes.
func (c *cursor) length() (int, bool) {
	v, ok := c.varint()
	return int(v), ok && v <= uint64(c.left)
}

// skip passes over n bytes, at most left.
func (c *cursor) skip(n int) bool {
	if n < 0 || n > c.left {
		return false
	}
	c.left -= n
	for n > len(c.cur) {
		n -= len(c.cur)
		c.cur = nil
		if !c.more() {
			return false
		}
	}
	c.cur = c.cur[n:]
	return true
}

// take returns the next n bytes, at most left: in place where one piece holds them, else copied behind *spill.
func (c *cursor) take(n int, spill *[]byte) ([]byte, bool) {
	if n <= len(c.cur) {
		b := c.cur[:n:n]
		c.cur = c.cur[n:]
		c.left -= n
		return b, true
	}
	if n > c.left {
		return nil, false
	}
	c.left -= n
	start := len(*spill)
	for n > 0 {
		if !c.more() {
			return nil, false
		}
		k := min(n, len(c.cur))
		*spill = append(*spill, c.cur[:k]...)
		c.cur = c.cur[k:]
		n -= k
	}
	return (*spill)[start:len(*spill):len(*spill)], true
}

// maxGroupDepth is protobuf-go's limit on nested groups in unknown fields (protowire.DefaultRecursionLimit).
const maxGroupDepth = 10000

// skipValue passes over the value of a field whose tag was just read.
func (c *cursor) skipValue(num protowire.Number, typ protowire.Type) bool {
	switch typ {
	case protowire.VarintType:
		_, ok := c.varint()
		return ok
	case protowire.Fixed32Type:
		return c.skip(4)
	case protowire.Fixed64Type:
		return c.skip(8)
	case protowire.BytesType:
		n, ok := c.length()
		return ok && c.skip(n)
	case protowire.StartGroupType:
		return c.skipGroup(num)
	}
	return false
}

// skipGroup passes over a group, its end tag included. It keeps the open groups in a slice, so that a hostile message
// cannot make it recurse.
func (c *cursor) skipGroup(num protowire.Number) bool {
	open := append(make([]protowire.Number, 0, 8), num)
	for len(open) > 0 {
		num, typ, ok := c.tag()
		switch {
		case !ok:
			return false
		case typ == protowire.StartGroupType:
			if len(open) > maxGroupDepth {
				return false
			}
			open = append(open, num)
		case typ == protowire.EndGroupType:
			if num != open[len(open)-1] {
				return false
			}
			open = open[:len(open)-1]
		case !c.skipValue(num, typ):
			return false
		}
	}
	return true
}

// enter reads the length of a nested message and returns the value of left at its end.
func (c *cursor) enter() (end int, ok bool) {
	n, ok := c.length()
	return c.left - n, ok
}
