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
;;   function u0:0(i64 vmctx, i32, i64) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i64):
;;   @0012                               v4 = get_pinned_reg.i64
;;   @0012                               trapnz v4, user49
;;   @0000                               sequence_point
;;   @0004                               br_table v1, block2, [block4, block3]
;;
;;                                   block4:
;;   @0006                               v5 = iconst.i32 10
;;   @0007                               jump block1(v5)  ; v5 = 10
;;
;;                                   block3:
;;   @0013                               v6 = get_pinned_reg.i64
;;   @0013                               trapnz v6, user49
;;   @0008                               sequence_point
;;   @000a                               v7 = iconst.i32 20
;;   @000b                               v8 = iadd.i32 v1, v7  ; v7 = 20
;;   @000c                               jump block1(v8)
;;
;;                                   block2:
;;   @0014                               v9 = get_pinned_reg.i64
;;   @0014                               trapnz v9, user49
;;   @000d                               sequence_point
;;   @000f                               v10 = iconst.i32 30
;;   @0010                               v11 = isub.i32 v1, v10  ; v10 = 30
;;                                       jump block1(v11)
;;
;;                                   block1(v3: i32):
;;                                       return v3
;;   }
;;
;; pick, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 4
;;      a  jb 0x73
;;     10  mov eax, 2
;;     15  mov ecx, esi
;;     17  cmp ecx, eax
;;     19  cmovb eax, ecx
;;     1c  lea rcx, [0x2c]
;;     23  movsxd rax, [rcx+rax*4]
;;     27  add rcx, rax
;;     2a  jmp rcx
;;     2c  .long 0x20
;;     30  .long 0xc
;;     34  .long 0x2a
;;     38  add r15, 2
;;     3e  jb 0x85
;;     44  lea eax, [rsi+0x14]
;;     47  jmp 0x68
;;     4c  mov eax, 0xa
;;     51  jmp 0x68
;;     56  add r15, 2
;;     5c  jb 0x9c
;;     62  sub esi, 0x1e
;;     65  mov rax, rsi
;;     68  mov rsp, rbp
;;     6b  pop rbp
;;     6c  ret
;;     6d  ud2
;;     6f  ud2
;;     71  ud2
;;     73  push rdi
;;     74  mov edi, 4
;;     79  call qword ptr [text+0x0]
;;     7f  pop rdi
;;     80  jmp 0x10
;;     85  push rdi
;;     86  mov rdi, 0x100000002
;;     90  call qword ptr [text+0x0]
;;     96  pop rdi
;;     97  jmp 0x44
;;     9c  push rdi
;;     9d  mov rdi, 0x100000002
;;     a7  call qword ptr [text+0x0]
;;     ad  pop rdi
;;     ae  jmp 0x62
