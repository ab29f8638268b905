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
;;   @0025                               v7 = iconst.i64 1
;;   @0025                               v8 = uadd_overflow_trap v6, v7, user49  ; v7 = 1
;;   @0025                               set_pinned_reg v8
;;   @0000                               v3 = iconst.i32 0
;;   @0026                               v10 = iconst.i64 2
;;   @000a                               v22 = load.i64 notrap aligned readonly can_move v0+32
;;   @0029                               v33 = iconst.i64 7
;;   @0001                               jump block3(v3)  ; v3 = 0
;;
;;                                   block3(v35: i32):
;;   @0026                               v9 = get_pinned_reg.i64
;;                                       v49 = iconst.i64 2
;;   @0026                               v11 = uadd_overflow_trap v9, v49, user49  ; v49 = 2
;;   @0026                               set_pinned_reg v11
;;                                       v50 = iconst.i32 0
;;   @0027                               v14 = iconst.i64 12
;;   @0007                               v18 = imul v35, v2
;;   @000d                               v28 = iconst.i32 1
;;   @0004                               jump block5(v50)  ; v50 = 0
;;
;;                                   block5(v19: i32):
;;   @0027                               v13 = get_pinned_reg.i64
;;                                       v51 = iconst.i64 12
;;   @0027                               v15 = uadd_overflow_trap v13, v51, user49  ; v51 = 12
;;   @0027                               set_pinned_reg v15
;;   @0009                               v20 = iadd.i32 v18, v19
;;   @000a                               v21 = uextend.i64 v20
;;   @000a                               v23 = iadd.i64 v22, v21
;;   @000a                               v24 = uload8.i32 user50 little v23
;;   @000b                               brif v24, block2, block7
;;
;;                                   block7:
;;   @0028                               v25 = get_pinned_reg.i64
;;                                       v52 = iconst.i64 2
;;   @0028                               v27 = uadd_overflow_trap v25, v52, user49  ; v52 = 2
;;   @0028                               set_pinned_reg v27
;;                                       v53 = iconst.i32 1
;;                                       v54 = iadd.i32 v19, v53  ; v53 = 1
;;   @0011                               v30 = icmp ult v54, v2
;;   @0012                               brif v30, block5(v54), block8
;;
;;                                   block8:
;;   @0029                               v32 = get_pinned_reg.i64
;;                                       v55 = iconst.i64 7
;;   @0029                               v34 = uadd_overflow_trap v32, v55, user49  ; v55 = 7
;;   @0029                               set_pinned_reg v34
;;   @0013                               jump block6
;;
;;                                   block6:
;;                                       v56 = iconst.i32 1
;;                                       v57 = iadd.i32 v35, v56  ; v56 = 1
;;   @0019                               v41 = icmp ult v57, v1
;;   @001a                               brif v41, block3(v57), block9
;;
;;                                   block9:
;;   @002a                               v43 = get_pinned_reg.i64
;;                                       v58 = iconst.i64 1
;;   @002a                               v45 = uadd_overflow_trap v43, v58, user49  ; v58 = 1
;;   @002a                               set_pinned_reg v45
;;   @001b                               jump block4
;;
;;                                   block4:
;;   @001c                               v46 = iconst.i32 -1
;;   @001d                               jump block1(v46)  ; v46 = -1
;;
;;                                   block2:
;;   @0024                               jump block1(v20)
;;
;;                                   block1(v5: i32):
;;   @0024                               return v5
;;   }
