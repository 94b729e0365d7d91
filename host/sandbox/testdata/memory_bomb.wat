;; Asks for memory without end, first by pages, then for all there is; refusals are no errors. The value is the
;; number of pages that it got.
(module
  (memory (export "memory") 4)
  (func (export "weir_abi_v1"))
  (func (export "weir_alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 16) "{}")
  (func (export "weir_describe") (result i64) (i64.const 0x1000000002))
  (func (export "weir_match") (param i32 i32 i64) (result i32)
    (local $n i32)
    (loop $l
      (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then (local.set $n (i32.add (local.get $n) (i32.const 1))) (br $l))))
    (if (i32.ne (memory.grow (i32.const 65535)) (i32.const -1)) (then unreachable))
    (if (i32.ne (memory.grow (i32.const -1)) (i32.const -1)) (then unreachable))
    (local.get $n)))
