package upstream

import (
	"fmt"
	"testing"

	"weir/host/geyser"
)

// A provider that allows two streams of five filters has room for more than ten monitors: their filters are widened.
func TestShortOfStreamsFiltersAreWidenedBeforeAnybodyWaits(t *testing.T) {
	set := Settings{MaxConnections: 10, Limits: geyser.Limits{Streams: 2, Filters: geyser.FilterCount{Accounts: 5}}}
	orDefault(&set.Shares, DefaultShares)
	orDefault(&set.MonitorsPerConnection, DefaultMonitorsPerConnection)
	var members []*member
	for i := range 15 {
		members = append(members, &member{want: want(t, fmt.Sprintf("m%02d", i), Medium, byte(i), "")})
	}
	p := makePlan(&state{set: &set, names: new(geyser.Names), nextID: 1}, members)
	if len(p.streams) > 2 || len(p.waiting) > 0 {
		t.Fatalf("%d streams, waiting: %v; want two streams and nobody waiting", len(p.streams), p.waiting)
	}
	served, rechecked := map[string]bool{}, 0
	for _, s := range p.streams {
		if n := len(s.bin.Request.GetAccounts()); n > 5 {
			t.Errorf("%d filters in one stream", n)
		}
		for _, r := range s.bin.Routes {
			served[r.Monitor] = true
			if r.Recheck != nil {
				rechecked++
			}
		}
	}
	if len(served) != len(members) || rechecked == 0 {
		t.Errorf("%d of %d monitors served, %d routes checked again", len(served), len(members), rechecked)
	}
}
