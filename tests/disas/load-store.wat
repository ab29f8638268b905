;;! clif code fuel
;; Accesses of memory: where they trap they give back what has not run.
(module
  (memory 1)
  (func $move (param $from i32) (param $to i32)
    (i32.store offset=4 (local.get $to) (i32.load (local.get $from)))
    (i64.store8 offset=9 (local.get $to) (i64.load32_s offset=8 (local.get $from)))))
;; move, CLIF:
;;   function u0:0(i64 vmctx, i32, i32) tail {
;;       gv0 = vmctx
;;       gv1 = load.i64 notrap aligned readonly can_move gv0
;;       gv2 = load.i64 notrap aligned readonly can_move gv1+32
;;       stack_limit = gv2
;;
;;                                   block0(v0: i64, v1: i32, v2: i32):
;;   @0009                               v3 = get_pinned_reg.i64
;;   @0009                               v4 = iconst.i64 9
;;   @0009                               v5 = uadd_overflow_trap v3, v4, user49  ; v4 = 9
;;   @0009                               set_pinned_reg v5
;;   @0002                               v7 = load.i64 notrap aligned readonly can_move v0+32
;;   @0002                               v6 = uextend.i64 v1
;;   @0002                               v8 = iadd v7, v6
;;   @0002                               v9 = load.i32 user50 little v8
;;   @0003                               v10 = uextend.i64 v2
;;   @0003                               v12 = iadd v7, v10
;;   @0003                               store user51 little v9, v12+4
;;   @0006                               v16 = sload32 user52 little v8+8
;;   @0007                               istore8 user53 little v16, v12+9
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
;;      8  jb 0x33
;;      e  nop [rax+rax]
;;     14  mov rax, [rdi+0x20]
;;     18  mov ecx, esi
;;     1a  mov esi, [rax+rcx]
;;     1d  mov edx, edx
;;     1f  mov [rax+rdx+4], esi
;;     23  movsxd rcx, [rax+rcx+8]
;;     28  mov [rax+rdx+9], cl
;;     2c  mov rsp, rbp
;;     2f  pop rbp
;;     30  ret
;;     31  ud2
;;     33  push rdi
;;     34  mov edi, 9
;;     39  call qword ptr [text+0x0]
;;     3f  pop rdi
;;     40  jmp 0x14
