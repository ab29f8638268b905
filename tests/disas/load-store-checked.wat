;;! clif code fuel no-signals
;; The same where nothing may fault: compared first, with a stub for what traps.
(module
  (memory 1)
  (func $move (param $from i32) (param $to i32)
    (i32.store offset=4 (local.get $to) (i32.load (local.get $from)))))
;; move, CLIF:
;;   function u0:0(i64, i32, i32, i64) tail {
;;       sig0 = (i64) preserve_all
;;       sig1 = (i64) preserve_all
;;       sig2 = (i64) preserve_all
;;
;;                                   block0(v0: i64, v1: i32, v2: i32, v3: i64):
;;   @0000                               v4 = get_stack_pointer.i64
;;   @0000                               v5 = load.i64 notrap aligned readonly can_move v0
;;   @0000                               v6 = load.i64 notrap aligned readonly can_move v5+32
;;   @0000                               v7 = icmp ult v4, v6
;;   @0000                               brif v7, block1, block2
;;
;;                                   block1 cold:
;;   @0000                               v8 = load.i64 notrap aligned v0
;;   @0000                               v9 = load.i64 notrap aligned v8+64
;;   @0000                               v10 = load.i64 notrap aligned v9+16
;;   @0000                               call_indirect sig0, v10(v8)
;;   @0000                               trap stk_ovf
;;
;;                                   block2:
;;   @0005                               v11 = get_pinned_reg.i64
;;   @0005                               trapnz v11, user49
;;   @0000                               sequence_point
;;   @0002                               v13 = load.i64 notrap aligned readonly can_move v0+24
;;   @0002                               v14 = load.i64 notrap aligned v13+8
;;   @0002                               v12 = uextend.i64 v1
;;   @0002                               v15 = iconst.i64 4
;;   @0002                               v16 = iadd v12, v15  ; v15 = 4
;;   @0002                               v17 = icmp ugt v16, v14
;;   @0002                               brif v17, block4, block5
;;
;;                                   block4 cold:
;;   @0002                               v18 = load.i64 notrap aligned v0
;;   @0002                               v19 = load.i64 notrap aligned v18+64
;;   @0002                               v20 = load.i64 notrap aligned v19+16
;;   @0002                               call_indirect sig1, v20(v18)
;;   @0002                               trap heap_oob
;;
;;                                   block5:
;;   @0002                               v21 = load.i64 notrap aligned readonly can_move v0+32
;;   @0002                               v22 = iadd v21, v12
;;   @0002                               v23 = load.i32 notrap little v22
;;   @0003                               v24 = uextend.i64 v2
;;   @0003                               v27 = iconst.i64 8
;;   @0003                               v28 = iadd v24, v27  ; v27 = 8
;;   @0003                               v29 = icmp ugt v28, v14
;;   @0003                               brif v29, block6, block7
;;
;;                                   block6 cold:
;;   @0003                               v30 = load.i64 notrap aligned v0
;;   @0003                               v31 = load.i64 notrap aligned v30+64
;;   @0003                               v32 = load.i64 notrap aligned v31+16
;;   @0003                               call_indirect sig2, v32(v30)
;;   @0003                               trap heap_oob
;;
;;                                   block7:
;;   @0003                               v34 = iadd.i64 v21, v24
;;   @0003                               store.i32 notrap little v23, v34+4
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
;;     5c  mov rax, [rdi+0x40]
;;     60  mov rax, [rax+0x10]
;;     64  call rax
;;     66  ud2
;;     68  mov rdi, [rdi]
;;     6b  mov rax, [rdi+0x40]
;;     6f  mov rax, [rax+0x10]
;;     73  call rax
;;     75  ud2
;;     77  mov rdi, [rdi]
;;     7a  mov rax, [rdi+0x40]
;;     7e  mov rax, [rax+0x10]
;;     82  call rax
;;     84  ud2
;;     86  ud2
;;     88  push rdi
;;     89  mov edi, 5
;;     8e  call qword ptr [text+0x0]
;;     94  pop rdi
;;     95  jmp 0x23
