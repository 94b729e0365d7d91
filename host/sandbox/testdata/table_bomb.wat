;; Grows a table without end; refusals are no errors. The value is the number of elements in the end.
(module
  (table $t 0 externref)
  (memory (export "memory") 4)
  (func (export "weir_abi_v1"))
  (func (export "weir_alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 16) "{}")
  (func (export "weir_describe") (result i64) (i64.const 0x1000000002))
  (func (export "weir_match") (param i32 i32 i64) (result i32)
    (loop $l
      (br_if $l (i32.ne (table.grow $t (ref.null extern) (i32.const 1000)) (i32.const -1))))
    (if (i32.ne (table.grow $t (ref.null extern) (i32.const -1)) (i32.const -1)) (then unreachable))
    (table.size $t)))
