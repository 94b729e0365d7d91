package router

import (
	"weir/host/geyser"
)

// table maps the filter names of one stream to the queues behind them. It is built once and never changed: a change of
// routes or of attached monitors makes a new one.
type table struct {
	byName map[string][]target
}

// target is one declared filter of one monitor.
type target struct {
	queue   *Queue
	filters uint64          // the bit of the monitor's declared filter
	recheck *geyser.Matcher // the filter as declared, where the server was given a wider one; else nil
}

// newTable resolves routes; those of monitors without a queue are left out.
func newTable(routes []geyser.Route, queues map[string]*Queue) *table {
	t := &table{byName: make(map[string][]target, len(routes))}
	for _, r := range routes {
		if q := queues[r.Monitor]; q != nil {
			t.byName[r.Name] = append(t.byName[r.Name], target{queue: q, filters: 1 << r.Bit, recheck: r.Recheck})
		}
	}
	return t
}
