;;! clif code fuel
;; A function that only computes: what it charges at its entry.
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
;;   @0004                               v5 = get_pinned_reg.i64
;;   @0004                               trapnz v5, user49
;;   @0000                               sequence_point
;;                                       jump block1
;;
;;                                   block1:
;;   @0002                               v6 = iadd.i32 v1, v2
;;                                       return v6
;;   }
;;
;; add, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 4
;;      a  jb 0x1a
;;     10  lea eax, [rsi+rdx]
;;     13  mov rsp, rbp
;;     16  pop rbp
;;     17  ret
;;     18  ud2
;;     1a  push rdi
;;     1b  mov edi, 4
;;     20  call qword ptr [text+0x0]
;;     26  pop rdi
;;     27  jmp 0x10
