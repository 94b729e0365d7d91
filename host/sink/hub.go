// Package sink is where matched updates and events leave the host. The Hub hands each match to whoever subscribed to its
// monitor, through a bounded queue of their own: a slow reader loses and is told how much, routing never waits.
//
// The package starts no goroutines: Publish runs on the monitor's worker, readers bring their own.
package sink

import (
	"slices"
	"sync"
	"sync/atomic"

	"weir/host/geyser"
)

// Match is one matched update with the events that match emitted for it. It is borrowed: valid until Publish returns.
type Match struct {
	Monitor   string
	Frame     *geyser.Frame // nil for events of a tick
	Payload   int           // offset in Frame behind the server's filter names
	Kind      geyser.Kind
	Slot      uint64
	CreatedAt int64 // unix nanoseconds, 0 when unknown
	Value     int32 // what match returned: the monitor's own tag, > 0
	Events    [][]byte
}

// Hub spreads matches over subscriptions. Its methods may be called from any goroutine.
type Hub struct {
	mu   sync.Mutex // serialises changes of subs
	subs atomic.Pointer[map[string][]*Subscription]
}

// NewHub returns a hub that nobody has subscribed to.
func NewHub() *Hub {
	h := &Hub{}
	h.subs.Store(&map[string][]*Subscription{})
	return h
}

// Publish offers m to the monitor's subscriptions. Without any it is one map look-up, and m stays on the caller's stack.
func (h *Hub) Publish(m *Match) {
	subs := (*h.subs.Load())[m.Monitor]
	if len(subs) == 0 {
		return
	}
	shown := *m // what a Take gets escapes to the heap: only this copy does
	for _, s := range subs {
		s.offer(&shown)
	}
}

// Subscribe starts collecting what the monitor matches, as take turns it into records. Close the subscription when done.
func (h *Hub) Subscribe(monitor string, queue int, take Take) *Subscription {
	s := &Subscription{hub: h, monitor: monitor, take: take, records: make(chan []byte, queue)}
	h.change(func(all map[string][]*Subscription) {
		all[monitor] = append(slices.Clone(all[monitor]), s)
	})
	return s
}

// Subscribers returns how many subscriptions are open, over all monitors.
func (h *Hub) Subscribers() int {
	n := 0
	for _, subs := range *h.subs.Load() {
		n += len(subs)
	}
	return n
}

func (h *Hub) change(edit func(map[string][]*Subscription)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	old := *h.subs.Load()
	all := make(map[string][]*Subscription, len(old)+1)
	for name, subs := range old {
		all[name] = subs
	}
	edit(all)
	h.subs.Store(&all)
}
