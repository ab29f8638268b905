;;! clif code fuel
;; An operation that pays by length, before it runs.
(module
  (memory 1)
  (func $clear (param i32 i32)
    (memory.fill (local.get 0) (i32.const 0) (local.get 1))))
;; clear, CLIF:
;;   function u0:0(i64 vmctx, i32, i32) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       sig0 = (i64) preserve_all
;;       sig1 = (i64, i64, i64, i64, i64) -> i64 system_v
;;       sig2 = (i64) preserve_all
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32):
;;   @0005                               v3 = get_pinned_reg.i64
;;   @0005                               v4 = iconst.i64 5
;;   @0005                               v5 = uadd_overflow_trap v3, v4, user49  ; v4 = 5
;;   @0005                               set_pinned_reg v5
;;   @0003                               v8 = get_pinned_reg.i64
;;   @0003                               v7 = uextend.i64 v2
;;   @0003                               v9 = iadd v8, v7
;;   @0003                               set_pinned_reg v9
;;   @0003                               v10 = icmp ult v9, v7
;;   @0003                               brif v10, block2, block3
;;
;;                                   block2 cold:
;;   @0003                               v11 = load.i64 notrap aligned v0
;;   @0003                               v12 = load.i64 notrap aligned v11+56
;;   @0003                               v13 = load.i64 notrap aligned v12
;;   @0003                               call_indirect sig0, v13(v7)
;;   @0003                               jump block3
;;
;;                                   block3:
;;   @0003                               v18 = load.i64 notrap aligned v0
;;   @0003                               v19 = load.i64 notrap aligned v18+56
;;   @0003                               v20 = load.i64 notrap aligned v19+40
;;   @0003                               v14 = iconst.i64 0
;;   @0003                               v15 = uextend.i64 v1
;;   @0003                               v21 = call_indirect sig1, v20(v0, v14, v15, v14, v7)  ; v14 = 0, v14 = 0
;;   @0003                               v22 = iconst.i64 -9223372036854775808
;;   @0003                               v23 = icmp eq v21, v22  ; v22 = -9223372036854775808
;;   @0003                               brif v23, block4, block5
;;
;;                                   block4 cold:
;;   @0003                               v24 = load.i64 notrap aligned v0
;;   @0003                               v26 = load.i64 notrap aligned v24+56
;;   @0003                               v27 = load.i64 notrap aligned v26+8
;;   @0003                               call_indirect sig2, v27(v24)
;;   @0003                               trap user9
;;
;;                                   block5:
;;                                       jump block1
;;
;;                                   block1:
;;                                       return
;;   }
;;
;; clear, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r10, [rdi]
;;      7  mov r10, [r10+0x20]
;;      b  add r10, 0x20
;;      f  cmp r10, rsp
;;     12  ja 0xa8
;;     18  sub rsp, 0x10
;;     1c  mov [rsp], rbx
;;     20  mov r8, rdi
;;     23  add r15, 5
;;     27  jb 0xb8
;;     2d  nop [rax+rax]
;;     33  mov rax, r15
;;     36  mov edi, edx
;;     38  add rax, rdi
;;     3b  mov r15, rax
;;     3e  cmp rax, rdi
;;     41  jb 0x85
;;     47  mov rax, r8
;;     4a  mov rcx, [rax]
;;     4d  mov r8, rax
;;     50  mov rax, [rcx+0x38]
;;     54  mov rax, [rax+0x28]
;;     58  xor rcx, rcx
;;     5b  mov edx, esi
;;     5d  mov rbx, r8
;;     60  mov r8, rdi
;;     63  mov rdi, rbx
;;     66  mov rsi, rcx
;;     69  call rax
;;     6b  cmp rax, [0xb0]
;;     72  je 0x99
;;     78  mov rbx, [rsp]
;;     7c  add rsp, 0x10
;;     80  mov rsp, rbp
;;     83  pop rbp
;;     84  ret
;;     85  mov rax, r8
;;     88  mov rcx, [rax]
;;     8b  mov rcx, [rcx+0x38]
;;     8f  mov rcx, [rcx]
;;     92  call rcx
;;     94  jmp 0x4a
;;     99  mov rdi, [rbx]
;;     9c  mov rax, [rdi+0x38]
;;     a0  mov rax, [rax+8]
;;     a4  call rax
;;     a6  ud2
;;     a8  ud2
;;     aa  ud2
;;     ac  add [rax], al
;;     ae  add [rax], al
;;     b0  .long 0x0
;;     b4  .long 0x80000000
;;     b8  push rdi
;;     b9  mov edi, 5
;;     be  call qword ptr [text+0x0]
;;     c4  pop rdi
;;     c5  jmp 0x33
