;;! clif code
;; Calls without fuel.
(module
  (import "host" "tell" (func $tell (param i32)))
  (func $leaf (param i32) (result i32)
    (i32.xor (local.get 0) (i32.const 0x55)))
  (func $calls (param i32)
    (call $tell (call $leaf (local.get 0)))))
;; leaf, CLIF:
;;   function u0:1(i64 vmctx, i32, i64) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i64):
;;   @0003                               jump block1
;;
;;                                   block1:
;;   @0001                               v4 = iconst.i32 85
;;   @0002                               v5 = bxor.i32 v1, v4  ; v4 = 85
;;   @0003                               return v5
;;   }
;;
;; leaf, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov rax, rsi
;;      7  xor eax, 0x55
;;      a  mov rsp, rbp
;;      d  pop rbp
;;      e  ret
;;
;; calls, CLIF:
;;   function u0:2(i64 vmctx, i32, i64) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       sig0 = (i64, i32, i64) tail
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i64):
;;   @0000                               v3 = iconst.i64 88
;;   @0000                               v4 = uadd_overflow_trap v2, v3, stk_ovf  ; v3 = 88
;;   @0006                               v10 = load.i64 notrap aligned v0
;;   @0006                               store notrap aligned v0, v10+40
;;   @0006                               v8 = load.i64 notrap aligned readonly can_move v0+24
;;   @0006                               v9 = load.i64 notrap aligned readonly can_move v0+32
;;   @0004                               v6 = iconst.i32 85
;;   @0005                               v7 = bxor v1, v6  ; v6 = 85
;;   @0006                               call_indirect sig0, v8(v9, v7, v4)
;;   @0007                               jump block1
;;
;;                                   block1:
;;   @0007                               return
;;   }
;;
;; calls, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r10, [rdi]
;;      7  mov r10, [r10+0x20]
;;      b  add r10, 0x10
;;      f  cmp r10, rsp
;;     12  ja 0x3c
;;     18  add rdx, 0x58
;;     1c  jb 0x3e
;;     22  mov r9, [rdi]
;;     25  mov [r9+0x28], rdi
;;     29  mov r10, [rdi+0x18]
;;     2d  mov rdi, [rdi+0x20]
;;     31  xor esi, 0x55
;;     34  call r10
;;     37  mov rsp, rbp
;;     3a  pop rbp
;;     3b  ret
;;     3c  ud2
;;     3e  ud2
