;; Calls of host functions: the call costs one, and the host sees an exact count.
(module
  (import "host" "tell" (func $tell (param i32)))
  (import "host" "ask" (func $ask (result i32)))
  ;; By this, host functions know that a module calls.
  (global (export "steps") (mut i32) (i32.const 0))
  (table 1 funcref)
  (elem (i32.const 0) $tell)

  ;; alive(4) = 4, fuel 2
  (func (export "alive") (param i32) (result i32)
    (local.get 0))

  ;; A round is get, call; get, const, sub, tee, br_if: 7. The entry, and get at the end.
  ;; told(1) = 0, fuel 9, seen 3
  ;; told(3) = 0, fuel 23, seen 3 10 17
  (func (export "told") (param i32) (result i32)
    (loop
      (call $tell (local.get 0))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 0))

  ;; after(2) = 50, fuel 6, seen 3   entry, const, call; const, get, div
  ;; after(0) traps "integer divide by zero", fuel 6, seen 3
  (func (export "after") (param i32) (result i32)
    (call $tell (i32.const 1))
    (i32.div_u (i32.const 100) (local.get 0)))

  ;; indirect(0) = 7919, fuel 7, seen 4 5   entry, const, get, call_indirect; call; const, sub
  (func (export "indirect") (param i32) (result i32)
    (call_indirect (param i32) (i32.const 2) (local.get 0))
    (call $ask)
    (i32.sub (i32.const 7919))))
