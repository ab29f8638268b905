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
;;       sig0 = (i64, i32) -> i32 tail
;;       sig1 = (i64, i32) tail
;;       fn0 = colocated u0:1 sig0
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @0001                               v2 = call fn0(v0, v1)
;;   @0002                               v5 = load.i64 notrap aligned v0
;;   @0002                               store notrap aligned v0, v5+40
;;   @0002                               v3 = load.i64 notrap aligned readonly can_move v0+24
;;   @0002                               v4 = load.i64 notrap aligned readonly can_move v0+32
;;   @0002                               call_indirect sig1, v3(v4, v2)
;;   @0003                               jump block1
;;
;;                                   block1:
;;   @0003                               return
;;   }
;;
;; calls, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r10, [rdi]
;;      7  mov r10, [r10+0x20]
;;      b  add r10, 0x20
;;      f  cmp r10, rsp
;;     12  ja 0x4d
;;     18  sub rsp, 0x10
;;     1c  mov [rsp], r12
;;     20  mov r12, rdi
;;     23  call leaf
;;     28  mov rsi, [r12]
;;     2c  mov [rsi+0x28], r12
;;     30  mov r8, [r12+0x18]
;;     35  mov rdi, [r12+0x20]
;;     3a  mov rsi, rax
;;     3d  call r8
;;     40  mov r12, [rsp]
;;     44  add rsp, 0x10
;;     48  mov rsp, rbp
;;     4b  pop rbp
;;     4c  ret
;;     4d  ud2
