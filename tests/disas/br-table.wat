;;! clif code fuel
;; A branch to one of several places, one of which is the end.
(module
  (func $pick (param i32) (result i32)
    (block $two (block $one (block $zero
      (br_table $zero $one $two (local.get 0)))
      (return (i32.const 10)))
      (return (i32.add (local.get 0) (i32.const 20))))
    (i32.sub (local.get 0) (i32.const 30))))
;; pick, CLIF:
;;   function u0:0(i64 vmctx, i32) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @0012                               v3 = get_pinned_reg.i64
;;   @0012                               v4 = iconst.i64 4
;;   @0012                               v5 = uadd_overflow_trap v3, v4, user49  ; v4 = 4
;;   @0012                               set_pinned_reg v5
;;   @0004                               br_table v1, block2, [block4, block3]
;;
;;                                   block4:
;;   @0006                               v6 = iconst.i32 10
;;   @0007                               jump block1(v6)  ; v6 = 10
;;
;;                                   block3:
;;   @0013                               v7 = get_pinned_reg.i64
;;   @0013                               v8 = iconst.i64 2
;;   @0013                               v9 = uadd_overflow_trap v7, v8, user49  ; v8 = 2
;;   @0013                               set_pinned_reg v9
;;   @000a                               v10 = iconst.i32 20
;;   @000b                               v11 = iadd.i32 v1, v10  ; v10 = 20
;;   @000c                               jump block1(v11)
;;
;;                                   block2:
;;   @0014                               v12 = get_pinned_reg.i64
;;                                       v17 = iconst.i64 2
;;   @0014                               v14 = uadd_overflow_trap v12, v17, user49  ; v17 = 2
;;   @0014                               set_pinned_reg v14
;;   @000f                               v15 = iconst.i32 30
;;   @0010                               v16 = isub.i32 v1, v15  ; v15 = 30
;;                                       jump block1(v16)
;;
;;                                   block1(v2: i32):
;;                                       return v2
;;   }
;;
;; pick, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 4
;;      8  jb 0x7f
;;      e  nop [rax+rax]
;;     14  mov eax, 2
;;     19  mov ecx, esi
;;     1b  cmp ecx, eax
;;     1d  cmovb eax, ecx
;;     20  lea rcx, [0x30]
;;     27  movsxd rax, [rcx+rax*4]
;;     2b  add rcx, rax
;;     2e  jmp rcx
;;     30  .long 0x24
;;     34  .long 0xc
;;     38  .long 0x2e
;;     3c  add r15, 2
;;     40  jb 0x91
;;     46  nop [rax+rax]
;;     4c  lea eax, [rsi+0x14]
;;     4f  jmp 0x74
;;     54  mov eax, 0xa
;;     59  jmp 0x74
;;     5e  add r15, 2
;;     62  jb 0xa8
;;     68  nop [rax+rax]
;;     6e  sub esi, 0x1e
;;     71  mov rax, rsi
;;     74  mov rsp, rbp
;;     77  pop rbp
;;     78  ret
;;     79  ud2
;;     7b  ud2
;;     7d  ud2
;;     7f  push rdi
;;     80  mov edi, 4
;;     85  call qword ptr [text+0x0]
;;     8b  pop rdi
;;     8c  jmp 0x14
;;     91  push rdi
;;     92  mov rdi, 0x100000002
;;     9c  call qword ptr [text+0x0]
;;     a2  pop rdi
;;     a3  jmp 0x4c
;;     a8  push rdi
;;     a9  mov rdi, 0x100000002
;;     b3  call qword ptr [text+0x0]
;;     b9  pop rdi
;;     ba  jmp 0x6e
