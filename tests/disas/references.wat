;;! clif code fuel
;; A reference that is needed after a call is kept where the collector finds it.
(module
  (import "host" "look" (func $look (param externref) (result i32)))
  (table $kept 4 externref)
  (func $keep (param $it externref) (result externref)
    (drop (call $look (local.get $it)))
    (table.set $kept (i32.const 1) (local.get $it))
    (local.get $it)))
;; keep, CLIF:
;;   function u0:1(i64 vmctx, i32) -> i32 tail {
;;       ss0 = explicit_slot 4, align = 4
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       sig0 = (i64) preserve_all
;;       sig1 = (i64, i32) -> i32 tail
;;       sig2 = (i64) preserve_all
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;                                       v40 = stack_addr.i64 ss0
;;                                       store notrap aligned v1, v40
;;   @0000                               v4 = get_pinned_reg.i64
;;   @0000                               v3 = iconst.i64 3
;;   @0000                               v5 = iadd v4, v3  ; v3 = 3
;;   @0000                               set_pinned_reg v5
;;   @0000                               v6 = icmp ult v5, v3  ; v3 = 3
;;   @0000                               brif v6, block2, block3
;;
;;                                   block2 cold:
;;   @0000                               v8 = load.i64 notrap aligned v0
;;   @0000                               v9 = load.i64 notrap aligned v8+56
;;   @0000                               v10 = load.i64 notrap aligned v9
;;                                       v52 = iconst.i64 3
;;   @0000                               call_indirect sig0, v10(v52), stack_map=[i32 @ ss0+0]  ; v52 = 3
;;   @0000                               jump block3
;;
;;                                   block3:
;;   @0001                               v14 = load.i64 notrap aligned v0
;;   @0001                               store.i64 notrap aligned v0, v14+40
;;                                       v39 = load.i32 notrap aligned v40
;;   @0001                               v12 = load.i64 notrap aligned readonly can_move v0+32
;;   @0001                               v13 = load.i64 notrap aligned readonly can_move v0+40
;;   @0001                               v15 = call_indirect sig1, v12(v13, v39), stack_map=[i32 @ ss0+0]
;;   @0001                               v17 = get_pinned_reg.i64
;;   @0001                               v16 = iconst.i64 4
;;   @0001                               v18 = iadd v17, v16  ; v16 = 4
;;   @0001                               set_pinned_reg v18
;;   @0001                               v19 = icmp ult v18, v16  ; v16 = 4
;;   @0001                               brif v19, block4, block5
;;
;;                                   block4 cold:
;;   @0001                               v21 = load.i64 notrap aligned v0
;;   @0001                               v22 = load.i64 notrap aligned v21+56
;;   @0001                               v23 = load.i64 notrap aligned v22
;;                                       v53 = iconst.i64 4
;;   @0001                               call_indirect sig2, v23(v53), stack_map=[i32 @ ss0+0]  ; v53 = 4
;;   @0001                               jump block5
;;
;;                                   block5:
;;   @0005                               v26 = load.i64 notrap aligned readonly can_move v0+24
;;   @0005                               v27 = load.i64 notrap aligned v26+8
;;                                       v41 = iconst.i64 1
;;                                       v42 = icmp ule v27, v41  ; v41 = 1
;;   @0005                               trapnz v42, user3
;;   @0005                               v30 = load.i64 notrap aligned v26
;;                                       v37 = load.i32 notrap aligned v40
;;   @0005                               v31 = iconst.i64 8
;;   @0005                               v33 = iadd v30, v31  ; v31 = 8
;;   @0005                               store notrap aligned v37, v33
;;                                       v35 = load.i32 notrap aligned v40
;;   @0007                               jump block1
;;
;;                                   block1:
;;   @0007                               return v35
;;   }
;;
;; keep, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r10, [rdi]
;;      7  mov r10, [r10+0x20]
;;      b  add r10, 0x30
;;      f  cmp r10, rsp
;;     12  ja 0xd0
;;     18  sub rsp, 0x20
;;     1c  mov [rsp+0x10], rbx
;;     21  mov [rsp], esi
;;     24  mov rax, r15
;;     27  add rax, 3
;;     2e  mov r15, rax
;;     31  cmp rax, 3
;;     35  jb 0x9b
;;     3b  mov rcx, rdi
;;     3e  mov rax, [rcx]
;;     41  mov [rax+0x28], rcx
;;     45  mov esi, [rsp]
;;     48  mov rax, [rcx+0x20]
;;     4c  mov rdi, [rcx+0x28]
;;     50  mov rbx, rcx
;;     53  call rax
;;     55  mov rax, r15
;;     58  add rax, 4
;;     5f  mov r15, rax
;;     62  cmp rax, 4
;;     66  jb 0xb7
;;     6c  mov rcx, rbx
;;     6f  mov rax, [rcx+0x18]
;;     73  mov rcx, [rax+8]
;;     77  cmp rcx, 1
;;     7b  jbe 0xd2
;;     81  mov rax, [rax]
;;     84  mov ecx, [rsp]
;;     87  mov [rax+8], ecx
;;     8a  mov eax, [rsp]
;;     8d  mov rbx, [rsp+0x10]
;;     92  add rsp, 0x20
;;     96  mov rsp, rbp
;;     99  pop rbp
;;     9a  ret
;;     9b  mov rax, [rdi]
;;     9e  mov rbx, rdi
;;     a1  mov rax, [rax+0x38]
;;     a5  mov rax, [rax]
;;     a8  mov edi, 3
;;     ad  call rax
;;     af  mov rcx, rbx
;;     b2  jmp 0x3e
;;     b7  mov rcx, rbx
;;     ba  mov rax, [rcx]
;;     bd  mov rax, [rax+0x38]
;;     c1  mov rax, [rax]
;;     c4  mov edi, 4
;;     c9  call rax
;;     cb  jmp 0x6f
;;     d0  ud2
;;     d2  ud2
