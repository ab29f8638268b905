;;! clif code
;; Calls without fuel.
(module
  (import "host" "tell" (func $tell (param i32)))
  (func $leaf (param i32) (result i32)
    (i32.xor (local.get 0) (i32.const 0x55)))
  (func $calls (param i32)
    (call $tell (call $leaf (local.get 0)))))
;; leaf, CLIF:
;;   function u0:1(i64 vmctx, i32) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @0003                               jump block1
;;
;;                                   block1:
;;   @0001                               v3 = iconst.i32 85
;;   @0002                               v4 = bxor.i32 v1, v3  ; v3 = 85
;;   @0003                               return v4
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
;;   function u0:2(i64 vmctx, i32) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       sig0 = (i64, i32) tail
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @0006                               v7 = load.i64 notrap aligned v0
;;   @0006                               store notrap aligned v0, v7+40
;;   @0006                               v5 = load.i64 notrap aligned readonly can_move v0+24
;;   @0006                               v6 = load.i64 notrap aligned readonly can_move v0+32
;;   @0004                               v3 = iconst.i32 85
;;   @0005                               v4 = bxor v1, v3  ; v3 = 85
;;   @0006                               call_indirect sig0, v5(v6, v4)
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
;;     12  ja 0x32
;;     18  mov r8, [rdi]
;;     1b  mov [r8+0x28], rdi
;;     1f  mov r8, [rdi+0x18]
;;     23  mov rdi, [rdi+0x20]
;;     27  xor esi, 0x55
;;     2a  call r8
;;     2d  mov rsp, rbp
;;     30  pop rbp
;;     31  ret
;;     32  ud2
