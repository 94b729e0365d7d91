// Package guest is the Go SDK for Weir monitors. A monitor declares what it wants from the stream and a function that looks at
// each update; this package speaks the plugin ABI (package abi) for it.
//
// A monitor is package main with an init function that calls Register and an empty main function, built as a reactor:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o my-monitor.wasm .
//
// The same code compiles natively, so a monitor is tested with plain go test through package guesttest.
//
// # Updates
//
// Match is called once for every update that hit one of the monitor's filters. Update reads the raw protobuf bytes in place:
// nothing is decoded before it is asked for, and every []byte that a reader returns points into the update. Such slices, and
// every reader, are valid until Match returns; copy what has to live longer. A reader never panics on malformed bytes: what
// cannot be read is absent, and Update.Malformed tells.
//
// # Cost
//
// A guest is paid for in fuel, so what is written here avoids allocation, reflection, fmt and encoding/json. A monitor that does
// the same keeps its module small (see abi/README.md) and its match near a microsecond.
//
// A guest is one thread: nothing here is safe for concurrent use, and a monitor has no use for goroutines.
package guest
