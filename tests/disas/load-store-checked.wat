;;! clif code fuel no-signals
;; The same where nothing may fault: compared first, with a stub for what traps.
(module
  (memory 1)
  (func $move (param $from i32) (param $to i32)
    (i32.store offset=4 (local.get $to) (i32.load (local.get $from)))))
;; move, CLIF:
;;   function u0:0(i64, i32, i32) tail {
;;       sig0 = (i64) preserve_all
;;       sig1 = (i64) preserve_all
;;       sig2 = (i64) preserve_all
;;
;;                                   block0(v0: i64, v1: i32, v2: i32):
;;   @0000                               v3 = get_stack_pointer.i64
;;   @0000                               v4 = load.i64 notrap aligned readonly can_move v0
;;   @0000                               v5 = load.i64 notrap aligned readonly can_move v4+32
;;   @0000                               v6 = icmp ult v3, v5
;;   @0000                               brif v6, block1, block2
;;
;;                                   block1 cold:
;;   @0000                               v7 = load.i64 notrap aligned v0
;;   @0000                               v8 = load.i64 notrap aligned v7+56
;;   @0000                               v9 = load.i64 notrap aligned v8+16
;;   @0000                               call_indirect sig0, v9(v7)
;;   @0000                               trap stk_ovf
;;
;;                                   block2:
;;   @0005                               v10 = get_pinned_reg.i64
;;   @0005                               v11 = iconst.i64 5
;;   @0005                               v12 = uadd_overflow_trap v10, v11, user49  ; v11 = 5
;;   @0005                               set_pinned_reg v12
;;   @0002                               v14 = load.i64 notrap aligned readonly can_move v0+24
;;   @0002                               v15 = load.i64 notrap aligned v14+8
;;   @0002                               v13 = uextend.i64 v1
;;   @0002                               v16 = iconst.i64 4
;;   @0002                               v17 = iadd v13, v16  ; v16 = 4
;;   @0002                               v18 = icmp ugt v17, v15
;;   @0002                               brif v18, block4, block5
;;
;;                                   block4 cold:
;;   @0002                               v19 = load.i64 notrap aligned v0
;;   @0002                               v20 = load.i64 notrap aligned v19+56
;;   @0002                               v21 = load.i64 notrap aligned v20+16
;;   @0002                               call_indirect sig1, v21(v19)
;;   @0002                               trap heap_oob
;;
;;                                   block5:
;;   @0002                               v22 = load.i64 notrap aligned readonly can_move v0+32
;;   @0002                               v23 = iadd v22, v13
;;   @0002                               v24 = load.i32 notrap little v23
;;   @0003                               v25 = uextend.i64 v2
;;   @0003                               v28 = iconst.i64 8
;;   @0003                               v29 = iadd v25, v28  ; v28 = 8
;;   @0003                               v30 = icmp ugt v29, v15
;;   @0003                               brif v30, block6, block7
;;
;;                                   block6 cold:
;;   @0003                               v31 = load.i64 notrap aligned v0
;;   @0003                               v32 = load.i64 notrap aligned v31+56
;;   @0003                               v33 = load.i64 notrap aligned v32+16
;;   @0003                               call_indirect sig2, v33(v31)
;;   @0003                               trap heap_oob
;;
;;                                   block7:
;;   @0003                               v35 = iadd.i64 v22, v25
;;   @0003                               store.i32 notrap little v24, v35+4
;;   @0004                               jump block3
;;
;;                                   block3:
;;   @0004                               return
;;   }
;;
;; move, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov rax, rsp
;;      7  mov rcx, [rdi]
;;      a  mov rcx, [rcx+0x20]
;;      e  cmp rax, rcx
;;     11  jb 0x7b
;;     17  add r15, 5
;;     1b  jb 0x8c
;;     21  nop [rax+rax]
;;     27  mov rax, [rdi+0x18]
;;     2b  mov rax, [rax+8]
;;     2f  mov esi, esi
;;     31  lea rcx, [rsi+4]
;;     35  cmp rcx, rax
;;     38  ja 0x6c
;;     3e  mov rcx, [rdi+0x20]
;;     42  mov esi, [rcx+rsi]
;;     45  mov edx, edx
;;     47  lea r8, [rdx+8]
;;     4b  cmp r8, rax
;;     4e  ja 0x5d
;;     54  mov [rcx+rdx+4], esi
;;     58  mov rsp, rbp
;;     5b  pop rbp
;;     5c  ret
;;     5d  mov rdi, [rdi]
;;     60  mov rax, [rdi+0x38]
;;     64  mov rax, [rax+0x10]
;;     68  call rax
;;     6a  ud2
;;     6c  mov rdi, [rdi]
;;     6f  mov rax, [rdi+0x38]
;;     73  mov rax, [rax+0x10]
;;     77  call rax
;;     79  ud2
;;     7b  mov rdi, [rdi]
;;     7e  mov rax, [rdi+0x38]
;;     82  mov rax, [rax+0x10]
;;     86  call rax
;;     88  ud2
;;     8a  ud2
;;     8c  push rdi
;;     8d  mov edi, 5
;;     92  call qword ptr [text+0x0]
;;     98  pop rdi
;;     99  jmp 0x27
