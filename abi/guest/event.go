package guest

import "strconv"

// Event is one event under construction: a JSON object that starts with its type. There is one at a time: NewEvent reuses the
// buffer of the one before, so an event costs no allocation.
type Event struct {
	o object
}

var event Event

// NewEvent begins an event of a declared type. It is sent with Emit; one that is not emitted is dropped.
func NewEvent(typ string) *Event {
	event.o.buf = event.o.buf[:0]
	event.o.open()
	event.o.text("type", typ)
	return &event
}

// Key adds a key or any other bytes as base58 text (TypePubkey). A nil key is left out: it was not in the bytes.
func (e *Event) Key(name string, key []byte) *Event {
	if key == nil {
		return e
	}
	e.o.name(name)
	e.o.buf = append(e.o.buf, '"')
	e.o.buf = AppendBase58(e.o.buf, key)
	e.o.buf = append(e.o.buf, '"')
	return e
}

// Str adds a text (TypeString). Bytes that are no UTF-8 become U+FFFD.
func (e *Event) Str(name, value string) *Event {
	e.o.text(name, value)
	return e
}

// Text adds a text (TypeString) from bytes, as Str does. Nil bytes are left out: they were not there.
func (e *Event) Text(name string, value []byte) *Event {
	if value == nil {
		return e
	}
	e.o.name(name)
	e.o.buf = appendString(e.o.buf, value)
	return e
}

// Bytes adds bytes as base64 text (TypeBytes). Nil bytes are left out.
func (e *Event) Bytes(name string, value []byte) *Event {
	if value == nil {
		return e
	}
	e.o.name(name)
	e.o.buf = append(e.o.buf, '"')
	e.o.buf = appendBase64(e.o.buf, value)
	e.o.buf = append(e.o.buf, '"')
	return e
}

// U64String adds an unsigned integer as a decimal string (TypeU64).
func (e *Event) U64String(name string, v uint64) *Event {
	e.o.u64(name, v)
	return e
}

// I64String adds a signed integer as a decimal string (TypeI64).
func (e *Event) I64String(name string, v int64) *Event {
	e.o.name(name)
	e.o.buf = append(e.o.buf, '"')
	e.o.buf = strconv.AppendInt(e.o.buf, v, 10)
	e.o.buf = append(e.o.buf, '"')
	return e
}

// Int adds an integer as a JSON number (TypeU32, TypeI32). Readers of JSON are exact only up to 2^53: beyond, use I64String.
func (e *Event) Int(name string, v int64) *Event {
	e.o.name(name)
	e.o.buf = strconv.AppendInt(e.o.buf, v, 10)
	return e
}

// Bool adds true or false (TypeBool).
func (e *Event) Bool(name string, v bool) *Event {
	e.o.bool(name, v)
	return e
}

// Raw adds a value that is JSON already. It is written as it is.
func (e *Event) Raw(name string, json []byte) *Event {
	e.o.name(name)
	e.o.buf = append(e.o.buf, json...)
	return e
}

// Len returns the event's size in bytes so far.
func (e *Event) Len() int { return len(e.o.buf) }

// Emit hands the event to the host, tied to the update that is being matched. It is false where the host refused it, over quota or
// over size. Emitted events count only when Match then returns more than zero.
func (e *Event) Emit() bool {
	e.o.close()
	return hostEmit(e.o.buf) >= 0
}
