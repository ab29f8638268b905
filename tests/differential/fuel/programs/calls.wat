;; Calls: leaves that could be inlined, recursion, tables, and traps beneath.
(module
  (memory (export "memory") 1)
  (type $unary (func (param i32) (result i32)))
  (table $table (export "table") 6 8 funcref)
  (elem (table $table) (i32.const 0) func $double $square $fact $twice $touch)
  (elem declare func $count)
  (global $calls (export "calls") (mut i32) (i32.const 0))

  (func (export "alive") (param i32) (result i32)
    (local.get 0))

  (func $double (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $square (type $unary) (i32.mul (local.get 0) (local.get 0)))
  (func $constant (result i32) (i32.const 6))
  (func $nothing)
  (func $touch (type $unary)
    (i32.store (i32.shl (local.get 0) (i32.const 2)) (local.get 0))
    (local.get 0))
  (func $count (type $unary)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (global.get $calls))
  (func $either (type $unary)
    (if (result i32) (i32.and (local.get 0) (i32.const 1))
      (then (i32.const 1))
      (else (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 5)))))
  (func $twice (type $unary) (call $double (call $square (local.get 0))))
  (func $checked (type $unary)
    (if (i32.gt_u (local.get 0) (i32.const 3)) (then (unreachable)))
    (i32.load8_u (local.get 0)))
  (func $divided (type $unary) (i32.div_u (i32.const 60) (local.get 0)))

  ;; leaves_in_a_loop(1..5)
  (func (export "leaves_in_a_loop") (param $n i32) (result i32) (local $x i32)
    (loop $again
      (call $nothing)
      (local.set $x (i32.add (call $either (local.get $n)) (i32.add (local.get $x) (call $constant))))
      (drop (call $touch (local.get $n)))
      (drop (call $count (i32.const 0)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))

  ;; leaf_of_a_leaf(3)
  (func (export "leaf_of_a_leaf") (param $n i32) (result i32)
    (call $twice (call $twice (call $count (call $twice (local.get $n))))))

  ;; arguments_first(2)
  (func (export "arguments_first") (param $n i32) (result i32)
    (i32.sub
      (i32.mul (call $count (i32.const 0)) (call $square (i32.load8_u (call $touch (local.get $n)))))
      (i32.add (local.get $n) (call $either (call $either (local.get $n))))))

  ;; leaf_that_traps(0..3)         the leaf divides by what is left, in the middle of a block
  (func (export "leaf_that_traps") (param $n i32) (result i32)
    (loop $again
      (global.set $calls (i32.add (global.get $calls) (call $divided (local.get $n))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $again))
    (i32.const 0))

  ;; leaf_that_checks(0..6)
  (func (export "leaf_that_checks") (param $n i32) (result i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        (global.set $calls (i32.add (call $checked (local.get $n)) (global.get $calls)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (global.get $calls))

  ;; fact(0..5)
  (func $fact (export "fact") (type $unary)
    (if (result i32) (local.get 0)
      (then (i32.mul (local.get 0) (call $fact (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 1))))

  ;; even(0..5)
  (func $even (export "even") (type $unary)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
    (call $odd (i32.sub (local.get 0) (i32.const 1))))
  (func $odd (type $unary)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (call $even (i32.sub (local.get 0) (i32.const 1))))

  ;; ackermann(0..3)
  (func (export "ackermann") (param $n i32) (result i32)
    (call $ack (i32.const 2) (local.get $n)))
  (func $ack (param $m i32) (param $n i32) (result i32)
    (if (i32.eqz (local.get $m)) (then (return (i32.add (local.get $n) (i32.const 1)))))
    (if (i32.eqz (local.get $n))
      (then (return (call $ack (i32.sub (local.get $m) (i32.const 1)) (i32.const 1)))))
    (call $ack
      (i32.sub (local.get $m) (i32.const 1))
      (call $ack (local.get $m) (i32.sub (local.get $n) (i32.const 1)))))

  ;; hanoi(0..5)                   the tree of calls doubles with each level
  (func $hanoi (export "hanoi") (param $n i32) (result i32)
    (if (local.get $n)
      (then
        (drop (call $hanoi (i32.sub (local.get $n) (i32.const 1))))
        (drop (call $count (i32.const 0)))
        (drop (call $hanoi (i32.sub (local.get $n) (i32.const 1))))))
    (global.get $calls))

  ;; through_the_table(0..7)       4 is null in the end, 5 was from the start, 6 is outside
  (func (export "through_the_table") (param $n i32) (result i32) (local $i i32)
    (local.set $i (i32.const 3))
    (loop $again
      (global.set $calls
        (call_indirect $table (type $unary) (local.get $i) (local.get $n)))
      (table.set $table (i32.const 4) (ref.null func))
      (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (global.get $calls))

  ;; shuffled(0..5)                functions change their places in the table
  (func (export "shuffled") (param $n i32) (result i32) (local $held funcref)
    (local.set $held (table.get $table (i32.const 0)))
    (table.set $table (i32.const 0) (table.get $table (local.get $n)))
    (table.set $table (local.get $n) (local.get $held))
    (table.set $table (i32.const 1) (ref.func $count))
    (if (ref.is_null (table.get $table (i32.const 0))) (then (return (i32.const -1))))
    (i32.add
      (call_indirect $table (type $unary) (i32.const 3) (i32.const 0))
      (call_indirect $table (type $unary) (local.get $n) (local.get $n))))

  ;; wrong_type(0..2)
  (func (export "wrong_type") (param $n i32) (result i32)
    (global.set $calls (i32.const 1))
    (if (local.get $n)
      (then (global.set $calls (call_indirect $table (param i64) (result i32) (i64.const 1) (i32.const 1)))))
    (global.get $calls))

  (func $three (param i32) (result i32 i64 i32)
    (local.get 0)
    (i64.extend_i32_s (call $double (local.get 0)))
    (call $square (local.get 0)))

  ;; many_results(4)
  (func (export "many_results") (param $n i32) (result i32)
    (call $three (local.get $n))
    (global.set $calls)
    (i32.wrap_i64)
    (i32.add))

  ;; trap_beneath(0..5)            the calls between have paid, and what comes after them has not
  (func $trap_beneath (export "trap_beneath") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.load (i32.const 65533)))))
    (drop (call $touch (local.get $n)))
    (i32.add (call $trap_beneath (i32.sub (local.get $n) (i32.const 1))) (i32.const 1))))
