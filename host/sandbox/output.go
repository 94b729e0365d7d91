package sandbox

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// output is what a guest hands out during one call. Its memory is reused, so that a call allocates nothing once it is warm.
type output struct {
	events [][]byte
	bytes  []byte // what events point into
	reason []byte
}

func (o *output) reset() {
	o.events, o.bytes, o.reason = o.events[:0], o.bytes[:0], o.reason[:0]
}

// add copies an event. Earlier events stay valid when the memory moves: they keep the old one.
func (o *output) add(event []byte) {
	start := len(o.bytes)
	o.bytes = append(o.bytes, event...)
	e := o.bytes[start:len(o.bytes):len(o.bytes)]
	oneLine(e)
	o.events = append(o.events, e)
}

// oneLine makes an event fit for a line of its own: outside of strings valid JSON has no control characters but white space,
// and inside none at all.
func oneLine(e []byte) {
	for k, c := range e {
		if c < ' ' {
			e[k] = ' '
		}
	}
}

// isObject reports whether b is one JSON object in valid UTF-8.
func isObject(b []byte) bool {
	t := bytes.TrimLeft(b, " \t\r\n")
	return len(t) > 0 && t[0] == '{' && utf8.Valid(b) && json.Valid(b)
}

// quota counts in windows of one second.
type quota struct {
	start int64 // unix milliseconds of the window's begin
	used  int
}

// take reports whether one more fits into the window that ms lies in. A clock that goes back begins a new window.
func (q *quota) take(ms int64, limit int) bool {
	if ms-q.start >= 1000 || ms < q.start {
		q.start, q.used = ms, 0
	}
	if q.used >= limit {
		return false
	}
	q.used++
	return true
}
