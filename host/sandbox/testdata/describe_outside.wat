;; The manifest is outside of the memory.
(module
  (memory (export "memory") 4)
  (func (export "weir_abi_v1"))
  (func (export "weir_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "weir_describe") (result i64) (i64.const 0x4000000000001))
  (func (export "weir_match") (param i32 i32 i64) (result i32) (i32.const 0)))
