package guesttest

import (
	"encoding/json"
	"slices"

	"weir/abi"
)

// host is the host's side of one opened monitor.
type host struct {
	events  []json.RawMessage
	logs    []Log
	reason  string
	metrics map[string]float64
	level   abi.LogLevel
	nowMs   int64
}

// metric is one that the monitor defined. They are the process's, because a monitor defines each once.
type metric struct {
	name string
	kind abi.MetricKind
}

var defined []metric

func newHost() *host { return &host{metrics: make(map[string]float64)} }

func (h *host) Emit(event []byte) int32 {
	if len(event) > abi.DefaultEventBytes {
		return -1
	}
	h.events = append(h.events, slices.Clone(event))
	return 0
}

func (h *host) SetError(reason string) { h.reason = reason }

func (h *host) Log(level int32, message []byte) {
	h.logs = append(h.logs, Log{abi.LogLevel(level), string(message[:min(len(message), abi.DefaultLogBytes)])})
}

func (h *host) LogLevel() int32 { return int32(h.level) }

func (h *host) MetricDefine(kind int32, name string) int32 {
	m := metric{name, abi.MetricKind(kind)}
	if i := slices.Index(defined, m); i >= 0 {
		return int32(i)
	}
	taken := slices.ContainsFunc(defined, func(d metric) bool { return d.name == name })
	if taken || !abi.ValidIdent(name) || len(defined) == abi.MaxMetrics || m.kind != abi.MetricCounter && m.kind != abi.MetricGauge {
		return -1
	}
	defined = append(defined, m)
	return int32(len(defined) - 1)
}

func (h *host) MetricAdd(id int32, delta int64) {
	if m, ok := find(id, abi.MetricCounter); ok && delta >= 0 {
		h.metrics[m.name] += float64(delta)
	}
}

func (h *host) MetricSet(id int32, value float64) {
	if m, ok := find(id, abi.MetricGauge); ok {
		h.metrics[m.name] = value
	}
}

func find(id int32, kind abi.MetricKind) (metric, bool) {
	if id < 0 || int(id) >= len(defined) || defined[id].kind != kind {
		return metric{}, false
	}
	return defined[id], true
}

func (h *host) NowMs() int64 { return h.nowMs }
