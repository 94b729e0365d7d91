;; A monitor that behaves: it counts the bytes that it was given, and emits one event for each call with a filter bit set.
(module
  (import "weir_v1" "emit" (func $emit (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (func (export "weir_abi_v1"))
  (func (export "weir_alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 16) "{}")
  (func (export "weir_describe") (result i64) (i64.const 0x1000000002))
  (func (export "weir_match") (param i32 i32 i64) (result i32)
    (global.set $seen (i32.add (global.get $seen) (local.get 1)))
    (if (i64.ne (local.get 2) (i64.const 0)) (then (drop (call $emit (i32.const 64) (i32.const 7)))))
    (global.get $seen))
  (global $seen (mut i32) (i32.const 0))
  (data (i32.const 64) "{\"a\":1}"))
