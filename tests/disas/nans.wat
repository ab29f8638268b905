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
;;   function u0:0(i64 vmctx, f64, f64, i64) -> f64 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: f64, v2: f64, v3: i64):
;;   @000b                               v5 = get_pinned_reg.i64
;;   @000b                               trapnz v5, user49
;;   @0000                               sequence_point
;;   @0003                               v7 = fadd v1, v2
;;   @0004                               v8 = sqrt v7
;;   @0004                               v14 = fcmp ord v8, v8
;;   @0004                               v15 = f64const +NaN
;;   @0004                               v16 = select v14, v8, v15  ; v15 = +NaN
;;   @0005                               v10 = load.i64 notrap aligned readonly can_move v0+32
;;   @0005                               store user54 little v16, v10
;;                                       jump block1
;;
;;                                   block1:
;;   @0008                               v12 = fmul.f64 v1, v2
;;   @0008                               v17 = fcmp ord v12, v12
;;                                       v21 = f64const +NaN
;;                                       v22 = select v17, v12, v21  ; v21 = +NaN
;;   @0009                               v13 = fneg v22
;;                                       return v13
;;   }
;;
;; moved, CLIF:
;;   function u0:1(i64 vmctx, f64, i64) -> f64 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: f64, v2: i64):
;;   @0006                               v4 = get_pinned_reg.i64
;;   @0006                               trapnz v4, user49
;;   @0000                               sequence_point
;;   @0002                               v7 = load.i64 notrap aligned readonly can_move v0+32
;;   @0002                               store user52 little v1, v7
;;                                       v15 = iconst.i64 8
;;   @0004                               v12 = iadd v7, v15  ; v15 = 8
;;   @0004                               v13 = load.f64 user50 little v12
;;                                       jump block1
;;
;;                                   block1:
;;                                       return v13
;;   }
;;
;; either, CLIF:
;;   function u0:2(i64 vmctx, f64, i32, i64) -> f64 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: f64, v2: i32, v3: i64):
;;   @0008                               v5 = get_pinned_reg.i64
;;   @0008                               trapnz v5, user49
;;   @0000                               sequence_point
;;   @0001                               brif v2, block2, block3
;;
;;                                   block2:
;;   @0009                               v6 = get_pinned_reg.i64
;;   @0009                               trapnz v6, user49
;;   @0001                               sequence_point
;;   @0003                               v7 = floor.f64 v1
;;   @0003                               v9 = fcmp ord v7, v7
;;   @0003                               v10 = f64const +NaN
;;   @0003                               v11 = select v9, v7, v10  ; v10 = +NaN
;;   @0005                               jump block4(v11)
;;
;;                                   block3:
;;   @0005                               jump block4(v1)
;;
;;                                   block4(v8: f64):
;;                                       jump block1(v8)
;;
;;                                   block1(v4: f64):
;;                                       return v4
;;   }
;;
;; sum, CLIF:
;;   function u0:3(i64 vmctx, i32, i64) -> f64 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i64):
;;   @000e                               v5 = get_pinned_reg.i64
;;   @000e                               trapnz v5, user49
;;   @0000                               sequence_point
;;   @0000                               v3 = f64const 0.0
;;   @0003                               v10 = load.i64 notrap aligned readonly can_move v0+32
;;   @0007                               v14 = iconst.i32 8
;;   @0000                               jump block2(v3, v1)  ; v3 = 0.0
;;
;;                                   block2(v7: f64, v8: i32):
;;   @000f                               v6 = get_pinned_reg.i64
;;   @000f                               trapnz v6, user49
;;   @0000                               sequence_point
;;   @0003                               v9 = uextend.i64 v8
;;   @0003                               v11 = iadd.i64 v10, v9
;;   @0003                               v12 = load.f64 user57 little v11
;;                                       v20 = iconst.i32 8
;;                                       v21 = isub v8, v20  ; v20 = 8
;;   @0004                               v13 = fadd v7, v12
;;   @000a                               brif v21, block2(v13, v21), block4
;;
;;                                   block4:
;;   @0010                               v16 = get_pinned_reg.i64
;;   @0010                               trapnz v16, user49
;;   @000a                               sequence_point
;;   @000b                               jump block3
;;
;;                                   block3:
;;   @000d                               jump block1
;;
;;                                   block1:
;;   @000d                               v17 = fcmp.f64 ord v13, v13
;;   @000d                               v18 = f64const +NaN
;;   @000d                               v19 = select.f64 v17, v13, v18  ; v18 = +NaN
;;   @000d                               return v19
;;   }
;;
;; lanes, CLIF:
;;   function u0:4(i64 vmctx, i8x16, i8x16, i64) -> i8x16 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       const0 = 0x7fc000007fc000007fc000007fc00000
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i8x16, v2: i8x16, v3: i64):
;;   @0006                               v5 = get_pinned_reg.i64
;;   @0006                               trapnz v5, user49
;;   @0000                               sequence_point
;;                                       jump block1
;;
;;                                   block1:
;;   @0002                               v7 = bitcast.f32x4 little v1
;;   @0002                               v6 = bitcast.f32x4 little v2
;;   @0002                               v8 = fadd v7, v6
;;   @0002                               v9 = bitcast.i8x16 little v8
;;   @0002                               v11 = bitcast.f32x4 little v9
;;   @0002                               v12 = fcmp uno v11, v11
;;   @0002                               v13 = bitcast.f32x4 little v12
;;                                       v18 = vconst.f32x4 const0
;;   @0002                               v16 = bitselect v13, v18, v11  ; v18 = const0
;;   @0002                               v17 = bitcast.i8x16 little v16
;;   @0004                               v10 = band v17, v1
;;                                       return v10
;;   }
