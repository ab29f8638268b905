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
;;   function u0:1(i64 vmctx, i32, i64) -> i32 tail {
;;       ss0 = explicit_slot 4, align = 4
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       sig0 = (i64) preserve_all
;;       sig1 = (i64, i32, i64) -> i32 tail
;;       sig2 = (i64) preserve_all
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i64):
;;                                       v43 = stack_addr.i64 ss0
;;                                       store notrap aligned v1, v43
;;   @0000                               v3 = iconst.i64 104
;;   @0000                               v4 = uadd_overflow_trap v2, v3, stk_ovf  ; v3 = 104
;;   @0000                               v7 = get_pinned_reg.i64
;;   @0000                               v6 = iconst.i64 3
;;   @0000                               v8 = iadd v7, v6  ; v6 = 3
;;   @0000                               set_pinned_reg v8
;;   @0000                               v9 = icmp ult v8, v6  ; v6 = 3
;;   @0000                               brif v9, block2, block3
;;
;;                                   block2 cold:
;;   @0000                               v11 = load.i64 notrap aligned v0
;;   @0000                               v12 = load.i64 notrap aligned v11+64
;;   @0000                               v13 = load.i64 notrap aligned v12
;;                                       v55 = iconst.i64 3
;;   @0000                               call_indirect sig0, v13(v55), stack_map=[i32 @ ss0+0]  ; v55 = 3
;;   @0000                               jump block3
;;
;;                                   block3:
;;   @0001                               v17 = load.i64 notrap aligned v0
;;   @0001                               store.i64 notrap aligned v0, v17+40
;;                                       v42 = load.i32 notrap aligned v43
;;   @0001                               v15 = load.i64 notrap aligned readonly can_move v0+32
;;   @0001                               v16 = load.i64 notrap aligned readonly can_move v0+40
;;   @0001                               v18 = call_indirect sig1, v15(v16, v42, v4), stack_map=[i32 @ ss0+0]
;;   @0001                               v20 = get_pinned_reg.i64
;;   @0001                               v19 = iconst.i64 4
;;   @0001                               v21 = iadd v20, v19  ; v19 = 4
;;   @0001                               set_pinned_reg v21
;;   @0001                               v22 = icmp ult v21, v19  ; v19 = 4
;;   @0001                               brif v22, block4, block5
;;
;;                                   block4 cold:
;;   @0001                               v24 = load.i64 notrap aligned v0
;;   @0001                               v25 = load.i64 notrap aligned v24+64
;;   @0001                               v26 = load.i64 notrap aligned v25
;;                                       v56 = iconst.i64 4
;;   @0001                               call_indirect sig2, v26(v56), stack_map=[i32 @ ss0+0]  ; v56 = 4
;;   @0001                               jump block5
;;
;;                                   block5:
;;   @0005                               v29 = load.i64 notrap aligned readonly can_move v0+24
;;   @0005                               v30 = load.i64 notrap aligned v29+8
;;                                       v44 = iconst.i64 1
;;                                       v45 = icmp ule v30, v44  ; v44 = 1
;;   @0005                               trapnz v45, user3
;;   @0005                               v33 = load.i64 notrap aligned v29
;;                                       v40 = load.i32 notrap aligned v43
;;   @0005                               v34 = iconst.i64 8
;;   @0005                               v36 = iadd v33, v34  ; v34 = 8
;;   @0005                               store notrap aligned v40, v36
;;                                       v38 = load.i32 notrap aligned v43
;;   @0007                               jump block1
;;
;;                                   block1:
;;   @0007                               return v38
;;   }
;;
;; keep, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r10, [rdi]
;;      7  mov r10, [r10+0x20]
;;      b  add r10, 0x30
;;      f  cmp r10, rsp
;;     12  ja 0xda
;;     18  sub rsp, 0x20
;;     1c  mov [rsp+0x10], rbx
;;     21  mov [rsp], esi
;;     24  add rdx, 0x68
;;     28  jb 0xdc
;;     2e  mov rax, r15
;;     31  add rax, 3
;;     38  mov r15, rax
;;     3b  cmp rax, 3
;;     3f  jb 0xa5
;;     45  mov rcx, rdi
;;     48  mov rax, [rcx]
;;     4b  mov [rax+0x28], rcx
;;     4f  mov esi, [rsp]
;;     52  mov rax, [rcx+0x20]
;;     56  mov rdi, [rcx+0x28]
;;     5a  mov rbx, rcx
;;     5d  call rax
;;     5f  mov rax, r15
;;     62  add rax, 4
;;     69  mov r15, rax
;;     6c  cmp rax, 4
;;     70  jb 0xc1
;;     76  mov rcx, rbx
;;     79  mov rax, [rcx+0x18]
;;     7d  mov rcx, [rax+8]
;;     81  cmp rcx, 1
;;     85  jbe 0xde
;;     8b  mov rax, [rax]
;;     8e  mov ecx, [rsp]
;;     91  mov [rax+8], ecx
;;     94  mov eax, [rsp]
;;     97  mov rbx, [rsp+0x10]
;;     9c  add rsp, 0x20
;;     a0  mov rsp, rbp
;;     a3  pop rbp
;;     a4  ret
;;     a5  mov rax, [rdi]
;;     a8  mov rbx, rdi
;;     ab  mov rax, [rax+0x40]
;;     af  mov rax, [rax]
;;     b2  mov edi, 3
;;     b7  call rax
;;     b9  mov rcx, rbx
;;     bc  jmp 0x48
;;     c1  mov rcx, rbx
;;     c4  mov rax, [rcx]
;;     c7  mov rax, [rax+0x40]
;;     cb  mov rax, [rax]
;;     ce  mov edi, 4
;;     d3  call rax
;;     d5  jmp 0x79
;;     da  ud2
;;     dc  ud2
;;     de  ud2
