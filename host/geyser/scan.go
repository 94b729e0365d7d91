package geyser

import "errors"

// ErrMalformed is the class of every error about bytes that are no SubscribeUpdate.
var ErrMalformed = errors.New("malformed SubscribeUpdate")

// Envelope is what Frame.Scan reads of an update without decoding it. It may be reused for the next frame.
type Envelope struct {
	Kind      Kind
	Slot      uint64 // 0 where the kind has none
	CreatedAt int64  // the server's created_at in unix nanoseconds, 0 when it sent none
	Payload   int    // offset of the first byte behind the leading filters field

	names [][]byte
}

// Names returns the server filters that hit, in the server's order. It is valid until the next Scan with this envelope
// or until the frame is freed.
func (e *Envelope) Names() [][]byte { return e.names }

// Scan reads f's envelope into e. Afterwards f has its filters first.
func (f *Frame) Scan(e *Envelope) error { return nil }

// AppendKey appends the update's natural key to dst: equal for two deliveries of the same chain event, whatever their
// filter names and created_at. It appends nothing for kinds without one (ping, pong, unknown).
func (e *Envelope) AppendKey(f *Frame, dst []byte) []byte { return dst }
