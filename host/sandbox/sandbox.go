// Package sandbox runs one monitor's WebAssembly with everything it may use measured and bounded: bytes go in, a verdict and
// events come out. It knows nothing of Solana.
//
// The way of a module: Inspect checks the bytes alone (exports, imports, sizes) and runs nothing; Compile checks them again,
// writes the meter into the code and hands the result to wazero; Instantiate makes one Instance, which belongs to one
// goroutine at a time. An instance that trapped, ran out of fuel, exited or gave a bad pointer is dead: it is never used
// again, while its Module stays good.
//
// The package starts no goroutines. A guest runs on its caller's goroutine and returns to Go every fraction of a
// millisecond, so that a garbage collection never waits for it.
package sandbox
