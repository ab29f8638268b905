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
;;   function u0:1(i64 vmctx, i32, i64) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i64):
;;   @0004                               v4 = get_pinned_reg.i64
;;   @0004                               trapnz v4, user49
;;   @0000                               sequence_point
;;                                       jump block1
;;
;;                                   block1:
;;   @0001                               v5 = iconst.i32 85
;;   @0002                               v6 = bxor.i32 v1, v5  ; v5 = 85
;;                                       return v6
;;   }
;;
;; leaf, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 4
;;      a  jb 0x1d
;;     10  mov rax, rsi
;;     13  xor eax, 0x55
;;     16  mov rsp, rbp
;;     19  pop rbp
;;     1a  ret
;;     1b  ud2
;;     1d  push rdi
;;     1e  mov edi, 4
;;     23  call qword ptr [text+0x0]
;;     29  pop rdi
;;     2a  jmp 0x10
;;
;; rounds, CLIF:
;;   function u0:2(i64 vmctx, i32, i64) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i64):
;;   @0008                               v3 = get_pinned_reg.i64
;;   @0008                               trapnz v3, user49
;;   @0000                               sequence_point
;;   @0002                               v6 = iconst.i32 1
;;   @0000                               jump block2(v1)
;;
;;                                   block2(v5: i32):
;;   @0009                               v4 = get_pinned_reg.i64
;;   @0009                               trapnz v4, user49
;;   @0000                               sequence_point
;;                                       v8 = iconst.i32 1
;;                                       v9 = isub v5, v8  ; v8 = 1
;;   @0005                               brif v9, block2(v9), block4
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
;;      a  jb 0x30
;;     10  add r15, 5
;;     16  jb 0x42
;;     1c  sub esi, 1
;;     1f  test esi, esi
;;     21  jne 0x10
;;     27  mov rsp, rbp
;;     2a  pop rbp
;;     2b  ret
;;     2c  ud2
;;     2e  ud2
;;     30  push rdi
;;     31  mov edi, 1
;;     36  call qword ptr [text+0x0]
;;     3c  pop rdi
;;     3d  jmp 0x10
;;     42  push rdi
;;     43  mov edi, 5
;;     48  call qword ptr [text+0x0]
;;     4e  pop rdi
;;     4f  jmp 0x1c
;;
;; calls, CLIF:
;;   function u0:3(i64 vmctx, i32, i64) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       sig0 = (i64, i32, i64) tail
;;       fn0 = colocated u0:2 sig0
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i64):
;;   @0000                               v3 = iconst.i64 88
;;   @0000                               v4 = uadd_overflow_trap v2, v3, stk_ovf  ; v3 = 88
;;   @000a                               v6 = get_pinned_reg.i64
;;   @000a                               trapnz v6, user49
;;   @0000                               sequence_point
;;   @0006                               v11 = load.i64 notrap aligned v0
;;   @0006                               store notrap aligned v0, v11+40
;;   @0006                               v9 = load.i64 notrap aligned readonly can_move v0+24
;;   @0006                               v10 = load.i64 notrap aligned readonly can_move v0+32
;;   @0004                               v7 = iconst.i32 85
;;   @0005                               v8 = bxor v1, v7  ; v7 = 85
;;   @0006                               call_indirect sig0, v9(v10, v8, v4)
;;   @000b                               v12 = get_pinned_reg.i64
;;   @000b                               trapnz v12, user49
;;   @0006                               sequence_point
;;   @0008                               call fn0(v0, v1, v4)
;;   @0009                               jump block1
;;
;;                                   block1:
;;   @0009                               return
;;   }
;;
;; calls, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r10, [rdi]
;;      7  mov r10, [r10+0x20]
;;      b  add r10, 0x30
;;      f  cmp r10, rsp
;;     12  ja 0x8e
;;     18  sub rsp, 0x20
;;     1c  mov [rsp], rbx
;;     20  mov [rsp+8], r12
;;     25  mov [rsp+0x10], r14
;;     2a  mov rbx, rdi
;;     2d  mov r14, rsi
;;     30  add rdx, 0x58
;;     34  mov r12, rdx
;;     37  jb 0x90
;;     3d  add r15, 8
;;     43  jb 0x96
;;     49  mov rax, [rdi]
;;     4c  mov [rax+0x28], rdi
;;     50  mov rax, [rdi+0x18]
;;     54  mov rdi, [rdi+0x20]
;;     58  xor esi, 0x55
;;     5b  call rax
;;     5d  add r15, 2
;;     63  jb 0xa8
;;     69  mov rdx, r12
;;     6c  mov rsi, r14
;;     6f  mov rdi, rbx
;;     72  call rounds
;;     77  mov rbx, [rsp]
;;     7b  mov r12, [rsp+8]
;;     80  mov r14, [rsp+0x10]
;;     85  add rsp, 0x20
;;     89  mov rsp, rbp
;;     8c  pop rbp
;;     8d  ret
;;     8e  ud2
;;     90  ud2
;;     92  ud2
;;     94  ud2
;;     96  push rdi
;;     97  mov edi, 8
;;     9c  call qword ptr [text+0x0]
;;     a2  pop rdi
;;     a3  jmp 0x49
;;     a8  push rdi
;;     a9  mov edi, 2
;;     ae  call qword ptr [text+0x0]
;;     b4  pop rdi
;;     b5  jmp 0x69
