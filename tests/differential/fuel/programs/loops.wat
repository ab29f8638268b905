;; Loops and recursion: every round is paid for.
(module
  ;; alive(4) = 4, fuel 2
  (func (export "alive") (param i32) (result i32)
    (local.get 0))

  ;; A round is 3 for the test and 9 for the rest; the last test, the entry and the result are 5.
  ;; sum(0) = 0, fuel 5
  ;; sum(1) = 1, fuel 17
  ;; sum(5) = 15, fuel 65
  (func (export "sum") (param i32) (result i32) (local i32)
    (block
      (loop
        (br_if 1 (i32.eqz (local.get 0)))
        (local.set 1 (i32.add (local.get 1) (local.get 0)))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br 0)))
    (local.get 1))

  ;; A leaf is entry, get, const, lt, if, get: 6. Any other call is 5 to the if, then 9, and its two calls.
  ;; fib(1) = 1, fuel 6
  ;; fib(2) = 1, fuel 26
  ;; fib(3) = 2, fuel 46
  ;; fib(6) = 8, fuel 246
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else
        (i32.add
          (call $fib (i32.sub (local.get 0) (i32.const 1)))
          (call $fib (i32.sub (local.get 0) (i32.const 2)))))))

  ;; With a parameter that goes round: entry, get, const; a round is const, sub, tee, get, br_if: 5; drop
  ;; is free; get.
  ;; carry(1) = 0, fuel 9
  ;; carry(4) = 0, fuel 24
  (func (export "carry") (param i32) (result i32)
    (i32.const 9)
    (local.get 0)
    (loop (param i32 i32) (result i32)
      (i32.const 1)
      (i32.sub)
      (local.tee 0)
      (local.get 0)
      (br_if 0)
      (drop))
    (drop)
    (local.get 0)))
