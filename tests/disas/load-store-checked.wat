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
;;   @0005                               trapnz v10, user49
;;   @0000                               sequence_point
;;   @0002                               v12 = load.i64 notrap aligned readonly can_move v0+24
;;   @0002                               v13 = load.i64 notrap aligned v12+8
;;   @0002                               v11 = uextend.i64 v1
;;   @0002                               v14 = iconst.i64 4
;;   @0002                               v15 = iadd v11, v14  ; v14 = 4
;;   @0002                               v16 = icmp ugt v15, v13
;;   @0002                               brif v16, block4, block5
;;
;;                                   block4 cold:
;;   @0002                               v17 = load.i64 notrap aligned v0
;;   @0002                               v18 = load.i64 notrap aligned v17+56
;;   @0002                               v19 = load.i64 notrap aligned v18+16
;;   @0002                               call_indirect sig1, v19(v17)
;;   @0002                               trap heap_oob
;;
;;                                   block5:
;;   @0002                               v20 = load.i64 notrap aligned readonly can_move v0+32
;;   @0002                               v21 = iadd v20, v11
;;   @0002                               v22 = load.i32 notrap little v21
;;   @0003                               v23 = uextend.i64 v2
;;   @0003                               v26 = iconst.i64 8
;;   @0003                               v27 = iadd v23, v26  ; v26 = 8
;;   @0003                               v28 = icmp ugt v27, v13
;;   @0003                               brif v28, block6, block7
;;
;;                                   block6 cold:
;;   @0003                               v29 = load.i64 notrap aligned v0
;;   @0003                               v30 = load.i64 notrap aligned v29+56
;;   @0003                               v31 = load.i64 notrap aligned v30+16
;;   @0003                               call_indirect sig2, v31(v29)
;;   @0003                               trap heap_oob
;;
;;                                   block7:
;;   @0003                               v33 = iadd.i64 v20, v23
;;   @0003                               store.i32 notrap little v22, v33+4
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
;;     11  jb 0x77
;;     17  add r15, 5
;;     1d  jb 0x88
;;     23  mov rax, [rdi+0x18]
;;     27  mov rax, [rax+8]
;;     2b  mov esi, esi
;;     2d  lea rcx, [rsi+4]
;;     31  cmp rcx, rax
;;     34  ja 0x68
;;     3a  mov rcx, [rdi+0x20]
;;     3e  mov esi, [rcx+rsi]
;;     41  mov edx, edx
;;     43  lea r8, [rdx+8]
;;     47  cmp r8, rax
;;     4a  ja 0x59
;;     50  mov [rcx+rdx+4], esi
;;     54  mov rsp, rbp
;;     57  pop rbp
;;     58  ret
;;     59  mov rdi, [rdi]
;;     5c  mov rax, [rdi+0x38]
;;     60  mov rax, [rax+0x10]
;;     64  call rax
;;     66  ud2
;;     68  mov rdi, [rdi]
;;     6b  mov rax, [rdi+0x38]
;;     6f  mov rax, [rax+0x10]
;;     73  call rax
;;     75  ud2
;;     77  mov rdi, [rdi]
;;     7a  mov rax, [rdi+0x38]
;;     7e  mov rax, [rax+0x10]
;;     82  call rax
;;     84  ud2
;;     86  ud2
;;     88  push rdi
;;     89  mov edi, 5
;;     8e  call qword ptr [text+0x0]
;;     94  pop rdi
;;     95  jmp 0x23
