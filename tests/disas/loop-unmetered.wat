;;! clif code
;; The same without fuel.
(module
  (func $sum (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
;; sum, CLIF:
;;   function u0:0(i64 vmctx, i32, i64) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i64):
;;   @0000                               v3 = iconst.i32 0
;;   @0006                               v8 = iconst.i32 1
;;   @0000                               jump block2(v3, v1)  ; v3 = 0
;;
;;                                   block2(v5: i32, v6: i32):
;;                                       v10 = iconst.i32 1
;;                                       v11 = isub v6, v10  ; v10 = 1
;;   @0003                               v7 = iadd v5, v6
;;   @0009                               brif v11, block2(v7, v11), block4
;;
;;                                   block4:
;;   @000a                               jump block3
;;
;;                                   block3:
;;   @000c                               jump block1
;;
;;                                   block1:
;;   @000c                               return v7
;;   }
;;
;; sum, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  xor eax, eax
;;      6  mov r8, rsi
;;      9  sub r8d, 1
;;      d  add eax, esi
;;      f  test r8d, r8d
;;     12  je 0x20
;;     18  mov rsi, r8
;;     1b  jmp 6
;;     20  mov rsp, rbp
;;     23  pop rbp
;;     24  ret
