package geyser

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrMalformed is the class of every error about bytes that are no SubscribeUpdate.
var ErrMalformed = errors.New("malformed SubscribeUpdate")

// Envelope is what Frame.Scan reads of an update without decoding it. It is meant to be reused for the next frame; it
// belongs to one goroutine.
type Envelope struct {
	Kind      Kind
	Slot      uint64 // 0 where the kind has none
	CreatedAt int64  // the server's created_at in unix nanoseconds, 0 when it sent none
	Payload   int    // offset of the first byte behind the leading filters field

	names [][]byte
	spill []byte // names that lie across pieces

	body, bodyEnd int // where the oneof field's content lies
}

// Names returns the server filters that hit, in the server's order. It is valid until the next Scan with this envelope
// or until the frame is freed.
func (e *Envelope) Names() [][]byte { return e.names }

// SubscribeUpdate.created_at, and Timestamp's fields.
const (
	createdAtField = 11
	secondsField   = 1
	nanosField     = 2
)

// Scan reads f's envelope into e without copying or decoding, whatever the pieces the message comes in. It knows what
// proto.Unmarshal would make of the bytes (fields in any order, unknown ones, repeated ones, merged messages); a message
// that a server does not normally send, with filters behind other fields or with more than one oneof field, is rewritten
// into a buffer of f's own, filters first. Anything from e.Payload on is then the update without its filters. After an
// error, which is an ErrMalformed, f is unchanged; it still has to be freed.
func (f *Frame) Scan(e *Envelope) error {
	switch f.walk(e) {
	case walkPlain:
		return nil
	case walkMalformed:
		return fmt.Errorf("%w of %d bytes", ErrMalformed, f.size)
	default:
		f.normalise()
		if f.walk(e) != walkPlain {
			return fmt.Errorf("%w of %d bytes: no plain form", ErrMalformed, f.size)
		}
		return nil
	}
}

// walked tells what a walk over the message's fields met.
type walked uint8

const (
	walkPlain walked = iota
	walkOdd          // filters behind other fields, or several oneof fields
	walkMalformed
)

func (f *Frame) walk(e *Envelope) walked {
	*e = Envelope{names: e.names[:0], spill: e.spill[:0], Payload: -1}
	c := f.cursor()
	var at stamp
	result := walkPlain
	for c.left > 0 {
		start := f.size - c.left
		num, typ, ok := c.tag()
		if !ok {
			return walkMalformed
		}
		if num == 1 && typ == protowire.BytesType {
			if e.Payload >= 0 {
				result = walkOdd
			}
			ok = c.name(e)
		} else {
			if e.Payload < 0 {
				e.Payload = start
			}
			switch kind := oneofKind(num); {
			case typ != protowire.BytesType:
				ok = c.skipValue(num, typ)
			case num == createdAtField:
				ok = c.stamp(&at)
			case kind == KindUnknown:
				ok = c.skipValue(num, typ)
			case e.Kind != KindUnknown:
				result, ok = walkOdd, c.skipValue(num, typ)
			default:
				e.Kind = kind
				ok = c.slot(e, f.size)
			}
		}
		if !ok {
			return walkMalformed
		}
	}
	if e.Payload < 0 {
		e.Payload = f.size
	}
	e.CreatedAt = at.seconds*1e9 + int64(at.nanos)
	return result
}

// name reads one value of the filters field.
func (c *cursor) name(e *Envelope) bool {
	n, ok := c.length()
	if !ok {
		return false
	}
	name, ok := c.take(n, &e.spill)
	e.names = append(e.names, name)
	return ok
}

// stamp is a Timestamp; several created_at fields merge into one.
type stamp struct {
	seconds int64
	nanos   int32
}

func (c *cursor) stamp(s *stamp) bool {
	end, ok := c.enter()
	if !ok {
		return false
	}
	for c.left > end {
		num, typ, ok := c.tag()
		if !ok {
			return false
		}
		if typ != protowire.VarintType || num > nanosField {
			if !c.skipValue(num, typ) {
				return false
			}
			continue
		}
		v, ok := c.varint()
		if !ok {
			return false
		}
		if num == secondsField {
			s.seconds = int64(v)
		} else {
			s.nanos = int32(v)
		}
	}
	return c.left == end
}

// slot reads the slot of the oneof field whose tag was just read and passes over the rest of it. size is the frame's.
func (c *cursor) slot(e *Envelope, size int) bool {
	end, ok := c.enter()
	if !ok {
		return false
	}
	e.body, e.bodyEnd = size-c.left, size-end
	field := protowire.Number(layouts[e.Kind].slot)
	for c.left > end {
		num, typ, ok := c.tag()
		if !ok {
			return false
		}
		if num == field && typ == protowire.VarintType {
			if e.Slot, ok = c.varint(); !ok {
				return false
			}
		} else if !c.skipValue(num, typ) {
			return false
		}
	}
	return c.left == end
}

// oneofKind returns the kind of a field of SubscribeUpdate's oneof, KindUnknown for other fields.
func oneofKind(num protowire.Number) Kind {
	if num >= 2 && num <= 10 || num == 12 {
		return Kind(num)
	}
	return KindUnknown
}
