;; A module with debug information, written by hand, for the examples in the documentation of backtraces: the
;; function is `graze`, compiled from line 7 of `meadow.rs`, column 9.
(module $meadow
  (func $graze (export "tick") unreachable)

  ;; A unit and in it a function: 1 has children, a line table, a start and a length; 2 a name, a start and a length.
  (@custom ".debug_abbrev"
    "\01\11\01\10\17\11\01\12\06\00\00"
    "\02\2e\00\03\08\11\01\12\06\00\00"
    "\00")

  ;; The length, version 4, addresses of four bytes.
  (@custom ".debug_info"
    "\24\00\00\00\04\00\00\00\00\00\04"
    ;; The unit, from address 1 on, 63 bytes long.
    "\01\00\00\00\00\01\00\00\00\3f\00\00\00"
    ;; The function, at the same place; the end of the unit.
    "\02" "graze\00" "\01\00\00\00\3f\00\00\00"
    "\00")

  ;; The lengths, version 2, how special opcodes are meant, and how many operands the others have.
  (@custom ".debug_line"
    "\37\00\00\00\02\00\20\00\00\00"
    "\01\01\fb\0e\0d\00\01\01\01\01\00\00\00\01\00\00\01"
    ;; No folders, one file.
    "\00" "meadow.rs\00" "\00\00\00" "\00"
    ;; Address 1; six lines further; column 9; a row; 63 bytes further; the end.
    "\00\05\02\01\00\00\00" "\03\06" "\05\09" "\01" "\02\3f" "\00\01\01"))
