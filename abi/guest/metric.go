package guest

import "weir/abi"

// Counter is a number that only grows, shown on the monitor's page.
type Counter struct{ id metricID }

// Gauge is a number of the moment, shown on the monitor's page.
type Gauge struct{ id metricID }

// metricID defines its metric at first use: a monitor's package variables are set before the host is there to ask.
type metricID struct {
	name    string
	kind    abi.MetricKind
	id      int32
	defined bool
}

// NewCounter declares a counter: lower-case letters, digits and underscores, starting with a letter. A monitor has a few metrics
// (abi.MaxMetrics); one too many, or a name that is none, is not counted and is reported in the monitor's log.
func NewCounter(name string) *Counter {
	return &Counter{metricID{name: name, kind: abi.MetricCounter}}
}

// NewGauge declares a gauge, named as a counter is.
func NewGauge(name string) *Gauge { return &Gauge{metricID{name: name, kind: abi.MetricGauge}} }

// Add adds n, which must not be negative.
func (c *Counter) Add(n int64) {
	if id := c.id.get(); id >= 0 {
		hostMetricAdd(id, n)
	}
}

// Inc adds one.
func (c *Counter) Inc() { c.Add(1) }

// Set sets the gauge.
func (g *Gauge) Set(v float64) {
	if id := g.id.get(); id >= 0 {
		hostMetricSet(id, v)
	}
}

func (m *metricID) get() int32 {
	if !m.defined {
		m.defined = true
		if m.id = hostMetricDefine(int32(m.kind), m.name); m.id < 0 {
			Warn("the host refused a metric").Str("name", m.name).Send()
		}
	}
	return m.id
}

// NowMs returns the monitor's clock in milliseconds since 1970: the update's created_at, else the last one seen, else 0, so that a
// replay gives the same answers as the live stream.
func NowMs() int64 { return hostNowMs() }
