;; Every construct that the meter treats in its own way, in one function each, so that a difference is easy to find. The
;; value is a sum over all of them; the first byte of the input decides which ways are taken.
(module
  (type $ii (func (param i32) (result i32)))
  (memory (export "memory") 8 12)
  (table $funcs 8 funcref)
  (table $refs 4 20 externref)
  (elem (table $funcs) (i32.const 0) func $early $typed)
  (elem $more func $dispatch $loops)
  (data (i32.const 16) "{}")
  (data $late "late data that is copied in pieces")
  (global $g0 (export "g0") (mut i32) (i32.const 1))
  (global $g1 (export "g1") (mut i64) (i64.const 2))
  (func (export "weir_abi_v1"))
  (func (export "weir_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "weir_describe") (result i64) (i64.const 0x1000000002))
  (func (export "weir_match") (param $ptr i32) (param $len i32) (param $filters i64) (result i32)
    (local $n i32)
    (local.set $n (i32.add (i32.load8_u (local.get $ptr)) (local.get $len)))
    (global.set $g0 (local.get $n))
    (i32.add (call $early (local.get $n))
    (i32.add (call $typed (local.get $n))
    (i32.add (call $dispatch (i32.and (local.get $n) (i32.const 7)))
    (i32.add (call $loops (i32.and (local.get $n) (i32.const 31)))
    (i32.add (call $outer_return (local.get $n))
    (i32.add (call $bulk (i32.and (local.get $n) (i32.const 1023)))
    (i32.add (call $tables (i32.and (local.get $n) (i32.const 7)))
    (i32.add (call $grow (i32.and (local.get $n) (i32.const 1)))
    (i32.add (call $deep (i32.and (local.get $n) (i32.const 255)))
    (i32.add (call $vectors (local.get $n))
             (call $empty_arms (local.get $n)))))))))))))

  ;; returns from inside of blocks, conditionally and not
  (func $early (type $ii)
    (if (i32.lt_u (local.get 0) (i32.const 10)) (then (return (i32.const 1))))
    (block $b (br_if $b (i32.lt_u (local.get 0) (i32.const 100))) (return (i32.const 2)))
    (local.get 0))

  ;; blocks and loops with parameters and several results
  (func $typed (type $ii) (local i64)
    (local.get 0)
    (block $two (param i32) (result i32 i64)
      (i64.const 40)
      (br_if $two (i32.and (local.get 0) (i32.const 1)))
      (drop)
      (i64.const 50))
    (local.set 1)
    (loop $down (param i32) (result i32)
      (i32.shr_u (i32.const 1))
      (local.tee 0)
      (br_if $down (i32.gt_u (local.get 0) (i32.const 3))))
    (i32.add (i32.wrap_i64 (local.get 1)))
    (if (param i32) (result i32) (i32.and (local.get 0) (i32.const 2))
      (then (i32.add (i32.const 100)))
      (else (i32.mul (i32.const 3)))))

  ;; a dispatcher loop over a br_table, as Go's code is made of
  (func $dispatch (type $ii) (local $pc i32) (local $sum i32)
    (local.set $pc (local.get 0))
    (loop $again
      (block $out
        (block $three (block $two (block $one (block $zero
          (br_table $zero $one $two $three $out (local.get $pc)))
          (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
          (local.set $pc (i32.const 2))
          (br $again))
          (local.set $sum (i32.add (local.get $sum) (i32.const 10)))
          (local.set $pc (i32.const 3))
          (br $again))
          (local.set $sum (i32.add (local.get $sum) (i32.const 100)))
          (local.set $pc (i32.const 1))
          (br $again))
        (local.set $sum (i32.add (local.get $sum) (i32.const 1000)))))
    (local.get $sum))

  ;; loops inside each other, left and entered again from all depths; code behind loops; dead code with blocks
  (func $loops (type $ii) (local $i i32) (local $j i32) (local $sum i32)
    (block $done
      (loop $outer
        (br_if $done (i32.ge_u (local.get $i) (local.get 0)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.set $j (i32.const 0))
        (loop $inner
          (local.set $j (i32.add (local.get $j) (i32.const 1)))
          (br_if $outer (i32.eq (i32.add (local.get $i) (local.get $j)) (i32.const 9)))
          (local.set $sum (i32.add (local.get $sum) (local.get $j)))
          (br_if $inner (i32.lt_u (local.get $j) (local.get $i))))
        (local.set $sum (i32.xor (local.get $sum) (i32.const 5)))
        (br $outer)
        (block (loop (br 0)) (drop (i32.const 1)))))
    (block (loop (br_if 1 (i32.const 0))))
    (local.get $sum))

  ;; branches to the function's own label, with and without a condition, and by table
  (func $outer_return (type $ii)
    (drop (br_if 0 (i32.const 7) (i32.eq (local.get 0) (i32.const 3))))
    (drop (block (result i32)
      (drop (br_if 1 (i32.const 6) (i32.eq (local.get 0) (i32.const 5))))
      (br_table 0 1 0 1 (i32.const 8) (i32.and (local.get 0) (i32.const 3)))))
    (br 0 (i32.const 9)))

  (func $bulk (type $ii)
    (memory.fill (i32.add (i32.const 131072) (local.get 0)) (i32.const 7) (i32.add (i32.const 65536) (local.get 0)))
    (memory.copy (i32.const 131070) (i32.const 131072) (i32.const 70000))
    (memory.copy (i32.const 131080) (i32.const 131072) (i32.const 140000))
    (memory.copy (i32.const 131080) (i32.const 131080) (i32.const 65537))
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))
    (memory.init $late (i32.const 200000) (i32.const 3) (i32.and (local.get 0) (i32.const 15)))
    (i32.load (i32.const 200000)))

  (func $tables (type $ii) (local $before i32)
    (local.set $before (table.grow $refs (ref.null extern) (local.get 0)))
    (table.fill $refs (i32.const 0) (ref.null extern) (table.size $refs))
    (table.init $funcs $more (i32.const 2) (i32.const 0) (i32.const 2))
    (table.copy $funcs $funcs (i32.const 4) (i32.const 0) (i32.const 4))
    (table.set $funcs (i32.const 7) (ref.func $early))
    (i32.add (local.get $before) (i32.add
      (ref.is_null (table.get $funcs (i32.const 6)))
      (call_indirect $funcs (type $ii) (local.get 0) (i32.const 4)))))

  (func $grow (type $ii) (i32.add (memory.grow (local.get 0)) (memory.grow (i32.const 65535))))

  (func $deep (type $ii)
    (if (result i32) (local.get 0)
      (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 2)))
      (else (i32.const 0))))

  (func $vectors (type $ii) (local v128)
    (local.set 1 (i32x4.splat (local.get 0)))
    (v128.store (i32.const 1024) (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 31 30 29 28 (local.get 1) (v128.const i32x4 1 2 3 4)))
    (i32x4.extract_lane 1 (i32x4.add (local.get 1) (v128.load32_lane offset=1024 1 (i32.const 0) (local.get 1)))))

  ;; arms and blocks with nothing in them
  (func $empty_arms (type $ii)
    (if (local.get 0) (then))
    (if (local.get 0) (then) (else))
    (block) (loop) (nop)
    (if (i32.eqz (local.get 0)) (then (nop)) (else (block (br 0))))
    (select (i32.const 4) (i32.const 5) (local.get 0))))
