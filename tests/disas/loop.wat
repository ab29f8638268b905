;;! clif code fuel
;; What each round of a loop charges, and where.
(module
  (func $sum (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
;; sum, CLIF:
;;   function u0:0(i64 vmctx, i32, i64) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i64):
;;   @000d                               v5 = get_pinned_reg.i64
;;   @000d                               trapnz v5, user49
;;   @0000                               sequence_point
;;   @0000                               v3 = iconst.i32 0
;;   @0006                               v10 = iconst.i32 1
;;   @0000                               jump block2(v3, v1)  ; v3 = 0
;;
;;                                   block2(v7: i32, v8: i32):
;;   @000e                               v6 = get_pinned_reg.i64
;;   @000e                               trapnz v6, user49
;;   @0000                               sequence_point
;;                                       v13 = iconst.i32 1
;;                                       v14 = isub v8, v13  ; v13 = 1
;;   @0003                               v9 = iadd v7, v8
;;   @0009                               brif v14, block2(v9, v14), block4
;;
;;                                   block4:
;;   @000f                               v12 = get_pinned_reg.i64
;;   @000f                               trapnz v12, user49
;;   @0009                               sequence_point
;;   @000a                               jump block3
;;
;;                                   block3:
;;   @000c                               jump block1
;;
;;                                   block1:
;;   @000c                               return v9
;;   }
;;
;; sum, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 1
;;      a  jb 0x4d
;;     10  xor eax, eax
;;     12  add r15, 9
;;     18  jb 0x5f
;;     1e  mov rcx, rsi
;;     21  sub ecx, 1
;;     24  add eax, esi
;;     26  test ecx, ecx
;;     28  je 0x36
;;     2e  mov rsi, rcx
;;     31  jmp 0x12
;;     36  add r15, 1
;;     3c  jb 0x71
;;     42  mov rsp, rbp
;;     45  pop rbp
;;     46  ret
;;     47  ud2
;;     49  ud2
;;     4b  ud2
;;     4d  push rdi
;;     4e  mov edi, 1
;;     53  call qword ptr [text+0x0]
;;     59  pop rdi
;;     5a  jmp 0x10
;;     5f  push rdi
;;     60  mov edi, 9
;;     65  call qword ptr [text+0x0]
;;     6b  pop rdi
;;     6c  jmp 0x1e
;;     71  push rdi
;;     72  mov edi, 1
;;     77  call qword ptr [text+0x0]
;;     7d  pop rdi
;;     7e  jmp 0x42
