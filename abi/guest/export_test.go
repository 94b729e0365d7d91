package guest

// JSON closes the event and returns its text, in place of Emit.
func (e *Event) JSON() []byte {
	e.o.close()
	return e.o.buf
}

// Reset makes u read other bytes, as a module does between calls of Match.
func Reset(u *Update, raw []byte, filters uint64) { u.reset(raw, filters) }
