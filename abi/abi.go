// Package abi is the contract between the Weir host and a monitor (a WebAssembly module): the names of its exports and
// imports, its version, its limits and its manifest. The host and the SDKs for every guest language follow it; the prose is
// in README.md, the reasons in RATIONALE.md. It holds no state and starts no goroutines.
//
// The manifest's parser is left out of wasip1 builds, so that a guest that imports this package for its names does not carry
// encoding/json.
package abi

// Version is the ABI's major version. It is part of the marker export and of the import module's name: a host that speaks
// another major version refuses the module by name. Additions within a version are optional exports.
const Version = 1

// Exports of a monitor. ExportMemory, ExportMarker, ExportAlloc, ExportDescribe and ExportMatch are required, the rest are
// optional.
const (
	ExportMemory     = "memory"
	ExportMarker     = "weir_abi_v1"    // () -> (), never called
	ExportInitialize = "_initialize"    // () -> (), reactors
	ExportAlloc      = "weir_alloc"     // (size i32) -> i32
	ExportDescribe   = "weir_describe"  // () -> i64, ptr<<32 | len
	ExportMatch      = "weir_match"     // (ptr i32, len i32, filters i64) -> i32
	ExportConfigure  = "weir_configure" // (ptr i32, len i32) -> i32
	ExportTick       = "weir_tick"      // (unix_ms i64) -> i32
	ExportSave       = "weir_save"      // () -> i64, ptr<<32 | len
	ExportLoad       = "weir_load"      // (ptr i32, len i32) -> i32
	ExportStart      = "_start"         // refused: a monitor is a reactor, not a command
)

// Imports of a monitor, all of ImportModule and all optional.
const (
	ImportModule       = "weir_v1"
	ImportEmit         = "emit"          // (ptr i32, len i32) -> i32
	ImportSetError     = "set_error"     // (ptr i32, len i32)
	ImportLog          = "log"           // (level i32, ptr i32, len i32)
	ImportLogLevel     = "log_level"     // () -> i32
	ImportMetricDefine = "metric_define" // (kind i32, ptr i32, len i32) -> i32
	ImportMetricAdd    = "metric_add"    // (id i32, delta i64)
	ImportMetricSet    = "metric_set"    // (id i32, value f64)
	ImportNowMs        = "now_ms"        // () -> i64

	// ImportWASI is linked only when a module imports it, without files, sockets or environment.
	ImportWASI = "wasi_snapshot_preview1"
)

// LogLevel is the level argument of log and the result of log_level. A guest skips every message below log_level.
type LogLevel int32

// The log levels, from the least to the most important. LogOff is only ever a result of log_level.
const (
	LogDebug LogLevel = 0
	LogInfo  LogLevel = 1
	LogWarn  LogLevel = 2
	LogError LogLevel = 3
	LogOff   LogLevel = 4
)

var logLevelNames = [...]string{"debug", "info", "warn", "error", "off"}

// String returns the level's lower-case name, "unknown" outside the list.
func (l LogLevel) String() string {
	if l >= 0 && int(l) < len(logLevelNames) {
		return logLevelNames[l]
	}
	return "unknown"
}

// MetricKind is the kind argument of metric_define.
type MetricKind int32

// The metric kinds. A counter takes metric_add only, a gauge metric_set only.
const (
	MetricCounter MetricKind = 0
	MetricGauge   MetricKind = 1
)

// Limits that are part of the contract. What an operator can configure (fuel, pages, rates) belongs to the host.
const (
	// InputBuffer is the size in bytes that the host first asks of weir_alloc; it asks again only for a larger update.
	InputBuffer = 64 << 10
	// InputAlign is the alignment in bytes of the address that weir_alloc returns.
	InputAlign = 8
	// MaxFilters is the number of filters that a manifest may declare: one bit each of weir_match's filters argument.
	MaxFilters = 64
	// MaxNameBytes bounds a monitor's name.
	MaxNameBytes = 64
	// MaxManifestBytes bounds what weir_describe may return.
	MaxManifestBytes = 256 << 10
	// MaxMetrics is the number of metrics that one monitor may define; metric_define answers -1 beyond it.
	MaxMetrics = 16
	// MaxMetricNameBytes bounds a metric's name: lower-case letters, digits and underscores, starting with a letter.
	MaxMetricNameBytes = 64
)

// Defaults of limits that the host's configuration may change; a monitor should work within them.
const (
	DefaultEventBytes   = 16 << 10  // one event
	DefaultEventsPerSec = 10_000    // a monitor's events in one second
	DefaultLogBytes     = 1 << 10   // one log message; the rest is cut
	DefaultLogsPerSec   = 50        // a monitor's log messages in one second
	DefaultStateBytes   = 1 << 20   // what weir_save may return
	DefaultConfigBytes  = 256 << 10 // the operator's config, as JSON
)
