;;! clif code fuel
;; A function that only computes: what it charges at its entry.
(module
  (func $add (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))
;; add, CLIF:
;;   function u0:0(i64 vmctx, i32, i32) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32):
;;   @0004                               v4 = get_pinned_reg.i64
;;   @0004                               v5 = iconst.i64 4
;;   @0004                               v6 = uadd_overflow_trap v4, v5, user49  ; v5 = 4
;;   @0004                               set_pinned_reg v6
;;                                       jump block1
;;
;;                                   block1:
;;   @0002                               v7 = iadd.i32 v1, v2
;;                                       return v7
;;   }
;;
;; add, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 4
;;      8  jb 0x1e
;;      e  nop [rax+rax]
;;     14  lea eax, [rsi+rdx]
;;     17  mov rsp, rbp
;;     1a  pop rbp
;;     1b  ret
;;     1c  ud2
;;     1e  push rdi
;;     1f  mov edi, 4
;;     24  call qword ptr [text+0x0]
;;     2a  pop rdi
;;     2b  jmp 0x14
