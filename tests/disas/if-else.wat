;;! clif code fuel
;; Arms of different prices, and code behind them.
(module
  (func $choose (param i32 i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.mul (local.get 1) (i32.add (local.get 0) (i32.const 5))))
      (else (local.get 1)))
    (i32.add (i32.const 1))))
;; choose, CLIF:
;;   function u0:0(i64 vmctx, i32, i32) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32):
;;   @000d                               v4 = get_pinned_reg.i64
;;   @000d                               v5 = iconst.i64 6
;;   @000d                               v6 = uadd_overflow_trap v4, v5, user49  ; v5 = 6
;;   @000d                               set_pinned_reg v6
;;   @0001                               brif v1, block2, block3
;;
;;                                   block2:
;;   @000e                               v8 = get_pinned_reg.i64
;;   @000e                               v9 = iconst.i64 4
;;   @000e                               v10 = uadd_overflow_trap v8, v9, user49  ; v9 = 4
;;   @000e                               set_pinned_reg v10
;;   @0004                               v11 = iconst.i32 5
;;   @0005                               v12 = iadd.i32 v1, v11  ; v11 = 5
;;   @0006                               v13 = imul.i32 v2, v12
;;   @0007                               jump block4(v13)
;;
;;                                   block3:
;;   @0009                               jump block4(v2)
;;
;;                                   block4(v7: i32):
;;                                       jump block1
;;
;;                                   block1:
;;   @000a                               v14 = iconst.i32 1
;;   @000b                               v15 = iadd.i32 v7, v14  ; v14 = 1
;;                                       return v15
;;   }
;;
;; choose, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 6
;;      8  jb 0x3e
;;      e  nop [rax+rax]
;;     14  test esi, esi
;;     16  je 0x32
;;     1c  add r15, 4
;;     20  jb 0x50
;;     26  nop [rax+rax]
;;     2c  lea eax, [rsi+5]
;;     2f  imul edx, eax
;;     32  lea eax, [rdx+1]
;;     35  mov rsp, rbp
;;     38  pop rbp
;;     39  ret
;;     3a  ud2
;;     3c  ud2
;;     3e  push rdi
;;     3f  mov edi, 6
;;     44  call qword ptr [text+0x0]
;;     4a  pop rdi
;;     4b  jmp 0x14
;;     50  push rdi
;;     51  mov rdi, 0x300000004
;;     5b  call qword ptr [text+0x0]
;;     61  pop rdi
;;     62  jmp 0x2c
