;;! clif code fuel
;; A call through a table: its bounds, null, and the type.
(module
  (type $unary (func (param i32) (result i32)))
  (table 4 funcref)
  (func $dispatch (param i32 i32) (result i32)
    (call_indirect (type $unary) (local.get 1) (local.get 0))))
;; dispatch, CLIF:
;;   function u0:0(i64 vmctx, i32, i32) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       sig0 = (i64, i32) -> i32 tail
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32):
;;   @0004                               v4 = get_pinned_reg.i64
;;   @0004                               v5 = iconst.i64 4
;;   @0004                               v6 = uadd_overflow_trap v4, v5, user49  ; v5 = 4
;;   @0004                               set_pinned_reg v6
;;   @0002                               v7 = load.i64 notrap aligned readonly can_move v0+24
;;   @0002                               v8 = load.i64 notrap aligned v7+8
;;   @0002                               v9 = uextend.i64 v1
;;   @0002                               v10 = icmp uge v9, v8
;;   @0002                               trapnz v10, user3
;;   @0002                               v11 = load.i64 notrap aligned v7
;;                                       v24 = iconst.i64 3
;;                                       v25 = ishl v9, v24  ; v24 = 3
;;   @0002                               v14 = iadd v11, v25
;;   @0002                               v15 = load.i64 notrap aligned v14
;;   @0002                               v16 = load.i32 user4 aligned v15+16
;;   @0002                               v17 = load.i64 notrap aligned readonly can_move v0+16
;;   @0002                               v18 = load.i32 notrap aligned readonly can_move v17
;;   @0002                               v19 = icmp ne v16, v18
;;   @0002                               trapnz v19, user5
;;   @0002                               v20 = load.i64 notrap aligned v15
;;   @0002                               v21 = load.i64 notrap aligned v15+8
;;   @0002                               v22 = load.i64 notrap aligned v0
;;   @0002                               store notrap aligned v0, v22+40
;;   @0002                               v23 = call_indirect sig0, v20(v21, v2)
;;                                       jump block1
;;
;;                                   block1:
;;                                       return v23
;;   }
;;
;; dispatch, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r10, [rdi]
;;      7  mov r10, [r10+0x20]
;;      b  add r10, 0x10
;;      f  cmp r10, rsp
;;     12  ja 0x6c
;;     18  add r15, 4
;;     1c  jb 0x74
;;     22  nop [rax+rax]
;;     28  mov rax, [rdi+0x18]
;;     2c  mov ecx, esi
;;     2e  cmp rcx, [rax+8]
;;     32  jae 0x70
;;     38  mov rax, [rax]
;;     3b  mov rax, [rax+rcx*8]
;;     3f  mov ecx, [rax+0x10]
;;     42  mov rsi, [rdi+0x10]
;;     46  mov r8, rdi
;;     49  cmp ecx, [rsi]
;;     4b  jne 0x72
;;     51  mov rcx, [rax]
;;     54  mov rdi, [rax+8]
;;     58  mov rax, r8
;;     5b  mov rsi, [rax]
;;     5e  mov [rsi+0x28], rax
;;     62  mov rsi, rdx
;;     65  call rcx
;;     67  mov rsp, rbp
;;     6a  pop rbp
;;     6b  ret
;;     6c  ud2
;;     6e  ud2
;;     70  ud2
;;     72  ud2
;;     74  push rdi
;;     75  mov edi, 4
;;     7a  call qword ptr [text+0x0]
;;     80  pop rdi
;;     81  jmp 0x28
