;; Copies half of the memory, both ways, over and over.
(module
  (memory (export "memory") 1024)
  (func (export "weir_abi_v1"))
  (func (export "weir_alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 16) "{}")
  (func (export "weir_describe") (result i64) (i64.const 0x1000000002))
  (func (export "weir_match") (param i32 i32 i64) (result i32)
    (loop $l
      (memory.copy (i32.const 0) (i32.const 0x1ffffff) (i32.const 0x2000000))
      (memory.copy (i32.const 0x1ffffff) (i32.const 0) (i32.const 0x2000000))
      (br $l))
    (i32.const 0)))
