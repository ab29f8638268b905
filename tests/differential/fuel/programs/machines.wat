;; Small real programs: an interpreter, sorting, searching, hashing.
(module
  (memory (export "memory") 1)
  ;; push 1, push 0, then: add the counter to the sum, count down, again while not zero; give the sum.
  (data (i32.const 1024) "\01\00\02\03\04\00")
  (data (i32.const 1100) "a quick brown fox jumps over")
  (data (i32.const 1200) "\05\03\09\01\07\00\08\02")
  (global $steps_done (export "steps_done") (mut i32) (i32.const 0))

  (func (export "alive") (param i32) (result i32)
    (local.get 0))

  ;; interpret(0..5)
  (func (export "interpret") (param $n i32) (result i32) (local $pc i32) (local $sum i32)
    (local.set $pc (i32.const 1025))
    (loop $next
      (global.set $steps_done (i32.add (global.get $steps_done) (i32.const 1)))
      (block $halt (block $jump (block $down (block $add (block $wrong
        (br_table $halt $wrong $add $down $jump $wrong
          (i32.load8_u (local.get $pc))))
        (unreachable))
        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
        (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
        (br $next))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
        (br $next))
        (local.set $pc
          (select (i32.const 1026) (i32.const 1025) (i32.gt_s (local.get $n) (i32.const 0))))
        (br_if $next (i32.eq (local.get $pc) (i32.const 1026)))
        (return (local.get $sum)))
      (local.set $pc (i32.const 1026))
      (br $next))
    (i32.const -1))

  ;; gcd(0..1)
  ;; gcd(48..51)
  (func (export "gcd") (param $n i32) (result i32) (local $m i32) (local $t i32)
    (local.set $m (i32.const 36))
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $m)))
        (local.set $t (i32.rem_u (local.get $n) (local.get $m)))
        (local.set $n (local.get $m))
        (local.set $m (local.get $t))
        (br $again)))
    (local.get $n))

  ;; collatz(5..8)
  (func (export "collatz") (param $n i32) (result i32) (local $steps i32)
    (block $done
      (loop $again
        (br_if $done (i32.eq (local.get $n) (i32.const 1)))
        (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
        (local.set $n
          (if (result i32) (i32.and (local.get $n) (i32.const 1))
            (then (i32.add (i32.mul (local.get $n) (i32.const 3)) (i32.const 1)))
            (else (i32.shr_u (local.get $n) (i32.const 1)))))
        (br $again)))
    (local.get $steps))

  ;; hash(0..3)
  ;; hash(12)
  (func (export "hash") (param $n i32) (result i32) (local $h i32) (local $at i32)
    (local.set $h (i32.const 0x811c9dc5))
    (local.set $at (i32.const 1100))
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $h
          (i32.mul (i32.xor (local.get $h) (i32.load8_u (local.get $at))) (i32.const 0x01000193)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (local.get $h))

  ;; bubble_sort(0..6)
  (func (export "bubble_sort") (param $n i32) (result i32) (local $i i32) (local $swapped i32) (local $a i32)
    (loop $pass
      (local.set $swapped (i32.const 0))
      (local.set $i (i32.const 1200))
      (block $pass_done
        (loop $pair
          (br_if $pass_done
            (i32.ge_s (i32.add (local.get $i) (i32.const 1)) (i32.add (local.get $n) (i32.const 1200))))
          (local.set $a (i32.load8_u (local.get $i)))
          (if (i32.gt_u (local.get $a) (i32.load8_u offset=1 (local.get $i)))
            (then
              (i32.store8 (local.get $i) (i32.load8_u offset=1 (local.get $i)))
              (i32.store8 offset=1 (local.get $i) (local.get $a))
              (local.set $swapped (i32.const 1))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $pair)))
      (br_if $pass (local.get $swapped)))
    (i32.load (i32.const 1200)))

  (func $partition (param $from i32) (param $to i32) (result i32)
    (local $at i32) (local $pivot i32) (local $x i32)
    (local.set $pivot (i32.load8_u (local.get $to)))
    (local.set $at (local.get $from))
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $from) (local.get $to)))
        (if (i32.lt_u (local.tee $x (i32.load8_u (local.get $from))) (local.get $pivot))
          (then
            (i32.store8 (local.get $from) (i32.load8_u (local.get $at)))
            (i32.store8 (local.get $at) (local.get $x))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br $again)))
    (i32.store8 (local.get $to) (i32.load8_u (local.get $at)))
    (i32.store8 (local.get $at) (local.get $pivot))
    (local.get $at))

  (func $quick (param $from i32) (param $to i32) (local $at i32)
    (if (i32.lt_s (local.get $from) (local.get $to))
      (then
        (local.set $at (call $partition (local.get $from) (local.get $to)))
        (call $quick (local.get $from) (i32.sub (local.get $at) (i32.const 1)))
        (call $quick (i32.add (local.get $at) (i32.const 1)) (local.get $to)))))

  ;; quick_sort(0..7)
  (func (export "quick_sort") (param $n i32) (result i32)
    (call $quick (i32.const 1200) (i32.add (i32.const 1200) (local.get $n)))
    (i32.load (i32.const 1200)))

  ;; sieve(2..20)
  (func (export "sieve") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $primes i32)
    (local.set $i (i32.const 2))
    (block $done
      (loop $next
        (br_if $done (i32.ge_s (local.get $i) (local.get $n)))
        (if (i32.eqz (i32.load8_u (local.get $i)))
          (then
            (local.set $primes (i32.add (local.get $primes) (i32.const 1)))
            (local.set $j (i32.mul (local.get $i) (local.get $i)))
            (loop $cross
              (if (i32.lt_s (local.get $j) (local.get $n))
                (then
                  (i32.store8 (local.get $j) (i32.const 1))
                  (local.set $j (i32.add (local.get $j) (local.get $i)))
                  (br $cross))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.get $primes))

  ;; newton(0..4)
  (func (export "newton") (param $n i32) (result i32) (local $x f64) (local $last f64)
    (local.set $x (f64.convert_i32_s (i32.add (local.get $n) (i32.const 2))))
    (loop $again
      (local.set $last (local.get $x))
      (local.set $x
        (f64.mul (f64.const 0.5)
          (f64.add (local.get $x) (f64.div (f64.convert_i32_s (local.get $n)) (local.get $x)))))
      (br_if $again
        (f64.gt (f64.abs (f64.sub (local.get $x) (local.get $last))) (f64.const 1e-6))))
    (f64.store (i32.const 8) (local.get $x))
    (i32.trunc_sat_f64_s (f64.mul (local.get $x) (f64.const 1000))))

  ;; moved(0..20)                  bulk operations between other code
  (func (export "moved") (param $n i32) (result i32)
    (memory.copy (i32.const 0) (i32.const 1100) (local.get $n))
    (loop $again
      (memory.fill (local.get $n) (i32.const 33) (i32.and (local.get $n) (i32.const 7)))
      (memory.copy (i32.const 40) (i32.const 0) (local.get $n))
      (br_if $again (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 5))) (i32.const 0))))
    (i32.load (i32.const 40)))

  ;; memory_grown(0..3)
  (func (export "memory_grown") (param $n i32) (result i32) (local $size i32)
    (loop $again
      (local.set $size (memory.grow (i32.const 1)))
      (i32.store (i32.shl (local.get $size) (i32.const 16)) (memory.size))
      (br_if $again (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
    (i32.load (i32.shl (local.get $size) (i32.const 16)))))
