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
;;   @0004                               trapnz v4, user49
;;   @0000                               sequence_point
;;   @0002                               v5 = load.i64 notrap aligned readonly can_move v0+24
;;   @0002                               v6 = load.i64 notrap aligned v5+8
;;   @0002                               v7 = uextend.i64 v1
;;   @0002                               v8 = icmp uge v7, v6
;;   @0002                               trapnz v8, user3
;;   @0002                               v9 = load.i64 notrap aligned v5
;;                                       v22 = iconst.i64 3
;;                                       v23 = ishl v7, v22  ; v22 = 3
;;   @0002                               v12 = iadd v9, v23
;;   @0002                               v13 = load.i64 notrap aligned v12
;;   @0002                               v14 = load.i32 user4 aligned v13+16
;;   @0002                               v15 = load.i64 notrap aligned readonly can_move v0+16
;;   @0002                               v16 = load.i32 notrap aligned readonly can_move v15
;;   @0002                               v17 = icmp ne v14, v16
;;   @0002                               trapnz v17, user5
;;   @0002                               v18 = load.i64 notrap aligned v13
;;   @0002                               v19 = load.i64 notrap aligned v13+8
;;   @0002                               v20 = load.i64 notrap aligned v0
;;   @0002                               store notrap aligned v0, v20+40
;;   @0002                               v21 = call_indirect sig0, v18(v19, v2)
;;                                       jump block1
;;
;;                                   block1:
;;                                       return v21
;;   }
;;
;; dispatch, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r10, [rdi]
;;      7  mov r10, [r10+0x20]
;;      b  add r10, 0x10
;;      f  cmp r10, rsp
;;     12  ja 0x68
;;     18  add r15, 4
;;     1e  jb 0x70
;;     24  mov rax, [rdi+0x18]
;;     28  mov ecx, esi
;;     2a  cmp rcx, [rax+8]
;;     2e  jae 0x6c
;;     34  mov rax, [rax]
;;     37  mov rax, [rax+rcx*8]
;;     3b  mov ecx, [rax+0x10]
;;     3e  mov rsi, [rdi+0x10]
;;     42  mov r8, rdi
;;     45  cmp ecx, [rsi]
;;     47  jne 0x6e
;;     4d  mov rcx, [rax]
;;     50  mov rdi, [rax+8]
;;     54  mov rax, r8
;;     57  mov rsi, [rax]
;;     5a  mov [rsi+0x28], rax
;;     5e  mov rsi, rdx
;;     61  call rcx
;;     63  mov rsp, rbp
;;     66  pop rbp
;;     67  ret
;;     68  ud2
;;     6a  ud2
;;     6c  ud2
;;     6e  ud2
;;     70  push rdi
;;     71  mov edi, 4
;;     76  call qword ptr [text+0x0]
;;     7c  pop rdi
;;     7d  jmp 0x24
