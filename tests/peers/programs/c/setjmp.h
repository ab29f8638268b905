/* Instead of the C library's, which needs exceptions: Lua includes it, and an error in Lua is a trap here. */
typedef int jmp_buf;
