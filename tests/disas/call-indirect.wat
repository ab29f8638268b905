;;! clif code fuel
;; A call through a table: its bounds, null, and the type.
(module
  (type $unary (func (param i32) (result i32)))
  (table 4 funcref)
  (func $dispatch (param i32 i32) (result i32)
    (call_indirect (type $unary) (local.get 1) (local.get 0))))
;; dispatch, CLIF:
;;   function u0:0(i64 vmctx, i32, i32, i64) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       sig0 = (i64, i32, i64) -> i32 tail
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32, v3: i64):
;;   @0000                               v4 = iconst.i64 112
;;   @0000                               v5 = uadd_overflow_trap v3, v4, stk_ovf  ; v4 = 112
;;   @0004                               v7 = get_pinned_reg.i64
;;   @0004                               trapnz v7, user49
;;   @0000                               sequence_point
;;   @0002                               v8 = load.i64 notrap aligned readonly can_move v0+24
;;   @0002                               v9 = load.i64 notrap aligned v8+8
;;   @0002                               v10 = uextend.i64 v1
;;   @0002                               v11 = icmp uge v10, v9
;;   @0002                               trapnz v11, user3
;;   @0002                               v12 = load.i64 notrap aligned v8
;;                                       v25 = iconst.i64 3
;;                                       v26 = ishl v10, v25  ; v25 = 3
;;   @0002                               v15 = iadd v12, v26
;;   @0002                               v16 = load.i64 notrap aligned v15
;;   @0002                               v17 = load.i32 user4 aligned v16+16
;;   @0002                               v18 = load.i64 notrap aligned readonly can_move v0+16
;;   @0002                               v19 = load.i32 notrap aligned readonly can_move v18
;;   @0002                               v20 = icmp ne v17, v19
;;   @0002                               trapnz v20, user5
;;   @0002                               v21 = load.i64 notrap aligned v16
;;   @0002                               v22 = load.i64 notrap aligned v16+8
;;   @0002                               v23 = load.i64 notrap aligned v0
;;   @0002                               store notrap aligned v0, v23+40
;;   @0002                               v24 = call_indirect sig0, v21(v22, v2, v5)
;;   @0003                               jump block1
;;
;;                                   block1:
;;   @0003                               return v24
;;   }
;;
;; dispatch, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r10, [rdi]
;;      7  mov r10, [r10+0x20]
;;      b  add r10, 0x10
;;      f  cmp r10, rsp
;;     12  ja 0x78
;;     18  mov r8, rdx
;;     1b  mov rdx, rcx
;;     1e  add rdx, 0x70
;;     22  jb 0x7a
;;     28  add r15, 4
;;     2e  jb 0x82
;;     34  mov rax, [rdi+0x18]
;;     38  mov ecx, esi
;;     3a  cmp rcx, [rax+8]
;;     3e  jae 0x7e
;;     44  mov rax, [rax]
;;     47  mov rax, [rax+rcx*8]
;;     4b  mov ecx, [rax+0x10]
;;     4e  mov rsi, [rdi+0x10]
;;     52  mov r9, rdi
;;     55  cmp ecx, [rsi]
;;     57  jne 0x80
;;     5d  mov rcx, [rax]
;;     60  mov rdi, [rax+8]
;;     64  mov rax, r9
;;     67  mov rsi, [rax]
;;     6a  mov [rsi+0x28], rax
;;     6e  mov rsi, r8
;;     71  call rcx
;;     73  mov rsp, rbp
;;     76  pop rbp
;;     77  ret
;;     78  ud2
;;     7a  ud2
;;     7c  ud2
;;     7e  ud2
;;     80  ud2
;;     82  push rdi
;;     83  mov edi, 4
;;     88  call qword ptr [text+0x0]
;;     8e  pop rdi
;;     8f  jmp 0x34
