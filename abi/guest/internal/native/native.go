// Package native stands in for the host and for the module's exports where a monitor is compiled natively: package guest calls Host
// instead of its imports, and package guesttest calls Exports instead of the module. It starts no goroutines.
package native

// Host is the host's side of a call, as the imports of the ABI.
type Host interface {
	Emit(event []byte) int32
	SetError(reason string)
	Log(level int32, message []byte)
	LogLevel() int32
	MetricDefine(kind int32, name string) int32
	MetricAdd(id int32, delta int64)
	MetricSet(id int32, value float64)
	NowMs() int64
}

// Exports is the module's side, as the exports of the ABI. Configure may be called again, unlike in a module.
type Exports struct {
	Configure func(json []byte) int32
	Describe  func() []byte
	Match     func(raw []byte, filters uint64) int32
	Tick      func(unixMs int64) int32
	Save      func() []byte
	Load      func(state []byte) int32
	Bit       func(filter string) (uint, bool) // of a filter by name
	HasTick   func() bool
}

// Current is the host that calls go to: one that refuses everything until a test sets its own. Guests are one thread; guesttest
// serialises its monitors.
var Current Host = none{}

// Guest is set by package guest.
var Guest Exports

type none struct{}

func (none) Emit([]byte) int32                { return -1 }
func (none) SetError(string)                  {}
func (none) Log(int32, []byte)                {}
func (none) LogLevel() int32                  { return 4 }
func (none) MetricDefine(int32, string) int32 { return -1 }
func (none) MetricAdd(int32, int64)           {}
func (none) MetricSet(int32, float64)         {}
func (none) NowMs() int64                     { return 0 }
