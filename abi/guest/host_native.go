//go:build !wasip1

package guest

import "weir/abi/guest/internal/native"

// The native twins of the imports and exports: package guesttest stands in for the host.

func hostEmit(b []byte) int32           { return native.Current.Emit(b) }
func hostSetError(s string)             { native.Current.SetError(s) }
func hostLog(level int32, b []byte)     { native.Current.Log(level, b) }
func hostLogLevel() int32               { return native.Current.LogLevel() }
func hostMetricAdd(id int32, d int64)   { native.Current.MetricAdd(id, d) }
func hostMetricSet(id int32, v float64) { native.Current.MetricSet(id, v) }
func hostNowMs() int64                  { return native.Current.NowMs() }

func hostMetricDefine(kind int32, name string) int32 {
	return native.Current.MetricDefine(kind, name)
}

func init() {
	native.Guest = native.Exports{
		Configure: callConfigure,
		Describe:  callDescribe,
		Match:     callMatch,
		Tick:      callTick,
		Save:      callSave,
		Load:      callLoad,
		Bit:       func(name string) (uint, bool) { return monitor.Manifest.Subscribe.bit(name) },
		HasTick:   func() bool { return monitor.Tick != nil },
	}
}
