;; Bulk operations cost one, and one more for each byte or element, paid before they run: also where they
;; trap, and where growing fails.
(module
  (memory 1 2)
  (table $t 4 8 funcref)
  (data $text "abcdef")
  (elem $funcs func $f $f)
  (func $f)

  ;; alive(4) = 4, fuel 2
  (func (export "alive") (param i32) (result i32)
    (local.get 0))

  ;; fill(0) = 0, fuel 7           entry, const, const, get, fill, const, load
  ;; fill(10) = 7, fuel 17
  ;; fill(65537) traps "out of bounds memory access", fuel 65542
  ;; fill(-1) traps "out of bounds memory access", fuel 4294967300
  (func (export "fill") (param i32) (result i32)
    (memory.fill (i32.const 0) (i32.const 7) (local.get 0))
    (i32.load8_u (i32.const 0)))

  ;; copy(4) = 3, fuel 10          entry, const, const, get, copy, const
  ;; copy(65536) traps "out of bounds memory access", fuel 65541
  (func (export "copy") (param i32) (result i32)
    (memory.copy (i32.const 1) (i32.const 0) (local.get 0))
    (i32.const 3))

  ;; init(6) = 97, fuel 13         entry, const, const, get, init, const, load
  ;; init(7) traps "out of bounds memory access", fuel 12
  (func (export "init") (param i32) (result i32)
    (memory.init $text (i32.const 0) (i32.const 0) (local.get 0))
    (i32.load8_u (i32.const 0)))

  ;; dropped(0) = 9, fuel 7        entry, data.drop, const, const, get, init, const
  ;; dropped(1) traps "out of bounds memory access", fuel 7
  (func (export "dropped") (param i32) (result i32)
    (data.drop $text)
    (memory.init $text (i32.const 0) (i32.const 0) (local.get 0))
    (i32.const 9))

  ;; grow(1) = 1, fuel 3           entry, get, grow: pages are not counted
  ;; grow(2) = -1, fuel 3
  (func (export "grow") (param i32) (result i32)
    (memory.grow (local.get 0)))

  ;; grow_table(4) = 4, fuel 8     entry, null, get, grow
  ;; grow_table(5) = -1, fuel 9
  (func (export "grow_table") (param i32) (result i32)
    (table.grow $t (ref.null func) (local.get 0)))

  ;; fill_table(4) = 1, fuel 10    entry, const, func, get, fill, const
  ;; fill_table(5) traps "out of bounds table access", fuel 10
  (func (export "fill_table") (param i32) (result i32)
    (table.fill $t (i32.const 0) (ref.func $f) (local.get 0))
    (i32.const 1))

  ;; copy_table(3) = 1, fuel 9     entry, const, const, get, copy, const
  ;; copy_table(4) traps "out of bounds table access", fuel 9
  (func (export "copy_table") (param i32) (result i32)
    (table.copy $t $t (i32.const 1) (i32.const 0) (local.get 0))
    (i32.const 1))

  ;; init_table(2) = 1, fuel 8     entry, const, const, get, init, const
  ;; init_table(3) traps "out of bounds table access", fuel 8
  (func (export "init_table") (param i32) (result i32)
    (table.init $t $funcs (i32.const 0) (i32.const 0) (local.get 0))
    (i32.const 1)))
