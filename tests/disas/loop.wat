;;! clif code fuel
;; What each round of a loop charges, and where.
(module
  (func $sum (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
;; sum, CLIF:
;;   function u0:0(i64 vmctx, i32) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @000d                               v4 = get_pinned_reg.i64
;;   @000d                               v5 = iconst.i64 1
;;   @000d                               v6 = uadd_overflow_trap v4, v5, user49  ; v5 = 1
;;   @000d                               set_pinned_reg v6
;;   @0000                               v2 = iconst.i32 0
;;   @000e                               v8 = iconst.i64 9
;;   @0006                               v13 = iconst.i32 1
;;   @0000                               jump block2(v2, v1)  ; v2 = 0
;;
;;                                   block2(v10: i32, v11: i32):
;;   @000e                               v7 = get_pinned_reg.i64
;;                                       v18 = iconst.i64 9
;;   @000e                               v9 = uadd_overflow_trap v7, v18, user49  ; v18 = 9
;;   @000e                               set_pinned_reg v9
;;                                       v19 = iconst.i32 1
;;                                       v20 = isub v11, v19  ; v19 = 1
;;   @0003                               v12 = iadd v10, v11
;;   @0009                               brif v20, block2(v12, v20), block4
;;
;;                                   block4:
;;   @000f                               v15 = get_pinned_reg.i64
;;                                       v21 = iconst.i64 1
;;   @000f                               v17 = uadd_overflow_trap v15, v21, user49  ; v21 = 1
;;   @000f                               set_pinned_reg v17
;;   @000a                               jump block3
;;
;;                                   block3:
;;   @000c                               jump block1
;;
;;                                   block1:
;;   @000c                               return v12
;;   }
;;
;; sum, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 1
;;      8  jb 0x59
;;      e  nop [rax+rax]
;;     14  xor eax, eax
;;     16  add r15, 9
;;     1a  jb 0x6b
;;     20  nop [rax+rax]
;;     26  mov rcx, rsi
;;     29  sub ecx, 1
;;     2c  add eax, esi
;;     2e  test ecx, ecx
;;     30  je 0x3e
;;     36  mov rsi, rcx
;;     39  jmp 0x16
;;     3e  add r15, 1
;;     42  jb 0x7d
;;     48  nop [rax+rax]
;;     4e  mov rsp, rbp
;;     51  pop rbp
;;     52  ret
;;     53  ud2
;;     55  ud2
;;     57  ud2
;;     59  push rdi
;;     5a  mov edi, 1
;;     5f  call qword ptr [text+0x0]
;;     65  pop rdi
;;     66  jmp 0x14
;;     6b  push rdi
;;     6c  mov edi, 9
;;     71  call qword ptr [text+0x0]
;;     77  pop rdi
;;     78  jmp 0x26
;;     7d  push rdi
;;     7e  mov edi, 1
;;     83  call qword ptr [text+0x0]
;;     89  pop rdi
;;     8a  jmp 0x4e
