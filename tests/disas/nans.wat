;;! clif fuel canonical-nans
;; NaNs are made canonical where they are shown, once, and not on the way.
(module
  (memory 1)
  (func $shown (param f64 f64) (result f64)
    (f64.store (i32.const 0) (f64.sqrt (f64.add (local.get 0) (local.get 1))))
    (f64.neg (f64.mul (local.get 0) (local.get 1))))
  (func $moved (param f64) (result f64)
    (f64.store (i32.const 0) (local.get 0))
    (f64.load (i32.const 8)))
  (func $either (param $x f64) (param $c i32) (result f64)
    (if (local.get $c) (then (local.set $x (f64.floor (local.get $x)))))
    (local.get $x))
  (func $sum (param $n i32) (result f64) (local $sum f64)
    (loop $next
      (local.set $sum (f64.add (local.get $sum) (f64.load (local.get $n))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 8)))))
    (local.get $sum))
  (func $lanes (param v128 v128) (result v128)
    (v128.and (f32x4.add (local.get 0) (local.get 1)) (local.get 0))))
;; shown, CLIF:
;;   function u0:0(i64 vmctx, f64, f64) -> f64 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: f64, v2: f64):
;;   @000b                               v4 = get_pinned_reg.i64
;;   @000b                               v5 = iconst.i64 11
;;   @000b                               v6 = uadd_overflow_trap v4, v5, user49  ; v5 = 11
;;   @000b                               set_pinned_reg v6
;;   @0003                               v8 = fadd v1, v2
;;   @0004                               v9 = sqrt v8
;;   @0004                               v15 = fcmp ord v9, v9
;;   @0004                               v16 = f64const +NaN
;;   @0004                               v17 = select v15, v9, v16  ; v16 = +NaN
;;   @0005                               v11 = load.i64 notrap aligned readonly can_move v0+32
;;   @0005                               store user50 little v17, v11
;;                                       jump block1
;;
;;                                   block1:
;;   @0008                               v13 = fmul.f64 v1, v2
;;   @0008                               v18 = fcmp ord v13, v13
;;                                       v22 = f64const +NaN
;;                                       v23 = select v18, v13, v22  ; v22 = +NaN
;;   @0009                               v14 = fneg v23
;;                                       return v14
;;   }
;;
;; moved, CLIF:
;;   function u0:1(i64 vmctx, f64) -> f64 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: f64):
;;   @0006                               v3 = get_pinned_reg.i64
;;   @0006                               v4 = iconst.i64 6
;;   @0006                               v5 = uadd_overflow_trap v3, v4, user49  ; v4 = 6
;;   @0006                               set_pinned_reg v5
;;   @0002                               v8 = load.i64 notrap aligned readonly can_move v0+32
;;   @0002                               store user50 little v1, v8
;;                                       v16 = iconst.i64 8
;;   @0004                               v13 = iadd v8, v16  ; v16 = 8
;;   @0004                               v14 = load.f64 user51 little v13
;;                                       jump block1
;;
;;                                   block1:
;;                                       return v14
;;   }
;;
;; either, CLIF:
;;   function u0:2(i64 vmctx, f64, i32) -> f64 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: f64, v2: i32):
;;   @0008                               v4 = get_pinned_reg.i64
;;   @0008                               v5 = iconst.i64 4
;;   @0008                               v6 = uadd_overflow_trap v4, v5, user49  ; v5 = 4
;;   @0008                               set_pinned_reg v6
;;   @0001                               brif v2, block2, block3
;;
;;                                   block2:
;;   @0009                               v7 = get_pinned_reg.i64
;;   @0009                               v8 = iconst.i64 3
;;   @0009                               v9 = uadd_overflow_trap v7, v8, user49  ; v8 = 3
;;   @0009                               set_pinned_reg v9
;;   @0003                               v10 = floor.f64 v1
;;   @0003                               v12 = fcmp ord v10, v10
;;   @0003                               v13 = f64const +NaN
;;   @0003                               v14 = select v12, v10, v13  ; v13 = +NaN
;;   @0005                               jump block4(v14)
;;
;;                                   block3:
;;   @0005                               jump block4(v1)
;;
;;                                   block4(v11: f64):
;;                                       jump block1(v11)
;;
;;                                   block1(v3: f64):
;;                                       return v3
;;   }
;;
;; sum, CLIF:
;;   function u0:3(i64 vmctx, i32) -> f64 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @000e                               v4 = get_pinned_reg.i64
;;   @000e                               v5 = iconst.i64 1
;;   @000e                               v6 = uadd_overflow_trap v4, v5, user49  ; v5 = 1
;;   @000e                               set_pinned_reg v6
;;   @0000                               v2 = f64const 0.0
;;   @000f                               v8 = iconst.i64 10
;;   @0003                               v13 = load.i64 notrap aligned readonly can_move v0+32
;;   @0007                               v17 = iconst.i32 8
;;   @0000                               jump block2(v2, v1)  ; v2 = 0.0
;;
;;                                   block2(v10: f64, v11: i32):
;;   @000f                               v7 = get_pinned_reg.i64
;;                                       v25 = iconst.i64 10
;;   @000f                               v9 = uadd_overflow_trap v7, v25, user49  ; v25 = 10
;;   @000f                               set_pinned_reg v9
;;   @0003                               v12 = uextend.i64 v11
;;   @0003                               v14 = iadd.i64 v13, v12
;;   @0003                               v15 = load.f64 user50 little v14
;;                                       v26 = iconst.i32 8
;;                                       v27 = isub v11, v26  ; v26 = 8
;;   @0004                               v16 = fadd v10, v15
;;   @000a                               brif v27, block2(v16, v27), block4
;;
;;                                   block4:
;;   @0010                               v19 = get_pinned_reg.i64
;;                                       v28 = iconst.i64 1
;;   @0010                               v21 = uadd_overflow_trap v19, v28, user49  ; v28 = 1
;;   @0010                               set_pinned_reg v21
;;   @000b                               jump block3
;;
;;                                   block3:
;;   @000d                               jump block1
;;
;;                                   block1:
;;   @000d                               v22 = fcmp.f64 ord v16, v16
;;   @000d                               v23 = f64const +NaN
;;   @000d                               v24 = select.f64 v22, v16, v23  ; v23 = +NaN
;;   @000d                               return v24
;;   }
;;
;; lanes, CLIF:
;;   function u0:4(i64 vmctx, i8x16, i8x16) -> i8x16 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       const0 = 0x7fc000007fc000007fc000007fc00000
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i8x16, v2: i8x16):
;;   @0006                               v4 = get_pinned_reg.i64
;;   @0006                               v5 = iconst.i64 6
;;   @0006                               v6 = uadd_overflow_trap v4, v5, user49  ; v5 = 6
;;   @0006                               set_pinned_reg v6
;;                                       jump block1
;;
;;                                   block1:
;;   @0002                               v8 = bitcast.f32x4 little v1
;;   @0002                               v7 = bitcast.f32x4 little v2
;;   @0002                               v9 = fadd v8, v7
;;   @0002                               v10 = bitcast.i8x16 little v9
;;   @0002                               v12 = bitcast.f32x4 little v10
;;   @0002                               v13 = fcmp uno v12, v12
;;   @0002                               v14 = bitcast.f32x4 little v13
;;                                       v19 = vconst.f32x4 const0
;;   @0002                               v17 = bitselect v14, v19, v12  ; v19 = const0
;;   @0002                               v18 = bitcast.i8x16 little v17
;;   @0004                               v11 = band v18, v1
;;                                       return v11
;;   }
