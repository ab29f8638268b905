;;! clif code fuel
;; Calls of an import, of a function that costs the same each time, and of one with a loop.
(module
  (import "host" "tell" (func $tell (param i32)))
  (func $leaf (param i32) (result i32)
    (i32.xor (local.get 0) (i32.const 0x55)))
  (func $rounds (param i32)
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func $calls (param i32)
    (call $tell (call $leaf (local.get 0)))
    (call $rounds (local.get 0))))
;; leaf, CLIF:
;;   function u0:1(i64 vmctx, i32) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @0004                               v3 = get_pinned_reg.i64
;;   @0004                               v4 = iconst.i64 4
;;   @0004                               v5 = uadd_overflow_trap v3, v4, user49  ; v4 = 4
;;   @0004                               set_pinned_reg v5
;;                                       jump block1
;;
;;                                   block1:
;;   @0001                               v6 = iconst.i32 85
;;   @0002                               v7 = bxor.i32 v1, v6  ; v6 = 85
;;                                       return v7
;;   }
;;
;; leaf, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 4
;;      8  jb 0x21
;;      e  nop [rax+rax]
;;     14  mov rax, rsi
;;     17  xor eax, 0x55
;;     1a  mov rsp, rbp
;;     1d  pop rbp
;;     1e  ret
;;     1f  ud2
;;     21  push rdi
;;     22  mov edi, 4
;;     27  call qword ptr [text+0x0]
;;     2d  pop rdi
;;     2e  jmp 0x14
;;
;; rounds, CLIF:
;;   function u0:2(i64 vmctx, i32) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @0008                               v2 = get_pinned_reg.i64
;;   @0008                               v3 = iconst.i64 1
;;   @0008                               v4 = uadd_overflow_trap v2, v3, user49  ; v3 = 1
;;   @0008                               set_pinned_reg v4
;;   @0009                               v6 = iconst.i64 5
;;   @0002                               v9 = iconst.i32 1
;;   @0000                               jump block2(v1)
;;
;;                                   block2(v8: i32):
;;   @0009                               v5 = get_pinned_reg.i64
;;                                       v11 = iconst.i64 5
;;   @0009                               v7 = uadd_overflow_trap v5, v11, user49  ; v11 = 5
;;   @0009                               set_pinned_reg v7
;;                                       v12 = iconst.i32 1
;;                                       v13 = isub v8, v12  ; v12 = 1
;;   @0005                               brif v13, block2(v13), block4
;;
;;                                   block4:
;;   @0006                               jump block3
;;
;;                                   block3:
;;                                       jump block1
;;
;;                                   block1:
;;                                       return
;;   }
;;
;; rounds, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 1
;;      8  jb 0x38
;;      e  nop [rax+rax]
;;     14  add r15, 5
;;     18  jb 0x4a
;;     1e  nop [rax+rax]
;;     24  sub esi, 1
;;     27  test esi, esi
;;     29  jne 0x14
;;     2f  mov rsp, rbp
;;     32  pop rbp
;;     33  ret
;;     34  ud2
;;     36  ud2
;;     38  push rdi
;;     39  mov edi, 1
;;     3e  call qword ptr [text+0x0]
;;     44  pop rdi
;;     45  jmp 0x14
;;     4a  push rdi
;;     4b  mov edi, 5
;;     50  call qword ptr [text+0x0]
;;     56  pop rdi
;;     57  jmp 0x24
;;
;; calls, CLIF:
;;   function u0:3(i64 vmctx, i32) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       sig0 = (i64, i32) -> i32 tail
;;       sig1 = (i64, i32) tail
;;       fn0 = colocated u0:1 sig0
;;       fn1 = colocated u0:2 sig1
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @0006                               v2 = get_pinned_reg.i64
;;   @0006                               v3 = iconst.i64 3
;;   @0006                               v4 = uadd_overflow_trap v2, v3, user49  ; v3 = 3
;;   @0006                               set_pinned_reg v4
;;   @0001                               v5 = call fn0(v0, v1)
;;   @0007                               v6 = get_pinned_reg.i64
;;   @0007                               v7 = iconst.i64 1
;;   @0007                               v8 = uadd_overflow_trap v6, v7, user49  ; v7 = 1
;;   @0007                               set_pinned_reg v8
;;   @0002                               v11 = load.i64 notrap aligned v0
;;   @0002                               store notrap aligned v0, v11+40
;;   @0002                               v9 = load.i64 notrap aligned readonly can_move v0+24
;;   @0002                               v10 = load.i64 notrap aligned readonly can_move v0+32
;;   @0002                               call_indirect sig1, v9(v10, v5)
;;   @0008                               v12 = get_pinned_reg.i64
;;   @0008                               v13 = iconst.i64 2
;;   @0008                               v14 = uadd_overflow_trap v12, v13, user49  ; v13 = 2
;;   @0008                               set_pinned_reg v14
;;   @0004                               call fn1(v0, v1)
;;                                       jump block1
;;
;;                                   block1:
;;                                       return
;;   }
;;
;; calls, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r10, [rdi]
;;      7  mov r10, [r10+0x20]
;;      b  add r10, 0x20
;;      f  cmp r10, rsp
;;     12  ja 0x91
;;     18  sub rsp, 0x10
;;     1c  mov [rsp], rbx
;;     20  mov [rsp+8], r14
;;     25  mov r14, rsi
;;     28  add r15, 3
;;     2c  jb 0x99
;;     32  nop [rax+rax]
;;     38  mov rbx, rdi
;;     3b  call leaf
;;     40  add r15, 1
;;     44  jb 0xab
;;     4a  nop [rax+rax]
;;     50  mov rcx, [rbx]
;;     53  mov [rcx+0x28], rbx
;;     57  mov rcx, [rbx+0x18]
;;     5b  mov rdi, [rbx+0x20]
;;     5f  mov rsi, rax
;;     62  call rcx
;;     64  add r15, 2
;;     68  jb 0xbd
;;     6e  nop [rax+rax]
;;     74  mov rsi, r14
;;     77  mov rdi, rbx
;;     7a  call rounds
;;     7f  mov rbx, [rsp]
;;     83  mov r14, [rsp+8]
;;     88  add rsp, 0x10
;;     8c  mov rsp, rbp
;;     8f  pop rbp
;;     90  ret
;;     91  ud2
;;     93  ud2
;;     95  ud2
;;     97  ud2
;;     99  push rdi
;;     9a  mov edi, 3
;;     9f  call qword ptr [text+0x0]
;;     a5  pop rdi
;;     a6  jmp 0x38
;;     ab  push rdi
;;     ac  mov edi, 1
;;     b1  call qword ptr [text+0x0]
;;     b7  pop rdi
;;     b8  jmp 0x50
;;     bd  push rdi
;;     be  mov edi, 2
;;     c3  call qword ptr [text+0x0]
;;     c9  pop rdi
;;     ca  jmp 0x74
