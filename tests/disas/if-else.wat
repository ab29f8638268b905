;;! clif code fuel
;; Arms of different prices, and code behind them.
(module
  (func $choose (param i32 i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.mul (local.get 1) (i32.add (local.get 0) (i32.const 5))))
      (else (local.get 1)))
    (i32.add (i32.const 1))))
;; choose, CLIF:
;;   function u0:0(i64 vmctx, i32, i32, i64) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32, v3: i64):
;;   @000d                               v5 = get_pinned_reg.i64
;;   @000d                               trapnz v5, user49
;;   @0000                               sequence_point
;;   @0001                               brif v1, block2, block3
;;
;;                                   block2:
;;   @000e                               v7 = get_pinned_reg.i64
;;   @000e                               trapnz v7, user49
;;   @0001                               sequence_point
;;   @0004                               v8 = iconst.i32 5
;;   @0005                               v9 = iadd.i32 v1, v8  ; v8 = 5
;;   @0006                               v10 = imul.i32 v2, v9
;;   @0007                               jump block4(v10)
;;
;;                                   block3:
;;   @0009                               jump block4(v2)
;;
;;                                   block4(v6: i32):
;;                                       jump block1
;;
;;                                   block1:
;;   @000a                               v11 = iconst.i32 1
;;   @000b                               v12 = iadd.i32 v6, v11  ; v11 = 1
;;                                       return v12
;;   }
;;
;; choose, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 6
;;      a  jb 0x36
;;     10  test esi, esi
;;     12  je 0x2a
;;     18  add r15, 4
;;     1e  jb 0x48
;;     24  lea eax, [rsi+5]
;;     27  imul edx, eax
;;     2a  lea eax, [rdx+1]
;;     2d  mov rsp, rbp
;;     30  pop rbp
;;     31  ret
;;     32  ud2
;;     34  ud2
;;     36  push rdi
;;     37  mov edi, 6
;;     3c  call qword ptr [text+0x0]
;;     42  pop rdi
;;     43  jmp 0x10
;;     48  push rdi
;;     49  mov rdi, 0x300000004
;;     53  call qword ptr [text+0x0]
;;     59  pop rdi
;;     5a  jmp 0x24
