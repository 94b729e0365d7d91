package guest

import "unsafe"

// The imports of package abi's ImportModule. The names are literal: go:wasmimport takes no constants.

//go:wasmimport weir_v1 emit
//go:noescape
func importEmit(ptr unsafe.Pointer, n int32) int32

//go:wasmimport weir_v1 set_error
//go:noescape
func importSetError(ptr unsafe.Pointer, n int32)

//go:wasmimport weir_v1 log
//go:noescape
func importLog(level int32, ptr unsafe.Pointer, n int32)

//go:wasmimport weir_v1 log_level
func hostLogLevel() int32

//go:wasmimport weir_v1 metric_define
//go:noescape
func importMetricDefine(kind int32, ptr unsafe.Pointer, n int32) int32

//go:wasmimport weir_v1 metric_add
func hostMetricAdd(id int32, delta int64)

//go:wasmimport weir_v1 metric_set
func hostMetricSet(id int32, value float64)

//go:wasmimport weir_v1 now_ms
func hostNowMs() int64

func hostEmit(b []byte) int32 { return importEmit(unsafe.Pointer(unsafe.SliceData(b)), int32(len(b))) }

func hostSetError(s string) {
	importSetError(unsafe.Pointer(unsafe.StringData(s)), int32(len(s)))
}

func hostLog(level int32, b []byte) {
	importLog(level, unsafe.Pointer(unsafe.SliceData(b)), int32(len(b)))
}

func hostMetricDefine(kind int32, name string) int32 {
	return importMetricDefine(kind, unsafe.Pointer(unsafe.StringData(name)), int32(len(name)))
}
