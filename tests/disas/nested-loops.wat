;;! clif fuel
;; A loop in a loop, with an exit out of both: what is charged ahead on which edge.
(module
  (memory 1)
  (func $find (param $rows i32) (param $columns i32) (result i32) (local $row i32) (local $column i32)
    (block $found
      (loop $next_row
        (local.set $column (i32.const 0))
        (loop $next_column
          (br_if $found (i32.load8_u (i32.add
            (i32.mul (local.get $row) (local.get $columns)) (local.get $column))))
          (br_if $next_column (i32.lt_u
            (local.tee $column (i32.add (local.get $column) (i32.const 1))) (local.get $columns))))
        (br_if $next_row (i32.lt_u
          (local.tee $row (i32.add (local.get $row) (i32.const 1))) (local.get $rows))))
      (return (i32.const -1)))
    (i32.add (i32.mul (local.get $row) (local.get $columns)) (local.get $column))))
;; find, CLIF:
;;   function u0:0(i64 vmctx, i32, i32) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32):
;;   @0025                               v6 = get_pinned_reg.i64
;;   @0025                               trapnz v6, user49
;;   @0000                               sequence_point
;;   @0000                               v3 = iconst.i32 0
;;   @000a                               v16 = load.i64 notrap aligned readonly can_move v0+32
;;   @0001                               jump block3(v3)  ; v3 = 0
;;
;;                                   block3(v25: i32):
;;   @0026                               v7 = get_pinned_reg.i64
;;   @0026                               trapnz v7, user49
;;   @0001                               sequence_point
;;                                       v37 = iconst.i32 0
;;   @0007                               v12 = imul v25, v2
;;   @000d                               v20 = iconst.i32 1
;;   @0004                               jump block5(v37)  ; v37 = 0
;;
;;                                   block5(v13: i32):
;;   @0027                               v9 = get_pinned_reg.i64
;;   @0027                               trapnz v9, user49
;;   @0004                               sequence_point
;;   @0009                               v14 = iadd.i32 v12, v13
;;   @000a                               v15 = uextend.i64 v14
;;   @000a                               v17 = iadd.i64 v16, v15
;;   @000a                               v18 = uload8.i32 user56 little v17
;;   @000b                               brif v18, block2, block7
;;
;;                                   block7:
;;   @0028                               v19 = get_pinned_reg.i64
;;   @0028                               trapnz v19, user49
;;   @000b                               sequence_point
;;                                       v38 = iconst.i32 1
;;                                       v39 = iadd.i32 v13, v38  ; v38 = 1
;;   @0011                               v22 = icmp ult v39, v2
;;   @0012                               brif v22, block5(v39), block8
;;
;;                                   block8:
;;   @0029                               v24 = get_pinned_reg.i64
;;   @0029                               trapnz v24, user49
;;   @0012                               sequence_point
;;   @0013                               jump block6
;;
;;                                   block6:
;;                                       v40 = iconst.i32 1
;;                                       v41 = iadd.i32 v25, v40  ; v40 = 1
;;   @0019                               v31 = icmp ult v41, v1
;;   @001a                               brif v31, block3(v41), block9
;;
;;                                   block9:
;;   @002a                               v33 = get_pinned_reg.i64
;;   @002a                               trapnz v33, user49
;;   @001a                               sequence_point
;;   @001b                               jump block4
;;
;;                                   block4:
;;   @001c                               v34 = iconst.i32 -1
;;   @001d                               jump block1(v34)  ; v34 = -1
;;
;;                                   block2:
;;   @0024                               jump block1(v14)
;;
;;                                   block1(v5: i32):
;;   @0024                               return v5
;;   }
