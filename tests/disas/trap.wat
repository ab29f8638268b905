;;! clif code fuel
;; Traps in the middle of what was charged: a division, and a place that is never reached.
(module
  (func $divide (param i32 i32) (result i32)
    (i32.add (i32.div_s (local.get 0) (local.get 1)) (i32.const 1)))
  (func $never (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (i32.sub (local.get 0) (i32.const 1))))
;; divide, CLIF:
;;   function u0:0(i64 vmctx, i32, i32, i64) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32, v3: i64):
;;   @0006                               v5 = get_pinned_reg.i64
;;   @0006                               trapnz v5, user49
;;   @0000                               sequence_point
;;   @0002                               v6 = sdiv v1, v2
;;                                       jump block1
;;
;;                                   block1:
;;   @0003                               v7 = iconst.i32 1
;;   @0004                               v8 = iadd.i32 v6, v7  ; v7 = 1
;;                                       return v8
;;   }
;;
;; divide, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r9, rdx
;;      7  add r15, 6
;;      d  jb 0x33
;;     13  mov rax, rsi
;;     16  cdq
;;     17  mov rcx, r9
;;     1a  test ecx, ecx
;;     1c  je 0x31
;;     22  idiv ecx
;;     24  add eax, 1
;;     2a  mov rsp, rbp
;;     2d  pop rbp
;;     2e  ret
;;     2f  ud2
;;     31  ud2
;;     33  push rdi
;;     34  mov edi, 6
;;     39  call qword ptr [text+0x0]
;;     3f  pop rdi
;;     40  jmp 0x13
;;
;; never, CLIF:
;;   function u0:1(i64 vmctx, i32, i64) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i64):
;;   @0009                               v4 = get_pinned_reg.i64
;;   @0009                               trapnz v4, user49
;;   @0000                               sequence_point
;;   @0001                               v5 = iconst.i32 0
;;   @0001                               v6 = icmp eq v1, v5  ; v5 = 0
;;   @0002                               brif v6, block2, block3
;;
;;                                   block2 cold:
;;   @0003                               sequence_point
;;   @0003                               trap user9
;;
;;                                   block3:
;;   @0004                               jump block4
;;
;;                                   block4:
;;                                       jump block1
;;
;;                                   block1:
;;   @0006                               v8 = iconst.i32 1
;;   @0007                               v9 = isub.i32 v1, v8  ; v8 = 1
;;                                       return v9
;;   }
;;
;; never, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 7
;;      a  jb 0x27
;;     10  test esi, esi
;;     12  je 0x23
;;     18  mov rax, rsi
;;     1b  sub eax, 1
;;     1e  mov rsp, rbp
;;     21  pop rbp
;;     22  ret
;;     23  ud2
;;     25  ud2
;;     27  push rdi
;;     28  mov edi, 7
;;     2d  call qword ptr [text+0x0]
;;     33  pop rdi
;;     34  jmp 0x10
