;; Code without loops: what is free, what costs one, and that only what runs is counted.
;; Entering a function costs one; nop, drop, block, loop, else, end, return and unreachable are free.
(module
  ;; alive(4) = 4, fuel 2
  (func (export "alive") (param i32) (result i32)
    (local.get 0))

  ;; add(3) = 8, fuel 4            entry, get, const, add
  (func (export "add") (param i32) (result i32)
    (i32.add (local.get 0) (i32.const 5)))

  ;; free(7) = 7, fuel 3           entry, const, get
  (func (export "free") (param i32) (result i32)
    (nop)
    (block (nop))
    (drop (i32.const 1))
    (return (local.get 0)))

  ;; choose(1) = 10, fuel 4        entry, get, if, const
  ;; choose(0) = 21, fuel 6        entry, get, if, const, const, add
  (func (export "choose") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.const 10))
      (else (i32.add (i32.const 20) (i32.const 1)))))

  ;; switch(0) = 100, fuel 4       entry, get, br_table, const
  ;; switch(1) = 201, fuel 6       ... const, const, add
  ;; switch(2) = 300, fuel 4
  ;; switch(-1) = 300, fuel 4
  (func (export "switch") (param i32) (result i32)
    (block
      (block
        (block (br_table 0 1 2 (local.get 0)))
        (return (i32.const 100)))
      (return (i32.add (i32.const 200) (i32.const 1))))
    (i32.const 300))

  ;; skip(6) = 6, fuel 3           entry, br, get: what comes after a branch never runs
  (func (export "skip") (param i32) (result i32)
    (block
      (br 0)
      (drop (i32.mul (i32.const 1) (i32.const 2)))
      (block (drop (i32.const 3))))
    (local.get 0))

  ;; maybe(0) = 1, fuel 6          entry, get, br_if, const, set, get
  ;; maybe(1) = 0, fuel 4          entry, get, br_if, get
  (func (export "maybe") (param i32) (result i32) (local i32)
    (block
      (br_if 0 (local.get 0))
      (local.set 1 (i32.const 1)))
    (local.get 1))

  ;; below(1) = 7, fuel 4          entry, const, get, br_if
  ;; below(0) traps "unreachable", fuel 4
  ;; What cannot be reached takes nothing from the operands below.
  (func (export "below") (param i32) (result i32)
    (i32.const 7)
    (block
      (br_if 0 (local.get 0))
      (unreachable)
      (block (param i32) (drop))))

  (func $two (param i32) (result i32 i32)
    (local.get 0)
    (i32.const 1))

  ;; pair(5) = 4, fuel 7           entry, get, call, [entry, get, const], sub
  (func (export "pair") (param i32) (result i32)
    (i32.sub (call $two (local.get 0)))))
