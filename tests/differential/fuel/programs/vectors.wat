;; Vectors: each operator costs one, and each access of memory is known apart where it traps.
(module
  (memory 1)
  (data (i32.const 0) "\01\02\03\04\05\06\07\08\09\0a\0b\0c\0d\0e\0f\10")
  (global $sum (mut v128) (v128.const i32x4 1 2 3 4))

  ;; alive(4) = 4, fuel 2
  (func (export "alive") (param i32) (result i32)
    (local.get 0))

  ;; lanes(5) = 12, fuel 10        entry, get, splat, get, add, set, get, const, add, extract
  (func (export "lanes") (param i32) (result i32)
    (global.set $sum (i32x4.add (i32x4.splat (local.get 0)) (global.get $sum)))
    (i32x4.extract_lane 2 (i32x4.add (global.get $sum) (v128.const i32x4 0 0 4 0))))

  ;; A round is 10, and the vector is kept over the check of the next.
  ;; sum(4) = 10, fuel 43
  ;; sum(100) = 5050, fuel 1003
  (func (export "sum") (param i32) (result i32) (local v128)
    (loop
      (local.set 1 (i32x4.add (local.get 1) (i32x4.splat (local.get 0))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32x4.extract_lane 3 (local.get 1)))

  (func $double (param v128) (result v128)
    (i32x4.add (local.get 0) (local.get 0)))

  ;; through(21) = 42, fuel 9      entry, get, splat, call, [entry, get, get, add], extract
  (func (export "through") (param i32) (result i32)
    (i32x4.extract_lane 0 (call $double (i32x4.splat (local.get 0)))))

  ;; The compiler makes one instruction of the load and the add, at the place of the add.
  ;; load(0) = 67305986, fuel 9    entry, get, load, get, splat, add, extract, const, add
  ;; load(65520) = 65521, fuel 9
  ;; load(65521) traps "out of bounds memory access", fuel 3
  ;; load(-1) traps "out of bounds memory access", fuel 3
  (func (export "load") (param i32) (result i32)
    (i32x4.extract_lane 0 (i32x4.add (v128.load (local.get 0)) (i32x4.splat (local.get 0))))
    (i32.add (i32.const 1)))

  ;; As many bytes count as are loaded.
  ;; edge(65520) = 0, fuel 16      entry, get, load, four times get, load, or, then any_true
  ;; edge(0) = 1, fuel 16
  ;; edge(65521) traps "out of bounds memory access", fuel 14
  ;; edge(65528) traps "out of bounds memory access", fuel 14
  ;; edge(65529) traps "out of bounds memory access", fuel 11
  ;; edge(65533) traps "out of bounds memory access", fuel 8
  ;; edge(65535) traps "out of bounds memory access", fuel 5
  ;; edge(65536) traps "out of bounds memory access", fuel 3
  (func (export "edge") (param i32) (result i32)
    (v128.load8_splat (local.get 0))
    (v128.or (v128.load16_splat (local.get 0)))
    (v128.or (v128.load32_zero (local.get 0)))
    (v128.or (v128.load16x4_s (local.get 0)))
    (v128.or (v128.load (local.get 0)))
    (v128.any_true))

  ;; lane(0) = 67305985, fuel 13   entry, get, const, load, set, const, get, store, get, get, store, const, load
  ;; lane(65522) = 0, fuel 13
  ;; lane(65523) traps "out of bounds memory access", fuel 11
  ;; lane(65529) traps "out of bounds memory access", fuel 4
  (func (export "lane") (param i32) (result i32) (local v128)
    (local.set 1 (v128.load64_lane 1 (local.get 0) (v128.const i64x2 7 0)))
    (v128.store32_lane 2 (i32.const 32) (local.get 1))
    (v128.store16_lane offset=12 0 (local.get 0) (local.get 1))
    (i32.load (i32.const 32)))

  ;; store(0) = 1, fuel 6          entry, get, const, store, get, load
  ;; store(65520) traps "out of bounds memory access", fuel 4
  (func (export "store") (param i32) (result i32)
    (v128.store offset=1 (local.get 0) (v128.const i64x2 -1 -1))
    (i32.load8_u (local.get 0))))
