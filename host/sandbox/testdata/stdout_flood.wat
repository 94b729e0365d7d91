;; Writes to stdout without end: 65536 empty lines at a time.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (func (export "weir_abi_v1"))
  (func (export "weir_alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 16) "{}")
  (func (export "weir_describe") (result i64) (i64.const 0x1000000002))
  (func (export "weir_match") (param i32 i32 i64) (result i32)
    (memory.fill (i32.const 0x10000) (i32.const 10) (i32.const 0x10000))
    (i32.store (i32.const 64) (i32.const 0x10000)) (i32.store (i32.const 68) (i32.const 0x10000))
    (loop $l (drop (call $w (i32.const 1) (i32.const 64) (i32.const 1) (i32.const 80))) (br $l))
    (i32.const 0)))
