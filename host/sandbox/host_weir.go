package sandbox

import (
	"bytes"
	"math"

	"weir/abi"
)

// weirFunctions are the functions of abi.ImportModule; see abi/README.md.
func weirFunctions() map[string]hostFunction {
	return map[string]hostFunction{
		abi.ImportEmit:         {signature("ii", "i"), emit},
		abi.ImportSetError:     {signature("ii", ""), setError},
		abi.ImportLog:          {signature("iii", ""), logMessage},
		abi.ImportLogLevel:     {signature("", "i"), logLevel},
		abi.ImportMetricDefine: {signature("iii", "i"), metricDefine},
		abi.ImportMetricAdd:    {signature("iI", ""), metricAdd},
		abi.ImportMetricSet:    {signature("iF", ""), metricSetValue},
		abi.ImportNowMs:        {signature("", "I"), nowMs},
	}
}

// Answers of emit.
const (
	emitted      = 0
	overQuota    = -1 // too many or too large
	notAnObject  = -2 // no JSON object in UTF-8
	jsonCost     = 8  // fuel per byte: checking JSON is that much slower than copying
	maxErrorSize = 1 << 10
)

func result(stack []uint64, v int32) { stack[0] = uint64(uint32(v)) }

func emit(i *Instance, stack []uint64) {
	event := i.bytes(abi.ImportEmit, stack[0], stack[1])
	result(stack, i.emit(event))
}

func (i *Instance) emit(event []byte) int32 {
	answer := int32(emitted)
	switch {
	case len(event) > i.lim.EventBytes || len(i.output.events) >= i.lim.EventsPerUpdate:
		answer = overQuota
	default:
		i.charge(int64(len(event)) * jsonCost)
		if !isObject(event) {
			answer = notAnObject
		} else if !i.guest.NoRates && !i.events.take(i.now(), i.lim.EventsPerSecond) {
			answer = overQuota
		}
	}
	if answer != emitted {
		if i.guest.Counts != nil {
			i.guest.Counts.EventsDropped.Inc()
		}
		return answer
	}
	i.output.add(event)
	return answer
}

// now is the time for quotas, unix milliseconds.
func (i *Instance) now() int64 {
	if i.guest.Clock != nil {
		return i.guest.Clock()
	}
	return i.clock.ms
}

func setError(i *Instance, stack []uint64) {
	b := i.bytes(abi.ImportSetError, stack[0], stack[1])
	b = b[:min(len(b), maxErrorSize)]
	i.chargeBytes(uint32(len(b)))
	i.output.reason = append(i.output.reason[:0], bytes.ToValidUTF8(b, []byte("?"))...)
}

func logMessage(i *Instance, stack []uint64) {
	level := abi.LogLevel(int32(uint32(stack[0])))
	i.log(min(max(level, abi.LogDebug), abi.LogError), i.bytes(abi.ImportLog, stack[1], stack[2]))
}

// log hands one message on, within the quota. msg may be the guest's memory.
func (i *Instance) log(level abi.LogLevel, msg []byte) {
	if i.guest.Log == nil || level < i.guest.LogLevel {
		return
	}
	if !i.guest.NoRates && !i.logs.take(i.now(), i.lim.LogsPerSecond) {
		if i.guest.Counts != nil {
			i.guest.Counts.LogsDropped.Inc()
		}
		return
	}
	if len(msg) > i.lim.LogBytes {
		msg = msg[:i.lim.LogBytes]
	}
	if !i.Dead() {
		i.chargeBytes(uint32(len(msg)))
	}
	i.guest.Log(level, bytes.ToValidUTF8(msg, []byte("?")))
}

func logLevel(i *Instance, stack []uint64) {
	level := i.guest.LogLevel
	if i.guest.Log == nil {
		level = abi.LogOff
	}
	result(stack, int32(level))
}

func metricDefine(i *Instance, stack []uint64) {
	name := i.bytes(abi.ImportMetricDefine, stack[1], stack[2])
	name = name[:min(len(name), abi.MaxMetricNameBytes+1)]
	i.chargeBytes(uint32(len(name)))
	result(stack, i.sets.define(abi.MetricKind(int32(uint32(stack[0]))), string(name), i.lim.Metrics))
}

func metricAdd(i *Instance, stack []uint64) { i.sets.add(uint32(stack[0]), int64(stack[1])) }

func metricSetValue(i *Instance, stack []uint64) {
	i.sets.set(uint32(stack[0]), math.Float64frombits(stack[1]))
}

func nowMs(i *Instance, stack []uint64) { stack[0] = uint64(i.clock.ms) }
