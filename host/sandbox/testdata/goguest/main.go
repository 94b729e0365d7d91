//go:build wasip1

// Command goguest is a monitor for the sandbox's tests and benchmarks: it walks the fields of the bytes that it is given, as a
// real one does, and emits an event when it finds the needle. Its config drives what tests need.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
	"unsafe"
)

func main() {}

//go:wasmimport weir_v1 emit
func emit(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport weir_v1 set_error
func setError(ptr unsafe.Pointer, n uint32)

//go:wasmimport weir_v1 log
func log(level int32, ptr unsafe.Pointer, n uint32)

//go:wasmimport weir_v1 metric_define
func metricDefine(kind int32, ptr unsafe.Pointer, n uint32) int32

//go:wasmimport weir_v1 metric_add
func metricAdd(id int32, delta int64)

//go:wasmimport weir_v1 now_ms
func nowMs() int64

var (
	input    []byte
	manifest = []byte(`{"name":"goguest","version":"1.0.0"}`)
	needle   = []byte("needle")
	fields   = int32(-1)
	calls    int
	state    uint64
	event    = make([]byte, 0, 256)
	sink     [][]byte
)

//go:wasmexport weir_abi_v1
func marker() {}

//go:wasmexport weir_alloc
func alloc(n uint32) uint32 {
	input = make([]byte, n)
	return uint32(uintptr(unsafe.Pointer(&input[0])))
}

//go:wasmexport weir_describe
func describe() uint64 {
	name := []byte("fields")
	fields = metricDefine(0, unsafe.Pointer(&name[0]), uint32(len(name)))
	return uint64(uintptr(unsafe.Pointer(&manifest[0])))<<32 | uint64(len(manifest))
}

//go:wasmexport weir_configure
func configure(ptr, n uint32) int32 {
	if bytes.Contains(input[:n], []byte("refuse")) {
		reason := []byte("this config is refused")
		setError(unsafe.Pointer(&reason[0]), uint32(len(reason)))
		return -7
	}
	return 0
}

//go:wasmexport weir_match
func match(ptr, n uint32, filters uint64) int32 {
	if calls++; calls%64 == 0 {
		runtime.Gosched()
	}
	found, count := walk(input[:n], 0)
	state += uint64(count)
	if fields >= 0 {
		metricAdd(fields, int64(count))
	}
	switch {
	case bytes.HasPrefix(input[:n], []byte("panic!")):
		panic("as asked")
	case bytes.HasPrefix(input[:n], []byte("exit!")):
		os.Exit(3)
	case bytes.HasPrefix(input[:n], []byte("loop!")):
		for {
			state++
		}
	case bytes.HasPrefix(input[:n], []byte("alloc!")):
		for k := range 1 << 20 {
			sink = append(sink, make([]byte, 1<<20))
			_ = k
		}
	case bytes.HasPrefix(input[:n], []byte("print!")):
		fmt.Println("a line\nanother", calls)
		fmt.Fprintln(os.Stderr, "an error")
	case bytes.HasPrefix(input[:n], []byte("sleep!")):
		t := time.Now()
		time.Sleep(time.Hour)
		if time.Since(t) < time.Hour {
			return -1
		}
		return 5
	}
	if !found {
		return 0
	}
	event = append(event[:0], `{"type":"found","filters":"`...)
	event = strconv.AppendUint(event, filters, 10)
	event = append(event, `","now":`...)
	event = strconv.AppendInt(event, nowMs(), 10)
	event = append(event, '}')
	emit(unsafe.Pointer(&event[0]), uint32(len(event)))
	return 1
}

// walk goes through protobuf fields, into those that parse, and looks for the needle.
func walk(b []byte, depth int) (found bool, count int) {
	for len(b) > 0 {
		tag, k := binary.Uvarint(b)
		if k <= 0 || tag>>3 == 0 {
			return found, count
		}
		b = b[k:]
		count++
		switch tag & 7 {
		case 0:
			_, k := binary.Uvarint(b)
			if k <= 0 {
				return found, count
			}
			b = b[k:]
		case 1:
			if len(b) < 8 {
				return found, count
			}
			b = b[8:]
		case 2:
			n, k := binary.Uvarint(b)
			if k <= 0 || n > uint64(len(b)-k) {
				return found, count
			}
			part := b[k : k+int(n)]
			b = b[k+int(n):]
			if bytes.Equal(part, needle) {
				found = true
			}
			if depth < 6 {
				f, c := walk(part, depth+1)
				found, count = found || f, count+c
			}
		case 5:
			if len(b) < 4 {
				return found, count
			}
			b = b[4:]
		default:
			return found, count
		}
	}
	return found, count
}

//go:wasmexport weir_tick
func tick(unixMs int64) int32 {
	event = append(append(event[:0], `{"calls":`...), strconv.Itoa(calls)...)
	event = append(event, '}')
	return emit(unsafe.Pointer(&event[0]), uint32(len(event))) + 2
}

var saved [8]byte

//go:wasmexport weir_save
func save() uint64 {
	binary.LittleEndian.PutUint64(saved[:], state)
	return uint64(uintptr(unsafe.Pointer(&saved[0])))<<32 | 8
}

//go:wasmexport weir_load
func load(ptr, n uint32) int32 {
	if n != 8 {
		return -1
	}
	state = binary.LittleEndian.Uint64(input[:8])
	return 0
}
