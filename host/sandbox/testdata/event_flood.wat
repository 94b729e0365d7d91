;; Emits events until that is refused, and says how many were taken.
(module
  (import "weir_v1" "emit" (func $emit (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (func (export "weir_abi_v1"))
  (func (export "weir_alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 16) "{}")
  (func (export "weir_describe") (result i64) (i64.const 0x1000000002))
  (func (export "weir_match") (param i32 i32 i64) (result i32)
    (local $n i32)
    (loop $l
      (if (i32.ge_s (call $emit (i32.const 64) (i32.const 7)) (i32.const 0)) (then (local.set $n (i32.add (local.get $n) (i32.const 1))) (br $l))))
    (local.get $n))
  (data (i32.const 64) "{\"a\":1}"))
