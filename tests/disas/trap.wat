;;! clif code fuel
;; Traps in the middle of what was charged: a division, and a place that is never reached.
(module
  (func $divide (param i32 i32) (result i32)
    (i32.add (i32.div_s (local.get 0) (local.get 1)) (i32.const 1)))
  (func $never (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (i32.sub (local.get 0) (i32.const 1))))
;; divide, CLIF:
;;   function u0:0(i64 vmctx, i32, i32) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32):
;;   @0006                               v4 = get_pinned_reg.i64
;;   @0006                               v5 = iconst.i64 6
;;   @0006                               v6 = uadd_overflow_trap v4, v5, user49  ; v5 = 6
;;   @0006                               set_pinned_reg v6
;;   @0002                               v7 = sdiv v1, v2
;;                                       jump block1
;;
;;                                   block1:
;;   @0003                               v8 = iconst.i32 1
;;   @0004                               v9 = iadd.i32 v7, v8  ; v8 = 1
;;                                       return v9
;;   }
;;
;; divide, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  mov r10, rdx
;;      7  add r15, 6
;;      b  jb 0x37
;;     11  nop [rax+rax]
;;     17  mov rax, rsi
;;     1a  cdq
;;     1b  mov rcx, r10
;;     1e  test ecx, ecx
;;     20  je 0x35
;;     26  idiv ecx
;;     28  add eax, 1
;;     2e  mov rsp, rbp
;;     31  pop rbp
;;     32  ret
;;     33  ud2
;;     35  ud2
;;     37  push rdi
;;     38  mov edi, 6
;;     3d  call qword ptr [text+0x0]
;;     43  pop rdi
;;     44  jmp 0x17
;;
;; never, CLIF:
;;   function u0:1(i64 vmctx, i32) -> i32 tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32):
;;   @0009                               v3 = get_pinned_reg.i64
;;   @0009                               v4 = iconst.i64 7
;;   @0009                               v5 = uadd_overflow_trap v3, v4, user49  ; v4 = 7
;;   @0009                               set_pinned_reg v5
;;   @0001                               v6 = iconst.i32 0
;;   @0001                               v7 = icmp eq v1, v6  ; v6 = 0
;;   @0002                               brif v7, block2, block3
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
;;   @0006                               v9 = iconst.i32 1
;;   @0007                               v10 = isub.i32 v1, v9  ; v9 = 1
;;                                       return v10
;;   }
;;
;; never, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 7
;;      8  jb 0x2b
;;      e  nop [rax+rax]
;;     14  test esi, esi
;;     16  je 0x27
;;     1c  mov rax, rsi
;;     1f  sub eax, 1
;;     22  mov rsp, rbp
;;     25  pop rbp
;;     26  ret
;;     27  ud2
;;     29  ud2
;;     2b  push rdi
;;     2c  mov edi, 7
;;     31  call qword ptr [text+0x0]
;;     37  pop rdi
;;     38  jmp 0x14
