;; Loops of every shape. A line with a call and nothing more asks the reference what it costs.
(module
  (memory (export "memory") 1)
  (global $sum (export "sum") (mut i32) (i32.const 0))
  (global $product (export "product") (mut i64) (i64.const 1))

  (func (export "alive") (param i32) (result i32)
    (local.get 0))

  ;; bottom_tested(1..4)
  (func (export "bottom_tested") (param $n i32) (result i32)
    (loop $again
      (global.set $sum (i32.add (global.get $sum) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (global.get $sum))

  ;; top_tested(0..4)
  (func (export "top_tested") (param $n i32) (result i32) (local $i i32)
    (block $done
      (loop $again
        (br_if $done (i32.ge_s (local.get $i) (local.get $n)))
        (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $i))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again)))
    (local.get $i))

  ;; exit_in_the_middle(0..4)
  (func (export "exit_in_the_middle") (param $n i32) (result i32)
    (loop $again (result i32)
      (global.set $sum (i32.add (global.get $sum) (i32.const 3)))
      (if (result i32) (local.get $n)
        (then
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $again))
        (else (global.get $sum)))))

  ;; several_exits(0..9)
  (func (export "several_exits") (param $n i32) (result i32) (local $i i32)
    (block $one
      (block $two
        (block $three
          (loop $again
            (br_if $three (i32.eq (local.get $i) (local.get $n)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $two (i32.gt_s (i32.mul (local.get $i) (local.get $n)) (i32.const 20)))
            (global.set $sum (local.get $i))
            (br_if $one (i32.eq (local.get $i) (i32.const 5)))
            (br $again)))
        (return (i32.const 3)))
      (global.set $sum (i32.mul (global.get $sum) (i32.const 7)))
      (return (i32.const 2)))
    (i32.const 1))

  ;; nested(0..4)
  (func (export "nested") (param $n i32) (result i32) (local $i i32) (local $j i32)
    (block $done
      (loop $rows
        (br_if $done (i32.eq (local.get $i) (local.get $n)))
        (local.set $j (i32.const 0))
        (block $row_done
          (loop $columns
            (br_if $row_done (i32.gt_s (local.get $j) (local.get $i)))
            (i32.store8
              (i32.add (i32.mul (local.get $i) (i32.const 16)) (local.get $j))
              (i32.add (local.get $i) (local.get $j)))
            (local.set $j (i32.add (local.get $j) (i32.const 1)))
            (br $columns)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $rows)))
    (local.get $i))

  ;; three_deep(0..3)
  (func (export "three_deep") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $k i32)
    (loop $a
      (local.set $j (i32.const 0))
      (loop $b
        (local.set $k (i32.const 0))
        (loop $c
          (global.set $sum (i32.add (global.get $sum) (i32.xor (local.get $j) (local.get $k))))
          (br_if $c (i32.le_s (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
        (br_if $b (i32.le_s (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $a (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (global.get $sum))

  ;; continue(0..9)
  (func (export "continue") (param $n i32) (result i32) (local $i i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_s (local.get $i) (local.get $n)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.and (local.get $i) (i32.const 1)))
        (global.set $sum (i32.add (global.get $sum) (local.get $i)))
        (br_if $next (i32.rem_u (local.get $i) (i32.const 3)))
        (global.set $product (i64.mul (global.get $product) (i64.extend_i32_s (local.get $i))))
        (br $next)))
    (global.get $sum))

  ;; continues_outside(0..5)
  (func (export "continues_outside") (param $n i32) (result i32) (local $i i32) (local $j i32)
    (loop $outer
      (local.set $j (i32.const 0))
      (loop $inner
        (local.set $j (i32.add (local.get $j) (i32.const 1)))
        (if (i32.gt_s (local.get $j) (local.get $i))
          (then
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $outer (i32.le_s (local.get $i) (local.get $n)))
            (return (global.get $sum))))
        (global.set $sum (i32.add (global.get $sum) (i32.mul (local.get $i) (local.get $j))))
        (br $inner)))
    (i32.const -1))

  ;; branchy_body(0..8)
  (func (export "branchy_body") (param $n i32) (result i32)
    (loop $again
      (if (i32.and (local.get $n) (i32.const 1))
        (then
          (if (i32.and (local.get $n) (i32.const 2))
            (then (global.set $sum (i32.add (global.get $sum) (i32.const 100))))
            (else (i64.store (i32.const 64) (i64.extend_i32_u (local.get $n)))))
          (global.set $product (i64.mul (global.get $product) (i64.const 3))))
        (else (global.set $sum (i32.sub (global.get $sum) (i32.const 1)))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (i32.gt_s (local.get $n) (i32.const 0))))
    (global.get $sum))

  ;; one_after_the_other(0..4)
  (func (export "one_after_the_other") (param $n i32) (result i32) (local $i i32)
    (loop $up
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $up (i32.lt_s (local.get $i) (local.get $n))))
    (global.set $sum (local.get $i))
    (loop $down
      (global.set $sum (i32.mul (global.get $sum) (i32.const 2)))
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (br_if $down (i32.gt_s (local.get $i) (i32.const 0))))
    (global.get $sum))

  ;; never_again(3)
  (func (export "never_again") (param $n i32) (result i32)
    (loop
      (global.set $sum (local.get $n))
      (loop (global.set $product (i64.const 9))))
    (global.get $sum))

  ;; empty(1..5)                   the test is all there is
  (func (export "empty") (param $n i32) (result i32)
    (loop $again
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $n))

  ;; in_an_arm(0..4)
  (func (export "in_an_arm") (param $n i32) (result i32) (local $i i32)
    (if (result i32) (i32.and (local.get $n) (i32.const 1))
      (then
        (loop $again
          (local.set $i (i32.add (local.get $i) (i32.const 5)))
          (br_if $again (i32.lt_s (local.get $i) (i32.mul (local.get $n) (i32.const 10)))))
        (local.get $i))
      (else
        (global.set $sum (i32.const 8))
        (loop $again (result i32)
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (drop (br_if $again (i32.const 0) (i32.lt_s (local.get $i) (local.get $n))))
          (global.get $sum)))))

  ;; carries(0..4)                 values go round with the branch
  (func (export "carries") (param $n i32) (result i32)
    (i32.const 1)
    (i64.const 2)
    (loop $again (param i32 i64) (result i32)
      (i64.mul (i64.const 3))
      (global.set $product)
      (i32.add (i32.const 1))
      (global.get $product)
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (i32.gt_s (local.get $n) (i32.const 0)))
      (drop)))

  ;; two_headed(0..6)              a branch table goes to both loops' heads
  (func (export "two_headed") (param $n i32) (result i32)
    (block $done
      (loop $far
        (global.set $sum (i32.add (global.get $sum) (i32.const 10)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (loop $near
          (br_if $done (i32.lt_s (local.get $n) (i32.const 0)))
          (global.set $sum (i32.add (global.get $sum) (i32.const 1)))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_table $near $far $near $done (i32.rem_u (local.get $n) (i32.const 3))))))
    (global.get $sum)))
