;; An eddy turns the sheep of Meadow around, and leaves a tuft of grass now and then.
;;
;; Everything that a mod consists of is here: imports, a memory, the two systems that mod.toml beside this file declares, and a
;; state that survives a reload. CONTRACT.md in the folder above explains each.
;;
;;   address   0  the view record: rows, columns, and the address of each column
;;            64  a spawn record, which is 56 bytes: its head, then key, size and value of two components
;;           144  the id of an entity that was reserved
;;           152  the saved state: the number of tufts
;;           160  a message
;;          1024  the rows of the query
(module
  (import "tinkerbox1" "view_next" (func $view_next (param i32 i32 i32 i32) (result i32)))
  (import "tinkerbox1" "entity_reserve" (func $entity_reserve (param i32 i32) (result i32)))
  (import "tinkerbox1" "command" (func $command (param i32 i32) (result i32)))
  (import "tinkerbox1" "tick" (func $tick (result i64)))
  (import "tinkerbox1" "delta" (func $delta (result f32)))
  (import "tinkerbox1" "random" (func $random (param i32) (result i64)))
  (import "tinkerbox1" "log" (func $log (param i32 i32 i32)))
  (import "tinkerbox1" "panic" (func $panic (param i32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 160) "an eddy of grass")
  (data (i32.const 192) "the host refused what the eddy asked for")

  ;; What an error of the host ends in: a fault with a message.
  (func $check (param $code i32) (result i32)
    (if (i32.lt_s (local.get $code) (i32.const 0)) (then (call $panic (i32.const 192) (i32.const 40))))
    (local.get $code))

  ;; Turns each velocity a little to the left. Query 0 has one column, whose address the host puts at 8.
  (func (export "sys_turn") (local $rows i32) (local $at i32) (local $angle f32) (local $x f32) (local $y f32)
    (local.set $angle (f32.mul (call $delta) (f32.const 0.5)))
    (loop $chunks
      (local.set $rows
        (call $check (call $view_next (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 16384))))
      (local.set $at (i32.load (i32.const 8)))
      (if (local.get $rows) (then
        (loop $each
          (local.set $x (f32.load (local.get $at)))
          (local.set $y (f32.load offset=4 (local.get $at)))
          (f32.store (local.get $at) (f32.add (local.get $x) (f32.mul (local.get $y) (local.get $angle))))
          (f32.store offset=4 (local.get $at) (f32.sub (local.get $y) (f32.mul (local.get $x) (local.get $angle))))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br_if $each (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
        (br $chunks)))))

  ;; A tuft of grass in every hundredth tick.
  (func (export "sys_sow")
    (if (i64.ne (i64.rem_u (call $tick) (i64.const 100)) (i64.const 0)) (then (return)))
    (drop (call $check (call $entity_reserve (i32.const 144) (i32.const 1))))
    ;; The head of the record: spawn, two components, and the entity.
    (i32.store (i32.const 64) (i32.const 1))
    (i32.store (i32.const 68) (i32.const 2))
    (i64.store (i32.const 72) (i64.load (i32.const 144)))
    ;; meadow:Position, by its key: eight bytes, two numbers.
    (i64.store (i32.const 80) (i64.const 0xc492aae0f8563d29))
    (i32.store (i32.const 88) (i32.const 8))
    (f32.store (i32.const 96) (f32.mul (call $between_0_and_1) (f32.const 100)))
    (f32.store (i32.const 100) (f32.mul (call $between_0_and_1) (f32.const 40)))
    ;; meadow:Grass, a marker: no bytes.
    (i64.store (i32.const 104) (i64.const 0xf10443c30fd1d11c))
    (i32.store (i32.const 112) (i32.const 0))
    (drop (call $check (call $command (i32.const 64) (i32.const 56))))
    (i64.store (i32.const 152) (i64.add (i64.load (i32.const 152)) (i64.const 1)))
    (call $log (i32.const 2) (i32.const 160) (i32.const 16)))

  ;; The upper 24 bits of a random number: an f32 holds as many exactly.
  (func $between_0_and_1 (result f32)
    (f32.div (f32.convert_i64_u (i64.shr_u (call $random (i32.const 0)) (i64.const 40))) (f32.const 16777216)))

  ;; The state: eight bytes at 152. The host keeps them while the code is replaced, and does not look into them.
  (func (export "tb_save") (result i64)
    (i64.or (i64.shl (i64.const 152) (i64.const 32)) (i64.const 8)))
  ;; The rows of the query are not in use then.
  (func (export "tb_alloc") (param $len i32) (result i32)
    (i32.const 1024))
  ;; Another version may have saved something else: then the number begins again.
  (func (export "tb_load") (param $address i32) (param $len i32) (result i32)
    (if (i32.eq (local.get $len) (i32.const 8))
      (then (i64.store (i32.const 152) (i64.load (local.get $address)))))
    (i32.const 0)))
