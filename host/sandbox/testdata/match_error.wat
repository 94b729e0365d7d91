;; Answers with an error and its reason, every time.
(module
  (import "weir_v1" "set_error" (func $e (param i32 i32)))
  (memory (export "memory") 4)
  (func (export "weir_abi_v1"))
  (func (export "weir_alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 16) "{}")
  (func (export "weir_describe") (result i64) (i64.const 0x1000000002))
  (func (export "weir_match") (param i32 i32 i64) (result i32)
    (call $e (i32.const 64) (i32.const 11))
    (i32.const -5))
  (data (i32.const 64) "no such \ffkey"))
