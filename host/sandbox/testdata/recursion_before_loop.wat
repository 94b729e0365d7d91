;; Endless recursion in front of a loop that is never reached: the loop's test must not stand for the function's.
(module
  (memory (export "memory") 4)
  (func (export "weir_abi_v1"))
  (func (export "weir_alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 16) "{}")
  (func (export "weir_describe") (result i64) (i64.const 0x1000000002))
  (func (export "weir_match") (param i32 i32 i64) (result i32)
    (call $f (i32.const 1)))
  (func $f (param i32) (result i32)
    (if (local.get 0) (then (return (call $f (local.get 0)))))
    (loop $l (br_if $l (local.get 0)))
    (i32.const 0)))
