package host

import (
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"weir/host/control"
	"weir/host/metrics"
	"weir/host/plugin"
	"weir/host/sandbox"
	"weir/host/upstream"
)

// stateWaiting is what a monitor is shown as while it could run and its streams are not live.
const stateWaiting = "waiting"

// Monitors implements dashboard.Host.
func (h *Host) Monitors() []control.Monitor {
	views, snap := h.supervisor.List(), h.pool.Snapshot()
	list := make([]control.Monitor, len(views))
	for i := range views {
		list[i] = h.row(&views[i], &snap)
	}
	return list
}

// row joins what the supervisor and the pool know of a monitor.
func (h *Host) row(v *plugin.View, snap *upstream.Snapshot) control.Monitor {
	m := control.Monitor{
		Name: v.Name, Version: v.Version, Description: v.Description, Group: v.Group,
		State: string(v.State), Reason: v.Reason, Since: v.Since, ReloadError: v.ReloadError,
		Connections: []string{}, Streams: []string{},
		Counts: counts(v.Metrics), File: v.File, Digest: v.Digest,
	}
	m.InPerSecond, m.MatchedPerSecond = h.rates.monitor(v.Metrics)
	m.LastUpdateAgeMS = ageMS(v.Metrics.LastUpdate.Load())
	if p := placementOf(snap, v.RouteKey); p != nil {
		m.Streams = append(m.Streams, p.Streams...)
		if p.Connection != "" {
			m.Connections = append(m.Connections, p.Connection)
		}
		if v.State == plugin.Running && p.State != upstream.Live {
			m.State, m.Reason = stateWaiting, p.Reason
		}
	} else if v.State == plugin.Running {
		m.State, m.Reason = stateWaiting, "for its place on a connection"
	}
	return m
}

func placementOf(snap *upstream.Snapshot, routeKey string) *upstream.Placement {
	for i := range snap.Monitors {
		if snap.Monitors[i].Monitor == routeKey {
			return &snap.Monitors[i]
		}
	}
	return nil
}

func counts(m *metrics.Monitor) control.Counts {
	return control.Counts{
		In: m.In.Load(), InBytes: m.InBytes.Load(),
		Matched: m.Matched.Load(), Unmatched: m.Unmatched.Load(), Errors: m.Errors.Load(), Dropped: m.Dropped.Load(),
		Queued: m.Queued.Load(), QueuedBytes: m.QueuedBytes.Load(), InFlight: m.InFlight.Load(),
		Events: m.Events.Load(), EventsDropped: m.EventsDropped.Load(), LogsDropped: m.LogsDropped.Load(),
		Traps: m.Traps.Load(), FuelExhausted: m.FuelExhausted.Load(), Restarts: m.Restarts.Load(), Reloads: m.Reloads.Load(),
	}
}

// ageMS is how long ago a time in unix nanoseconds was, nil for never.
func ageMS(at int64) *int64 {
	if at == 0 {
		return nil
	}
	age := max(time.Since(time.Unix(0, at)).Milliseconds(), 0)
	return &age
}

// Monitor implements dashboard.Host.
func (h *Host) Monitor(name string) (*control.MonitorDetail, error) {
	v, err := h.supervisor.Get(name)
	if err != nil {
		return nil, notFound(err)
	}
	snap := h.pool.Snapshot()
	m := v.Metrics
	d := &control.MonitorDetail{
		Monitor: h.row(&v, &snap), Manifest: v.Manifest, Config: v.Config, Filters: filters(&v, &snap),
		FuelLimit: v.FuelLimit, GuestMemory: m.GuestMemory.Load(), Metrics: ownMetrics(v.Own),
		MatchMicros:   quantiles(m.MatchTime.Snapshot(), time.Microsecond),
		QueueWaitMS:   quantiles(m.QueueWait.Snapshot(), time.Millisecond),
		DeliveryLagMS: quantiles(m.DeliveryLag.Snapshot(), time.Millisecond),
	}
	if n := m.MatchTime.Snapshot().Count; n > 0 {
		d.FuelPerUpdate = float64(m.Fuel.Load()) / float64(n)
	}
	if v.LastError != "" {
		d.LastError = &control.MonitorError{At: v.LastErrorAt, Message: v.LastError}
	}
	for _, l := range v.Log {
		d.Log = append(d.Log, control.LogLine(l))
	}
	return d, nil
}

func ownMetrics(values []sandbox.MetricValue) map[string]float64 {
	if len(values) == 0 {
		return nil
	}
	own := make(map[string]float64, len(values))
	for _, v := range values {
		own[v.Name] = v.Value
	}
	return own
}

func quantiles(s metrics.HistogramSnapshot, unit time.Duration) control.Quantiles {
	in := func(d time.Duration) float64 { return float64(d) / float64(unit) }
	return control.Quantiles{P50: in(s.Quantile(0.5)), P99: in(s.Quantile(0.99)), Mean: in(s.Mean())}
}

