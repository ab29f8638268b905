;; Host functions in every place, with errors, panics, and calls of the host back into the module.
(module
  (import "host" "tell" (func $tell (param i32)))
  (import "host" "ask" (func $ask (result i32)))
  (import "host" "refuse" (func $refuse (param i32) (result i32)))
  (import "host" "panic" (func $panic (param i32) (result i32)))
  (import "host" "back" (func $back (param i32) (result i32)))
  ;; By this, host functions know that a module calls.
  (global (export "steps") (mut i32) (i32.const 0))
  (global $seen (export "seen") (mut i32) (i32.const 0))
  (table 4 funcref)
  (elem (i32.const 0) $refuse $panic $back $leaf)

  (func $begin (call $tell (i32.const 77)))
  (start $begin)

  (func (export "alive") (param i32) (result i32)
    (local.get 0))

  (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $told (param i32) (result i32)
    (call $tell (local.get 0))
    (i32.mul (local.get 0) (i32.const 2)))

  ;; in_both_arms(0..5)
  (func (export "in_both_arms") (param $n i32) (result i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        (if (i32.and (local.get $n) (i32.const 1))
          (then (call $tell (local.get $n)) (global.set $seen (i32.add (global.get $seen) (call $ask))))
          (else (global.set $seen (call $told (i32.add (global.get $seen) (call $leaf (local.get $n)))))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (global.get $seen))

  ;; refused_at_last(0..4)
  (func (export "refused_at_last") (param $n i32) (result i32)
    (loop $again
      (global.set $seen (i32.add (global.get $seen) (i32.mul (i32.const 3) (call $refuse (local.get $n)))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $again))
    (i32.const 0))

  ;; panics_at_last(0..4)
  (func (export "panics_at_last") (param $n i32) (result i32)
    (loop $again
      (global.set $seen (i32.add (global.get $seen) (i32.mul (i32.const 3) (call $panic (local.get $n)))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $again))
    (i32.const 0))

  ;; through_the_table(0..4)
  (func (export "through_the_table") (param $n i32) (result i32)
    (i32.add
      (i32.add
        (call_indirect (param i32) (result i32) (local.get $n) (i32.const 3))
        (call_indirect (param i32) (result i32) (local.get $n) (i32.const 2)))
      (call_indirect (param i32) (result i32) (i32.sub (local.get $n) (i32.const 2)) (i32.const 0))))

  ;; What the host calls when it is asked to call back.
  ;; inner(0..3)
  (func $inner (export "inner") (param $n i32) (result i32)
    (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
    (call $tell (i32.div_u (i32.const 12) (local.get $n)))
    (i32.add (local.get $n) (i32.const 100)))

  ;; nested(0..4)                  the nested call divides by zero at last
  (func (export "nested") (param $n i32) (result i32)
    (loop $again
      (global.set $seen (i32.add (call $back (local.get $n)) (global.get $seen)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $again))
    (i32.const 0)))
