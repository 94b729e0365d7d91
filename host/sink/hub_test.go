package sink

import (
	"fmt"
	"sync"
	"testing"

	"weir/host/geyser"
)

func match(monitor string, events ...string) *Match {
	m := &Match{Monitor: monitor, Value: 1}
	for _, e := range events {
		m.Events = append(m.Events, []byte(e))
	}
	return m
}

func TestReadersGetTheirMonitorsRecordsInOrder(t *testing.T) {
	h := NewHub()
	h.Publish(match("a", "too early"))
	one, two := h.Subscribe("a", 10, Events), h.Subscribe("a", 10, Events)
	h.Publish(match("a", "1", "2"))
	h.Publish(match("b", "another monitor's"))
	two.Close()
	two.Close()
	h.Publish(match("a", "3"))
	for _, want := range []string{"1", "2", "3"} {
		if got := string(<-one.Records()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if len(two.Records()) != 2 || len(one.Records()) != 0 || h.Subscribers() != 1 {
		t.Errorf("the closed reader has %d, the other one %d; %d subscriptions", len(two.Records()), len(one.Records()), h.Subscribers())
	}
}

func TestRecordsOutliveTheMatch(t *testing.T) {
	h := NewHub()
	events, updates := h.Subscribe("a", 1, Events), h.Subscribe("a", 1, Updates)
	borrowed := []byte(`{"n":1}`)
	frame := geyser.NewFrame([]byte("namesbody"))
	h.Publish(&Match{Monitor: "a", Frame: &frame, Payload: 5, Value: 1, Events: [][]byte{borrowed}})
	copy(borrowed, "XXXXXXX")
	if got := string(<-events.Records()); got != `{"n":1}` {
		t.Errorf("event %s", got)
	}
	if got := string(<-updates.Records()); got != "body" {
		t.Errorf("update %s, want it without the names", got)
	}
	h.Publish(match("a", "of a tick"))
	if len(updates.Records()) != 0 {
		t.Error("a tick has no update")
	}
}

func TestSlowReaderLosesAloneAndIsTold(t *testing.T) {
	h := NewHub()
	slow, fast := h.Subscribe("a", 2, Events), h.Subscribe("a", 100, Events)
	for i := range 10 {
		h.Publish(match("a", fmt.Sprint(i)))
	}
	if slow.Dropped() != 8 || fast.Dropped() != 0 || len(fast.Records()) != 10 {
		t.Errorf("slow dropped %d, fast dropped %d and has %d", slow.Dropped(), fast.Dropped(), len(fast.Records()))
	}
	if got := string(<-slow.Records()); got != "0" {
		t.Errorf("kept %s, want the first", got)
	}
}

func TestReadersComeAndGoWhileMatchesFlow(t *testing.T) {
	h := NewHub()
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 200 {
				s := h.Subscribe("a", 1, Events)
				s.Close()
			}
		})
	}
	for i := range 1000 {
		h.Publish(match("a", fmt.Sprint(i)))
	}
	readers.Wait()
	if n := h.Subscribers(); n != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
}
