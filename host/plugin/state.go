package plugin

import (
	"fmt"
	"slices"
)

// State is where a monitor stands. Changes follow a fixed machine; see next.
type State string

// The states. `degraded` and the waiting for a connection are seen from outside the sandbox; the host adds them.
const (
	Loading     State = "loading"     // read, checked, compiled, instantiated
	Running     State = "running"     // an instance takes updates
	Restarting  State = "restarting"  // its instance died; a new one follows after a back-off
	Quarantined State = "quarantined" // died too often in a row; `weir enable` tries again
	Disabled    State = "disabled"    // by the operator; its code is never run
	Draining    State = "draining"    // no new updates; what is queued is still matched
	Failed      State = "failed"      // its file cannot be loaded
)

// next lists what each state may become.
var next = map[State][]State{
	"":          {Loading, Disabled, Failed, Quarantined},
	Loading:     {Running, Failed, Disabled, Draining},
	Running:     {Restarting, Quarantined, Draining, Disabled},
	Restarting:  {Running, Quarantined, Draining, Disabled},
	Quarantined: {Loading, Disabled, Draining},
	Disabled:    {Loading, Draining},
	Failed:      {Loading, Disabled, Draining},
	Draining:    {Disabled, Loading},
}

// mayBecome reports whether the machine allows the change. A state may always be confirmed with a new reason.
func (s State) mayBecome(to State) bool {
	return s == to || slices.Contains(next[s], to)
}

// TransitionError is a change that the machine does not allow: a mistake of the host, not of the monitor.
type TransitionError struct {
	Monitor  string
	From, To State
}

func (e *TransitionError) Error() string {
	return fmt.Sprintf("monitor %s cannot go from %q to %q", e.Monitor, e.From, e.To)
}
