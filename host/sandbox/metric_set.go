package sandbox

import (
	"math"
	"sync/atomic"

	"weir/abi"
)

// metricSet holds the metrics of one guest. The guest's goroutine writes, any goroutine reads.
type metricSet struct{ list atomic.Pointer[[]*metric] }

type metric struct {
	name string
	kind abi.MetricKind
	bits atomic.Uint64 // a counter's count, a gauge's float64
}

func (s *metricSet) all() []*metric {
	if l := s.list.Load(); l != nil {
		return *l
	}
	return nil
}

// define returns the metric's id, -1 when it cannot be had. The same name and kind give the same id again.
func (s *metricSet) define(kind abi.MetricKind, name string, limit int) int32 {
	list := s.all()
	for id, m := range list {
		if m.name == name {
			if m.kind == kind {
				return int32(id)
			}
			return -1
		}
	}
	if len(list) >= limit || (kind != abi.MetricCounter && kind != abi.MetricGauge) || !isMetricName(name) {
		return -1
	}
	// A new list each time: readers hold the old one.
	grown := append(list[:len(list):len(list)], &metric{name: name, kind: kind})
	s.list.Store(&grown)
	return int32(len(list))
}

func isMetricName(s string) bool {
	for k, c := range []byte(s) {
		if letter := c >= 'a' && c <= 'z'; !letter && (k == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return len(s) > 0 && len(s) <= abi.MaxMetricNameBytes
}

func (s *metricSet) get(id uint32, kind abi.MetricKind) *metric {
	if list := s.all(); int64(id) < int64(len(list)) && list[id].kind == kind {
		return list[id]
	}
	return nil
}

// add raises a counter; a counter never falls.
func (s *metricSet) add(id uint32, delta int64) {
	if m := s.get(id, abi.MetricCounter); m != nil && delta > 0 {
		m.bits.Add(uint64(delta))
	}
}

// set sets a gauge, to numbers only: JSON has no others.
func (s *metricSet) set(id uint32, v float64) {
	if m := s.get(id, abi.MetricGauge); m != nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		m.bits.Store(math.Float64bits(v))
	}
}

// Metrics copies the metrics that the guest defined. May be called from any goroutine.
func (i *Instance) Metrics() []MetricValue {
	list := i.sets.all()
	values := make([]MetricValue, 0, len(list))
	for _, m := range list {
		v := MetricValue{Name: m.name, Kind: m.kind, Value: float64(m.bits.Load())}
		if m.kind == abi.MetricGauge {
			v.Value = math.Float64frombits(m.bits.Load())
		}
		values = append(values, v)
	}
	return values
}
