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
;;   @0004                               trapnz v3, user49
;;   @0000                               sequence_point
;;                                       jump block1
;;
;;                                   block1:
;;   @0001                               v4 = iconst.i32 85
;;   @0002                               v5 = bxor.i32 v1, v4  ; v4 = 85
;;                                       return v5
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
;;   function u0:2(i64 vmctx, i32) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @0008                               v2 = get_pinned_reg.i64
;;   @0008                               trapnz v2, user49
;;   @0000                               sequence_point
;;   @0002                               v5 = iconst.i32 1
;;   @0000                               jump block2(v1)
;;
;;                                   block2(v4: i32):
;;   @0009                               v3 = get_pinned_reg.i64
;;   @0009                               trapnz v3, user49
;;   @0000                               sequence_point
;;                                       v7 = iconst.i32 1
;;                                       v8 = isub v4, v7  ; v7 = 1
;;   @0005                               brif v8, block2(v8), block4
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
;;   function u0:3(i64 vmctx, i32) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       sig0 = (i64, i32) tail
;;       fn0 = colocated u0:2 sig0
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @000a                               v3 = get_pinned_reg.i64
;;   @000a                               trapnz v3, user49
;;   @0000                               sequence_point
;;   @0006                               v8 = load.i64 notrap aligned v0
;;   @0006                               store notrap aligned v0, v8+40
;;   @0006                               v6 = load.i64 notrap aligned readonly can_move v0+24
;;   @0006                               v7 = load.i64 notrap aligned readonly can_move v0+32
;;   @0004                               v4 = iconst.i32 85
;;   @0005                               v5 = bxor v1, v4  ; v4 = 85
;;   @0006                               call_indirect sig0, v6(v7, v5)
;;   @000b                               v9 = get_pinned_reg.i64
;;   @000b                               trapnz v9, user49
;;   @0006                               sequence_point
;;   @0008                               call fn0(v0, v1)
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
;;      b  add r10, 0x20
;;      f  cmp r10, rsp
;;     12  ja 0x74
;;     18  sub rsp, 0x10
;;     1c  mov [rsp], r12
;;     20  mov [rsp+8], r13
;;     25  mov r12, rsi
;;     28  mov r13, rdi
;;     2b  add r15, 8
;;     31  jb 0x7a
;;     37  mov r11, [rdi]
;;     3a  mov [r11+0x28], rdi
;;     3e  mov rax, [rdi+0x18]
;;     42  mov rdi, [rdi+0x20]
;;     46  xor esi, 0x55
;;     49  call rax
;;     4b  add r15, 2
;;     51  jb 0x8c
;;     57  mov rsi, r12
;;     5a  mov rdi, r13
;;     5d  call rounds
;;     62  mov r12, [rsp]
;;     66  mov r13, [rsp+8]
;;     6b  add rsp, 0x10
;;     6f  mov rsp, rbp
;;     72  pop rbp
;;     73  ret
;;     74  ud2
;;     76  ud2
;;     78  ud2
;;     7a  push rdi
;;     7b  mov edi, 8
;;     80  call qword ptr [text+0x0]
;;     86  pop rdi
;;     87  jmp 0x37
;;     8c  push rdi
;;     8d  mov edi, 2
;;     92  call qword ptr [text+0x0]
;;     98  pop rdi
;;     99  jmp 0x57
