;; Waits for the end of time, and for two thousand million things.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $p (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (func (export "weir_abi_v1"))
  (func (export "weir_alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 16) "{}")
  (func (export "weir_describe") (result i64) (i64.const 0x1000000002))
  (func (export "weir_match") (param i32 i32 i64) (result i32)
    (i64.store (i32.const 1048) (i64.const 0x7fffffffffffffff))
    (loop $l
      (drop (call $p (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 4096)))
      (drop (call $p (i32.const 1024) (i32.const 2048) (i32.const 0x7fffffff) (i32.const 4096)))
      (br $l))
    (i32.const 0)))