// filters lists what the monitor declared and what the server was sent for it.
func filters(v *plugin.View, snap *upstream.Snapshot) []control.SentFilter {
	list := []control.SentFilter{}
	if v.Declared == nil {
		return list
	}
	for bit, f := range v.Declared.Filters {
		sent := control.SentFilter{Name: f.Name, Kind: f.Section, Bit: uint8(bit), SentAs: []string{}}
		sent.Request, _ = protojson.Marshal(f.Message)
		for i := range snap.Streams {
			sentOn(&sent, &snap.Streams[i], v.RouteKey)
		}
		list = append(list, sent)
	}
	return list
}

// sentOn adds the names under which the stream's server knows the filter.
func sentOn(sent *control.SentFilter, s *upstream.Stream, routeKey string) {
	for _, r := range s.Routes {
		if r.Monitor != routeKey || r.Bit != sent.Bit || slices.Contains(sent.SentAs, r.Name) {
			continue
		}
		sent.SentAs = append(sent.SentAs, r.Name)
		sent.Stream = s.ID
		sent.Widened = sent.Widened || r.Recheck != nil
	}
}

// Status implements dashboard.Host.
func (h *Host) Status() *control.Status {
	snap := h.pool.Snapshot()
	s := &control.Status{
		Version: h.set.Version, PID: h.pid, StartedAt: h.started, Monitors: map[string]int{},
		Warnings: snap.Warnings, RateLimit: rateLimit(snap.Rate),
		Pool: control.PoolStatus{MaxConnections: h.set.Config.Pool.MaxConnections, MaxStreams: snap.MaxStreams, Streams: len(snap.Streams)},
	}
	for _, e := range h.endpoints {
		s.Endpoints = append(s.Endpoints, control.Endpoint{Name: e.Name, URL: e.URL})
	}
	for _, m := range h.Monitors() {
		s.Monitors[m.State]++
		if m.State == stateWaiting {
			s.Pool.Waiting++
		}
	}
	for _, c := range snap.Connections {
		s.Connections = append(s.Connections, h.connection(&c, &snap))
		s.Pool.Connections++
		switch c.State {
		case upstream.Idle:
			s.Pool.Idle++
		case upstream.Failed:
			s.Pool.Failed++
		case upstream.Connecting, upstream.Waiting:
			s.Pool.Connecting++
		}
	}
	s.Groups = h.groups(&snap)
	return s
}

func (h *Host) groups(snap *upstream.Snapshot) []control.Group {
	per := h.set.Config.Pool.MonitorsPerConnection
	limit := map[upstream.Group]int{upstream.High: per.High, upstream.Medium: per.Medium, upstream.Low: per.Low}
	groups := []control.Group{}
	for _, g := range snap.Groups {
		groups = append(groups, control.Group{
			Name: string(g.Group), Allocated: g.Connections, Connections: g.Used, Monitors: g.Monitors,
			MonitorsPerConnection: limit[g.Group],
		})
	}
	return groups
}

func rateLimit(r upstream.RateLimit) control.RateLimit {
	l := control.RateLimit{
		Limit: r.Limit, WindowMS: r.Window.Milliseconds(), Available: r.Available, Used: r.Used,
		NextTokenMS: r.NextIn.Milliseconds(), Queued: r.Queued,
	}
	if r.Limit > 0 {
		l.PercentUsed = 100 * float64(r.Used) / float64(r.Limit)
	}
	return l
}

func (h *Host) connection(c *upstream.Connection, snap *upstream.Snapshot) control.Connection {
	out := control.Connection{
		ID: c.ID, Endpoint: c.Endpoint, Group: string(c.Group), State: string(c.State), Reason: c.Reason, Since: c.Since,
		Streams: []control.Stream{},
	}
	for i := range snap.Streams {
		if snap.Streams[i].Connection == c.ID {
			out.Streams = append(out.Streams, h.stream(&snap.Streams[i]))
		}
	}
	return out
}

func (h *Host) stream(s *upstream.Stream) control.Stream {
	out := control.Stream{
		ID: s.ID, State: string(s.State), Reason: s.Reason, Since: s.Since, Lane: s.Lane, Monitors: []string{},
		Filters: filterCount(s), Received: s.Counts.Received, ReceivedBytes: s.Counts.ReceivedBytes,
		Unrouted: s.Counts.Unrouted, Reconnects: s.Counts.Reconnects, FilterUpdates: s.Counts.Updates,
		PerSecond: h.rates.stream(s.ID),
	}
	for _, key := range s.Monitors {
		name, _, _ := strings.Cut(key, "~")
		out.Monitors = append(out.Monitors, name)
	}
	if s.Request != nil {
		out.Request, _ = protojson.Marshal(s.Request)
	}
	if at := s.Counts.LastUpdate; !at.IsZero() {
		out.LastMessageAgeMS = ageMS(at.UnixNano())
	}
	return out
}

func filterCount(s *upstream.Stream) int {
	names := map[string]bool{}
	for _, r := range s.Routes {
		names[r.Name] = true
	}
	return len(names)
}
