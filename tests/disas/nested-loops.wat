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
;;   function u0:0(i64 vmctx, i32, i32, i64) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32, v3: i64):
;;   @0025                               v7 = get_pinned_reg.i64
;;   @0025                               trapnz v7, user49
;;   @0000                               sequence_point
;;   @0000                               v4 = iconst.i32 0
;;   @000a                               v17 = load.i64 notrap aligned readonly can_move v0+32
;;   @0001                               jump block3(v4)  ; v4 = 0
;;
;;                                   block3(v26: i32):
;;   @0026                               v8 = get_pinned_reg.i64
;;   @0026                               trapnz v8, user49
;;   @0001                               sequence_point
;;                                       v38 = iconst.i32 0
;;   @0007                               v13 = imul v26, v2
;;   @000d                               v21 = iconst.i32 1
;;   @0004                               jump block5(v38)  ; v38 = 0
;;
;;                                   block5(v14: i32):
;;   @0027                               v10 = get_pinned_reg.i64
;;   @0027                               trapnz v10, user49
;;   @0004                               sequence_point
;;   @0009                               v15 = iadd.i32 v13, v14
;;   @000a                               v16 = uextend.i64 v15
;;   @000a                               v18 = iadd.i64 v17, v16
;;   @000a                               v19 = uload8.i32 user56 little v18
;;   @000b                               brif v19, block2, block7
;;
;;                                   block7:
;;   @0028                               v20 = get_pinned_reg.i64
;;   @0028                               trapnz v20, user49
;;   @000b                               sequence_point
;;                                       v39 = iconst.i32 1
;;                                       v40 = iadd.i32 v14, v39  ; v39 = 1
;;   @0011                               v23 = icmp ult v40, v2
;;   @0012                               brif v23, block5(v40), block8
;;
;;                                   block8:
;;   @0029                               v25 = get_pinned_reg.i64
;;   @0029                               trapnz v25, user49
;;   @0012                               sequence_point
;;   @0013                               jump block6
;;
;;                                   block6:
;;                                       v41 = iconst.i32 1
;;                                       v42 = iadd.i32 v26, v41  ; v41 = 1
;;   @0019                               v32 = icmp ult v42, v1
;;   @001a                               brif v32, block3(v42), block9
;;
;;                                   block9:
;;   @002a                               v34 = get_pinned_reg.i64
;;   @002a                               trapnz v34, user49
;;   @001a                               sequence_point
;;   @001b                               jump block4
;;
;;                                   block4:
;;   @001c                               v35 = iconst.i32 -1
;;   @001d                               jump block1(v35)  ; v35 = -1
;;
;;                                   block2:
;;   @0024                               jump block1(v15)
;;
;;                                   block1(v6: i32):
;;   @0024                               return v6
;;   }
