;; Traps: the operator that traps is paid for, what comes after it is not, though it was charged ahead.
(module
  (memory 1)
  (type $unary (func (param i32) (result i32)))
  (table 3 funcref)
  (elem (i32.const 0) $same $nothing)
  (func $same (type $unary) (local.get 0))
  (func $nothing)

  ;; alive(4) = 4, fuel 2
  (func (export "alive") (param i32) (result i32)
    (local.get 0))

  ;; A round is 9; the last one is const, get, div.
  ;; divide(0) traps "integer divide by zero", fuel 4
  ;; divide(3) traps "integer divide by zero", fuel 31
  (func (export "divide") (param i32) (result i32) (local i32)
    (loop
      (local.set 1 (i32.div_u (i32.const 100) (local.get 0)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br 0))
    (local.get 1))

  ;; load(65532) = 65533, fuel 7   entry, const, get, load, get, xor, add
  ;; load(65533) traps "out of bounds memory access", fuel 4
  ;; load(-1) traps "out of bounds memory access", fuel 4
  (func (export "load") (param i32) (result i32)
    (i32.add
      (i32.const 1)
      (i32.xor (i32.load (local.get 0)) (local.get 0))))

  ;; The compiler makes one instruction of the first load and what comes before the second.
  ;; pointer(0) = 0, fuel 4        entry, get, load, load
  ;; pointer(65536) traps "out of bounds memory access", fuel 3
  (func (export "pointer") (param i32) (result i32)
    (i32.load (i32.load (local.get 0))))

  ;; field(0) = 0, fuel 6          entry, const, get, load, add, load
  ;; field(65536) traps "out of bounds memory access", fuel 4
  (func (export "field") (param i32) (result i32)
    (i32.load (i32.add (i32.const 8) (i32.load (local.get 0)))))

  ;; Here the first load may move beyond the second.
  ;; loads(0) = 3, fuel 10         entry, get, load, set, const, load, get, const, add, add
  ;; loads(65536) traps "out of bounds memory access", fuel 3
  (func (export "loads") (param i32) (result i32) (local i32)
    (local.set 1 (i32.load (local.get 0)))
    (i32.load (i32.const 0))
    (i32.add (local.get 1) (i32.const 3))
    (i32.add))

  ;; The first store is of no use, unless it traps.
  ;; stores(8) = 2, fuel 9         entry, get, const, store, get, const, store, get, load
  ;; stores(65536) traps "out of bounds memory access", fuel 4
  (func (export "stores") (param i32) (result i32)
    (i32.store (local.get 0) (i32.const 1))
    (i32.store (local.get 0) (i32.const 2))
    (i32.load (local.get 0)))

  ;; Load, add and store could be one instruction.
  ;; increment(4) = 1, fuel 8      entry, get, get, load, const, add, store, const
  ;; increment(65534) traps "out of bounds memory access", fuel 4
  (func (export "increment") (param i32) (result i32)
    (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 1)))
    (i32.const 1))

  ;; unused(0) = 1, fuel 4         entry, get, load, const
  ;; unused(65536) traps "out of bounds memory access", fuel 3
  (func (export "unused") (param i32) (result i32)
    (drop (i32.load (local.get 0)))
    (i32.const 1))

  ;; far(0) traps "out of bounds memory access", fuel 3
  (func (export "far") (param i32) (result i32)
    (i32.load offset=0xfffffff0 (local.get 0))
    (i32.add (i32.const 1)))

  ;; stop(0) = 5, fuel 4           entry, get, if, const
  ;; stop(1) traps "unreachable", fuel 3
  (func (export "stop") (param i32) (result i32)
    (if (local.get 0) (then (unreachable)))
    (i32.const 5))

  ;; A call of the runtime stands right before the trap.
  ;; drops(0) traps "unreachable", fuel 3
  (func (export "drops") (param i32) (result i32)
    (data.drop $bytes)
    (drop (i32.const 1))
    (unreachable))
  (data $bytes "x")

  (func $quotient (param i32) (result i32)
    (i32.add (i32.div_s (i32.const 0x80000000) (local.get 0)) (i32.const 3)))

  ;; inner(2) = -1073741820, fuel 11   entry, const, get, call, [entry, const, get, div, const, add], add
  ;; inner(0) traps "integer divide by zero", fuel 8
  ;; inner(-1) traps "integer overflow", fuel 8
  (func (export "inner") (param i32) (result i32)
    (i32.add (i32.const 1) (call $quotient (local.get 0))))

  ;; truncate(0) traps "invalid conversion to integer", fuel 6   entry, get, convert, const, div, trunc
  ;; truncate(1) traps "integer overflow", fuel 6
  (func (export "truncate") (param i32) (result i32)
    (i32.trunc_f32_s (f32.div (f32.convert_i32_s (local.get 0)) (f32.const 0)))
    (i32.add (i32.const 1)))

  ;; indirect(0) = 10, fuel 8      entry, const, get, call_indirect, [entry, get], const, add
  ;; indirect(1) traps "indirect call type mismatch", fuel 4
  ;; indirect(2) traps "uninitialized element", fuel 4
  ;; indirect(3) traps "undefined element", fuel 4
  ;; indirect(-1) traps "undefined element", fuel 4
  (func (export "indirect") (param i32) (result i32)
    (call_indirect (type $unary) (i32.const 9) (local.get 0))
    (i32.add (i32.const 1)))

  ;; element(2) = 1, fuel 6        entry, const, get, table.get, is_null, add
  ;; element(3) traps "out of bounds table access", fuel 4
  (func (export "element") (param i32) (result i32)
    (i32.const 0)
    (ref.is_null (table.get (local.get 0)))
    (i32.add)))
