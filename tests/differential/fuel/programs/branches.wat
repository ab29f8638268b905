;; Ways through code without loops: chains, tables, early ends, and what cannot be reached.
(module
  (memory (export "memory") 1)
  (global $path (export "path") (mut i32) (i32.const 0))

  (func (export "alive") (param i32) (result i32)
    (local.get 0))

  (func $note (param i32)
    (global.set $path (i32.add (i32.mul (global.get $path) (i32.const 10)) (local.get 0))))

  ;; chain(0..5)
  (func (export "chain") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n))
      (then (global.set $path (i32.const 1)))
      (else (if (i32.eq (local.get $n) (i32.const 1))
        (then (global.set $path (i32.add (local.get $n) (i32.const 1))))
        (else (if (i32.eq (local.get $n) (i32.const 2))
          (then)
          (else (if (i32.eq (local.get $n) (i32.const 3))
            (then (global.set $path (i32.const 9)) (global.set $path (i32.const 4))))))))))
    (global.get $path))

  ;; early_returns(0..5)
  (func (export "early_returns") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 100))))
    (global.set $path (i32.const 1))
    (if (i32.eq (local.get $n) (i32.const 1)) (then (return (i32.const 200))))
    (global.set $path (i32.const 2))
    (block
      (br_if 0 (i32.ne (local.get $n) (i32.const 2)))
      (return (i32.add (i32.const 299) (i32.const 1))))
    (i32.store (i32.const 4) (local.get $n))
    (drop (br_if 0 (i32.const 400) (i32.eq (local.get $n) (i32.const 3))))
    (global.set $path (i32.const 3))
    (i32.const 500))

  ;; table(0..7)
  (func (export "table") (param $n i32) (result i32)
    (block $end
      (block $d (block $c (block $b (block $a
        (br_table $a $b $c $d $c $end (local.get $n)))
        (call $note (i32.const 1)))
        (call $note (i32.const 2))
        (br $end))
        (global.set $path (i32.const 7))
        (i32.store (i32.const 0) (global.get $path)))
      (call $note (i32.const 4)))
    (global.get $path))

  ;; table_of_values(0..4)
  (func (export "table_of_values") (param $n i32) (result i32)
    (block $out (result i32)
      (i32.add (i32.const 1)
        (block $in (result i32)
          (br_table $in $out $in (i32.mul (local.get $n) (i32.const 3)) (local.get $n))))))

  ;; table_that_returns(0..3)
  (func (export "table_that_returns") (param $n i32) (result i32)
    (block $skip (result i32)
      (br_table $skip 1 $skip (i32.const 5) (local.get $n)))
    (i32.mul (i32.const 11)))

  ;; ladder(0..6)
  (func (export "ladder") (param $n i32) (result i32)
    (block $out
      (br_if $out (i32.eqz (local.get $n)))
      (call $note (i32.const 1))
      (br_if $out (i32.eq (local.get $n) (i32.const 1)))
      (call $note (i32.const 2))
      (br_if $out (i32.eq (local.get $n) (i32.const 2)))
      (global.set $path (i32.add (global.get $path) (i32.const 1000)))
      (br_if $out (i32.eq (local.get $n) (i32.const 3)))
      (global.set $path (i32.add (global.get $path) (i32.const 1000)))
      (br_if $out (i32.eq (local.get $n) (i32.const 4)))
      (call $note (i32.const 5)))
    (global.get $path))

  ;; uneven_arms(0..2)             one arm costs many times what the other does
  (func (export "uneven_arms") (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.const 1))
      (else
        (i32.store (i32.const 0) (i32.const 1)) (i32.store (i32.const 4) (i32.const 2))
        (i32.store (i32.const 8) (i32.const 3)) (i32.store (i32.const 12) (i32.const 4))
        (i32.store (i32.const 16) (i32.const 5)) (i32.store (i32.const 20) (i32.const 6))
        (i32.store (i32.const 24) (i32.const 7)) (i32.store (i32.const 28) (i32.const 8))
        (i32.load (i32.const 12)))))

  ;; guarded(0..4)                 as compilers write checks: what fails does not return
  (func (export "guarded") (param $n i32) (result i32)
    (block $bad
      (br_if $bad (i32.ge_u (local.get $n) (i32.const 3)))
      (i32.store (i32.shl (local.get $n) (i32.const 2)) (i32.const 77))
      (block $worse
        (br_if $worse (i32.eq (local.get $n) (i32.const 2)))
        (return (i32.load (i32.const 4))))
      (call $note (i32.const 8))
      (unreachable))
    (call $note (i32.const 9))
    (call $note (i32.load (i32.const 0)))
    (unreachable))

  ;; dead(0..2)                    what comes after a branch is not counted, whatever it is
  (func (export "dead") (param $n i32) (result i32)
    (block $a
      (block $b
        (br_if $b (local.get $n))
        (br $a)
        (loop (br 0))
        (if (i32.const 1) (then (unreachable)) (else (br $b))))
      (global.set $path (i32.const 5))
      (return (i32.const 6))
      (block (br_if 0 (i32.div_u (i32.const 1) (i32.const 0)))))
    (br_table 0 (i32.const 7) (i32.const 0))
    (loop (br 0)))

  ;; results(0..3)
  (func (export "results") (param $n i32) (result i32)
    (block $two (result i32 i32)
      (i32.const 5)
      (if (param i32) (result i32 i32) (local.get $n)
        (then (i32.const 1))
        (else (i32.const 2) (br $two)))
      (drop)
      (br_if $two (i32.const 3) (i32.eq (local.get $n) (i32.const 2)))
      (i32.add)
      (i32.const 8))
    (i32.sub))

  ;; chosen(0..2)
  (func (export "chosen") (param $n i32) (result i32)
    (select
      (i32.load (i32.const 0))
      (i32.add (select (result i32) (i32.const 4) (i32.const 6) (local.get $n)) (i32.const 1))
      (i32.eqz (local.get $n))))

  ;; nothing_but_structure(0)
  (func (export "nothing_but_structure") (param $n i32) (result i32)
    (block (block (loop (block (nop) (nop)) (loop (nop)))) (nop))
    (local.get $n))

  ;; joins(0..8)                   many ways meet again and again
  (func (export "joins") (param $n i32) (result i32) (local $x i32)
    (if (i32.and (local.get $n) (i32.const 1))
      (then (local.set $x (i32.const 1)))
      (else (local.set $x (i32.add (local.get $n) (i32.const 2)))))
    (global.set $path (local.get $x))
    (if (i32.and (local.get $n) (i32.const 2))
      (then (local.set $x (i32.mul (local.get $x) (i32.add (local.get $x) (i32.const 7))))))
    (i32.store (i32.const 40) (local.get $x))
    (block
      (br_if 0 (i32.and (local.get $n) (i32.const 4)))
      (call $note (i32.const 3)))
    (i32.add (local.get $x) (global.get $path))))
