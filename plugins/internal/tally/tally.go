// Package tally keeps the outcome of looking at one update: how many events it holds, and what could not be read.
package tally

import "weir/abi/guest"

// Tally is a monitor's count of one update, and its metrics. It is made once and reset for every update.
type Tally struct {
	events    int32
	malformed string // why the last unreadable item could not be read

	unreadable *guest.Counter
	tails      *guest.Counter
}

// New returns a tally with its metrics: malformed counts what should have been readable and was not, unknown_tail counts what was
// longer than the newest known layout.
func New() *Tally {
	return &Tally{unreadable: guest.NewCounter("malformed"), tails: guest.NewCounter("unknown_tail")}
}

// Reset begins another update.
func (t *Tally) Reset() { t.events, t.malformed = 0, "" }

// Emit hands an event to the host. One that the host refuses, over its quota, still makes the update a match.
func (t *Tally) Emit(e *guest.Event) {
	e.Emit()
	t.events++
}

// Malformed notes that something could not be read.
func (t *Tally) Malformed(reason string) {
	t.malformed = reason
	t.unreadable.Inc()
}

// Tail notes how many bytes of a layout are unknown, 0 for none.
func (t *Tally) Tail(n int) {
	if n > 0 {
		t.tails.Inc()
	}
}

// Result returns what Match returns: the number of events. Where nothing could be emitted and something was unreadable, it is an
// error; beside good events, which an error would lose, the unreadable is only logged.
func (t *Tally) Result(u *guest.Update) int32 {
	if u.Malformed() && t.malformed == "" {
		t.Malformed("the update is no valid SubscribeUpdate")
	}
	switch {
	case t.malformed == "":
		return t.events
	case t.events == 0:
		guest.SetError(t.malformed)
		return -1
	}
	guest.Warn(t.malformed).U64("slot", u.Slot()).Send()
	return t.events
}
