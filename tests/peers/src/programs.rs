//! The list of programs and their sources. `library.rs` compiles them.

/// The examples of the package `programs/rust`, one module each.
pub const RUST: [&str; 14] = [
    "deflate",
    "flock",
    "hashes",
    "interpreter",
    "json",
    "lz4",
    "markdown",
    "paths",
    "patterns",
    "rays",
    "sha",
    "sort",
    "strings",
    "words",
];

/// A program in C: its own file in `programs/c`, and optionally a library's files.
pub struct InC {
    pub name: &'static str,
    pub library: Option<Library>,
}

/// A C library that a crate contains.
pub struct Library {
    /// The crate, one of those that `programs/sources` names.
    pub package: &'static str,
    /// Where the files are in the crate; they include each other.
    pub folder: &'static str,
    pub files: &'static [&'static str],
    /// Flags with which it compiles without an operating system.
    pub flags: &'static [&'static str],
}

const BZIP2: Library = Library {
    package: "bzip2-sys",
    folder: "bzip2-1.0.8",
    files: &["blocksort", "huffman", "crctable", "randtable", "compress", "decompress", "bzlib"],
    flags: &["-DBZ_NO_STDIO"],
};

/// Errors are traps, the seed is a number.
const LUA: Library = Library {
    package: "lua-src",
    folder: "lua-5.5.1",
    files: &[
        "lapi", "lauxlib", "lbaselib", "lcode", "lctype", "ldebug", "ldo", "ldump", "lfunc", "lgc", "llex",
        "lmathlib", "lmem", "lobject", "lopcodes", "lparser", "lstate", "lstring", "lstrlib", "ltable",
        "ltablib", "ltm", "lundump", "lvm", "lzio",
    ],
    flags: &[
        "-DLUAI_THROW(L,c)=__builtin_trap()",
        "-DLUAI_TRY(L,c,f,ud)=(f)(L,ud)",
        "-Dluai_makeseed()=7",
        "-Dl_signalT=int",
        "-D_WASI_EMULATED_SIGNAL",
    ],
};

const SQLITE: Library = Library {
    package: "libsqlite3-sys",
    folder: "sqlite3",
    files: &["sqlite3"],
    flags: &[
        "-DSQLITE_OS_OTHER=1",
        "-DSQLITE_THREADSAFE=0",
        "-DSQLITE_OMIT_LOAD_EXTENSION",
        "-DSQLITE_OMIT_WAL",
    ],
};

/// The programs in C.
pub const C: [InC; 9] = [
    InC { name: "bzip2", library: Some(BZIP2) },
    InC { name: "fft", library: None },
    InC { name: "life", library: None },
    InC { name: "lua", library: Some(LUA) },
    InC { name: "matrix", library: None },
    InC { name: "nbody", library: None },
    InC { name: "qsort", library: None },
    InC { name: "queens", library: None },
    InC { name: "sqlite", library: Some(SQLITE) },
];
