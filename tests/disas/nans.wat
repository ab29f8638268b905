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
;;   @000b                               trapnz v4, user49
;;   @0000                               sequence_point
;;   @0003                               v6 = fadd v1, v2
;;   @0004                               v7 = sqrt v6
;;   @0004                               v13 = fcmp ord v7, v7
;;   @0004                               v14 = f64const +NaN
;;   @0004                               v15 = select v13, v7, v14  ; v14 = +NaN
;;   @0005                               v9 = load.i64 notrap aligned readonly can_move v0+32
;;   @0005                               store user54 little v15, v9
;;                                       jump block1
;;
;;                                   block1:
;;   @0008                               v11 = fmul.f64 v1, v2
;;   @0008                               v16 = fcmp ord v11, v11
;;                                       v20 = f64const +NaN
;;                                       v21 = select v16, v11, v20  ; v20 = +NaN
;;   @0009                               v12 = fneg v21
;;                                       return v12
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
;;   @0006                               trapnz v3, user49
;;   @0000                               sequence_point
;;   @0002                               v6 = load.i64 notrap aligned readonly can_move v0+32
;;   @0002                               store user52 little v1, v6
;;                                       v14 = iconst.i64 8
;;   @0004                               v11 = iadd v6, v14  ; v14 = 8
;;   @0004                               v12 = load.f64 user50 little v11
;;                                       jump block1
;;
;;                                   block1:
;;                                       return v12
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
;;   @0008                               trapnz v4, user49
;;   @0000                               sequence_point
;;   @0001                               brif v2, block2, block3
;;
;;                                   block2:
;;   @0009                               v5 = get_pinned_reg.i64
;;   @0009                               trapnz v5, user49
;;   @0001                               sequence_point
;;   @0003                               v6 = floor.f64 v1
;;   @0003                               v8 = fcmp ord v6, v6
;;   @0003                               v9 = f64const +NaN
;;   @0003                               v10 = select v8, v6, v9  ; v9 = +NaN
;;   @0005                               jump block4(v10)
;;
;;                                   block3:
;;   @0005                               jump block4(v1)
;;
;;                                   block4(v7: f64):
;;                                       jump block1(v7)
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
;;   @000e                               trapnz v4, user49
;;   @0000                               sequence_point
;;   @0000                               v2 = f64const 0.0
;;   @0003                               v9 = load.i64 notrap aligned readonly can_move v0+32
;;   @0007                               v13 = iconst.i32 8
;;   @0000                               jump block2(v2, v1)  ; v2 = 0.0
;;
;;                                   block2(v6: f64, v7: i32):
;;   @000f                               v5 = get_pinned_reg.i64
;;   @000f                               trapnz v5, user49
;;   @0000                               sequence_point
;;   @0003                               v8 = uextend.i64 v7
;;   @0003                               v10 = iadd.i64 v9, v8
;;   @0003                               v11 = load.f64 user57 little v10
;;                                       v19 = iconst.i32 8
;;                                       v20 = isub v7, v19  ; v19 = 8
;;   @0004                               v12 = fadd v6, v11
;;   @000a                               brif v20, block2(v12, v20), block4
;;
;;                                   block4:
;;   @0010                               v15 = get_pinned_reg.i64
;;   @0010                               trapnz v15, user49
;;   @000a                               sequence_point
;;   @000b                               jump block3
;;
;;                                   block3:
;;   @000d                               jump block1
;;
;;                                   block1:
;;   @000d                               v16 = fcmp.f64 ord v12, v12
;;   @000d                               v17 = f64const +NaN
;;   @000d                               v18 = select.f64 v16, v12, v17  ; v17 = +NaN
;;   @000d                               return v18
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
;;   @0006                               trapnz v4, user49
;;   @0000                               sequence_point
;;                                       jump block1
;;
;;                                   block1:
;;   @0002                               v6 = bitcast.f32x4 little v1
;;   @0002                               v5 = bitcast.f32x4 little v2
;;   @0002                               v7 = fadd v6, v5
;;   @0002                               v8 = bitcast.i8x16 little v7
;;   @0002                               v10 = bitcast.f32x4 little v8
;;   @0002                               v11 = fcmp uno v10, v10
;;   @0002                               v12 = bitcast.f32x4 little v11
;;                                       v17 = vconst.f32x4 const0
;;   @0002                               v15 = bitselect v12, v17, v10  ; v17 = const0
;;   @0002                               v16 = bitcast.i8x16 little v15
;;   @0004                               v9 = band v16, v1
;;                                       return v9
;;   }
