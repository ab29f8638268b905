;;! clif code fuel
;; An operation that pays by length, before it runs.
(module
  (memory 1)
  (func $clear (param i32 i32)
    (memory.fill (local.get 0) (i32.const 0) (local.get 1))))
;; clear, CLIF:
;;   function u0:0(i64 vmctx, i32, i32, i64) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       sig0 = (i64) preserve_all
;;       sig1 = (i64, i64, i64) -> i64 system_v
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32, v3: i64):
;;   @0005                               v4 = get_pinned_reg.i64
;;   @0005                               trapnz v4, user49
;;   @0000                               sequence_point
;;   @0003                               v7 = get_pinned_reg.i64
;;   @0003                               v6 = uextend.i64 v2
;;   @0003                               v8 = iadd v7, v6
;;   @0003                               set_pinned_reg v8
;;   @0003                               v9 = icmp ult v8, v6
;;   @0003                               brif v9, block2, block3
;;
;;                                   block2 cold:
;;   @0003                               v10 = load.i64 notrap aligned v0
;;   @0003                               v11 = load.i64 notrap aligned v10+64
;;   @0003                               v12 = load.i64 notrap aligned v11
;;   @0003                               call_indirect sig0, v12(v6)
;;   @0003                               jump block3
;;
;;                                   block3:
;;   @0003                               v16 = load.i64 notrap aligned readonly can_move v0+24
;;   @0003                               v17 = load.i64 notrap aligned v16+8
;;   @0003                               v13 = uextend.i64 v1
;;   @0003                               v15 = iadd v13, v6
;;   @0003                               v18 = icmp ugt v15, v17
;;   @0003                               trapnz v18, heap_oob
;;   @0003                               v23 = load.i64 notrap aligned v0
;;   @0003                               v24 = load.i64 notrap aligned v23+64
;;   @0003                               v25 = load.i64 notrap aligned v24+32
;;   @0003                               v19 = load.i64 notrap aligned readonly can_move v0+32
;;   @0003                               v20 = iadd v19, v13
;;                                       v27 = iconst.i64 0
;;   @0003                               v26 = call_indirect sig1, v25(v20, v27, v6)  ; v27 = 0
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
;;      b  add r10, 0x10
;;      f  cmp r10, rsp
;;     12  ja 0x89
;;     18  mov rcx, rdi
;;     1b  add r15, 5
;;     21  jb 0x8f
;;     27  mov rax, r15
;;     2a  mov edi, edx
;;     2c  add rax, rdi
;;     2f  mov r15, rax
;;     32  cmp rax, rdi
;;     35  jb 0x72
;;     3b  mov rax, rcx
;;     3e  mov rcx, rdi
;;     41  mov rdx, [rax+0x18]
;;     45  mov edi, esi
;;     47  lea rsi, [rdi+rcx]
;;     4b  cmp rsi, [rdx+8]
;;     4f  ja 0x8d
;;     55  mov rdx, [rax]
;;     58  mov rdx, [rdx+0x40]
;;     5c  mov r8, [rdx+0x20]
;;     60  add rdi, [rax+0x20]
;;     64  xor rsi, rsi
;;     67  mov rdx, rcx
;;     6a  call r8
;;     6d  mov rsp, rbp
;;     70  pop rbp
;;     71  ret
;;     72  mov rax, rcx
;;     75  mov rcx, [rax]
;;     78  mov rcx, [rcx+0x40]
;;     7c  mov rcx, [rcx]
;;     7f  call rcx
;;     81  mov rcx, rdi
;;     84  jmp 0x41
;;     89  ud2
;;     8b  ud2
;;     8d  ud2
;;     8f  push rdi
;;     90  mov edi, 5
;;     95  call qword ptr [text+0x0]
;;     9b  pop rdi
;;     9c  jmp 0x27
