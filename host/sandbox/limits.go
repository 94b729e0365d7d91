package sandbox

import (
	"fmt"

	"weir/abi"
)

// Limits bound what one monitor may be and do. Each is inclusive; DefaultLimits fills all of them. A zero is a limit of zero,
// not "unlimited".
type Limits struct {
	FileBytes int64 // the module's file, checked before it is read

	Types         int // function types
	Params        int // parameters, and results, of one function type
	Imports       int
	Functions     int // functions with a body
	FunctionBytes int // one function's body
	Locals        int // locals of one function, parameters included
	Nesting       int // blocks inside each other in one function
	LoopNesting   int // loops inside each other in one function
	BranchTable   int // targets of one br_table
	Work          int // one function's locals × its branches × the loops around each: what a compiler's time and memory grow with
	ModuleWork    int // the sum of that over all functions
	Globals       int
	Exports       int
	Tables        int
	TableElements uint32 // of one table, declared or grown
	Elements      int    // element segments, and the elements in all of them together
	DataSegments  int
	DataBytes     int    // all data segments together
	MemoryPages   uint32 // pages of 64 KiB, declared or grown
	NameBytes     int    // the name section; a larger one is dropped, which costs names in stack traces only

	Fuel         int64 // one weir_match or weir_tick; about one per instruction
	LoadFuel     int64 // start function, _initialize, and each of weir_configure, weir_save and weir_load
	DescribeFuel int64 // one weir_describe

	EventBytes      int // one event
	EventsPerUpdate int
	EventsPerSecond int
	LogBytes        int // one log message; the rest is cut
	LogsPerSecond   int
	Metrics         int
	ManifestBytes   int
	StateBytes      int // what weir_save may return, and weir_load may get
	ConfigBytes     int // what weir_configure may get
	InputBytes      int // one update
}

// DefaultLimits returns limits that the SDKs' monitors stay well within. A Go guest has about 2000 functions and 2 MB; its
// largest function, the runtime's, sets what FunctionBytes and Work must allow.
func DefaultLimits() Limits {
	return Limits{
		FileBytes: 16 << 20,

		Types:         4096,
		Params:        64,
		Imports:       256,
		Functions:     40_000,
		FunctionBytes: 1 << 20,
		Locals:        4096,
		Nesting:       4096,
		LoopNesting:   64,
		BranchTable:   16_384,
		Work:          2 << 20, // fifty times what the largest function of Go's runtime needs
		ModuleWork:    64 << 20,
		Globals:       1024,
		Exports:       1024,
		Tables:        8,
		TableElements: 65_536,
		Elements:      131_072,
		DataSegments:  131_072, // Go leaves the zeros out: a small guest has 31,000
		DataBytes:     16 << 20,
		MemoryPages:   1024, // 64 MiB
		NameBytes:     4 << 20,

		Fuel:         50_000_000,    // 3 to 15 ms
		LoadFuel:     2_000_000_000, // below 1 s: a Go runtime's start takes a hundredth of it
		DescribeFuel: 500_000_000,

		EventBytes:      abi.DefaultEventBytes,
		EventsPerUpdate: 256,
		EventsPerSecond: abi.DefaultEventsPerSec,
		LogBytes:        abi.DefaultLogBytes,
		LogsPerSecond:   abi.DefaultLogsPerSec,
		Metrics:         abi.MaxMetrics,
		ManifestBytes:   abi.MaxManifestBytes,
		StateBytes:      abi.DefaultStateBytes,
		ConfigBytes:     abi.DefaultConfigBytes,
		InputBytes:      64 << 20, // the largest message that the host receives
	}
}

// maxPages is what 32 bits can address.
const maxPages = 65_536

// check refuses limits under which no monitor could run or that the arithmetic of the meter cannot hold.
func (l *Limits) check() error {
	switch {
	case l.Fuel <= 0 || l.LoadFuel <= 0 || l.DescribeFuel <= 0:
		return fmt.Errorf("sandbox limits: fuel must be positive (fuel %d, load %d, describe %d)", l.Fuel, l.LoadFuel, l.DescribeFuel)
	case max(l.Fuel, l.LoadFuel, l.DescribeFuel) > maxFuel:
		return fmt.Errorf("sandbox limits: fuel above %d", int64(maxFuel))
	case l.MemoryPages == 0 || l.MemoryPages > maxPages:
		return fmt.Errorf("sandbox limits: memory of %d pages, want 1 to %d", l.MemoryPages, maxPages)
	case l.FileBytes <= 0 || l.FileBytes > 1<<30:
		return fmt.Errorf("sandbox limits: file of %d bytes, want 1 to %d", l.FileBytes, 1<<30)
	}
	return nil
}
