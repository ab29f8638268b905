;;! clif code fuel
;; Accesses of memory: where they trap they give back what has not run.
(module
  (memory 1)
  (func $move (param $from i32) (param $to i32)
    (i32.store offset=4 (local.get $to) (i32.load (local.get $from)))
    (i64.store8 offset=9 (local.get $to) (i64.load32_s offset=8 (local.get $from)))))
;; move, CLIF:
;;   function u0:0(i64 vmctx, i32, i32, i64) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32, v3: i64):
;;   @0009                               v4 = get_pinned_reg.i64
;;   @0009                               trapnz v4, user49
;;   @0000                               sequence_point
;;   @0002                               v6 = load.i64 notrap aligned readonly can_move v0+32
;;   @0002                               v5 = uextend.i64 v1
;;   @0002                               v7 = iadd v6, v5
;;   @0002                               v8 = load.i32 user55 little v7
;;   @0003                               v9 = uextend.i64 v2
;;   @0003                               v11 = iadd v6, v9
;;   @0003                               store user54 little v8, v11+4
;;   @0006                               v15 = sload32 user51 little v7+8
;;   @0007                               istore8 user50 little v15, v11+9
;;                                       jump block1
;;
;;                                   block1:
;;                                       return
;;   }
;;
;; move, code:
;;      0  push rbp
;;      1  mov rbp, rsp
;;      4  add r15, 9
;;      a  jb 0x2f
;;     10  mov rax, [rdi+0x20]
;;     14  mov ecx, esi
;;     16  mov esi, [rax+rcx]
;;     19  mov edx, edx
;;     1b  mov [rax+rdx+4], esi
;;     1f  movsxd rcx, [rax+rcx+8]
;;     24  mov [rax+rdx+9], cl
;;     28  mov rsp, rbp
;;     2b  pop rbp
;;     2c  ret
;;     2d  ud2
;;     2f  push rdi
;;     30  mov edi, 9
;;     35  call qword ptr [text+0x0]
;;     3b  pop rdi
;;     3c  jmp 0x10
