;;! clif code
;; The same without fuel.
(module
  (func $add (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))
;; add, CLIF:
;;   function u0:0(i64 vmctx, i32, i32, i64) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32, v3: i64):
;;   @0003                               jump block1
;;
;;                                   block1:
;;   @0002                               v5 = iadd.i32 v1, v2
;;   @0003                               return v5
;;   }
;;
;; add, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  lea eax, [rsi+rdx]
;;      7  mov rsp, rbp
;;      a  pop rbp
;;      b  ret
