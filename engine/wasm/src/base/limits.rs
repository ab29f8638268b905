//! The limits of the runtime: what a module may ask of the compiler, and what a store may hold.
//!
//! Only numbers stand here. The code that enforces a limit names it, so that every limit can be found and changed in one
//! place. Prices are in `compile/prices.rs`; limits that a host sets for a store are in `limiter.rs`.

/// Limits of a module, checked before anything is compiled. The validator's own limits apply as well (wasmparser's
/// implementation limits: 1,000,000 types and imports, 50,000 locals, bodies of 7.6 MB).
///
/// What a module within these limits costs at most, as measured by `tests/bombs` in a release build on two shared cores:
///
/// - one function takes up to 10 seconds and 500 MiB; each core compiles one function at a time;
/// - a module takes 8 seconds for each megabyte of code, and up to two more minutes on one core for functions that take
///   longer than their size suggests;
/// - everything but code takes up to 30 bytes of memory for each byte of the module, and 0.3 seconds for each megabyte.
///
/// The compiled code takes up to a hundred bytes for each byte of the module where functions are as small as possible,
/// and up to some 200 MB more where they pass as many values as they may.
pub mod module {
    /// Compile cost of all functions of a module together, in kept values: values kept over calls and branches, plus
    /// everything else that takes longer than the size of a function suggests.
    pub const COMPILE_COST: u64 = 250_000_000;
    /// Functions that a module defines: the smallest one still takes a hundred bytes of machine code.
    pub const FUNCTIONS: usize = 250_000;
    /// Elements of all element segments of a module: an element can be a single byte of a module, and takes eight bytes
    /// of memory.
    pub const ELEMENTS: usize = 10_000_000;
    /// Parameters and results of all functions of a module: a function of four bytes can have two thousand.
    pub const SIGNATURE_VALUES: usize = 5_000_000;
    /// Operators of one function.
    pub const OPERATORS: usize = 300_000;
    /// Calls, branches and blocks of one function. A bulk operation counts three times, and where bounds are found by
    /// comparison only, each operator that may trap counts too: control may leave or meet at each.
    pub const PLACES: usize = 30_000;
    /// Locals that one function uses, parameters included. Locals that it only declares cost nothing.
    pub const USED_LOCALS: usize = 20_000;
    /// Locals and operands of one function, times the places above: each may have to be kept past each.
    pub const KEPT_VALUES: usize = 8_000_000;
    /// Of these, the values that may be references into the collected heap: each is listed for each place where
    /// the collector may find the function waiting.
    pub const KEPT_REFERENCES: usize = 5_000_000;
    /// Blocks, loops and ifs inside each other.
    pub const NESTING: usize = 10_000;
    /// Loops inside each other.
    pub const LOOPS: usize = 200;
    /// Targets of all `br_table`s of one function.
    pub const BRANCH_TABLE_TARGETS: usize = 100_000;
    /// Values that the calls, branches and blocks of one function pass in all: two bytes of a body can pass a
    /// thousand.
    pub const PASSED_VALUES: usize = 1_000_000;
    /// Of these, the values passed at branches that may not be taken: the compiler's time grows with their square.
    pub const BRANCHED_VALUES: usize = 40_000;
    /// Locals of a function times the depth of its loops: the compiler carries each local around each loop.
    pub const LOOP_LOCALS: usize = 100_000;
    /// Bytes of a function's stack frame where the end of the stack is found by comparison only: a frame may reach this
    /// far below the limit before the comparison is made.
    pub const CHECKED_FRAME_BYTES: u32 = 64 << 10;
    /// Bytes of a function's stack frame for each byte of its stack price. The stacks of calls are larger than what is
    /// counted by up to this factor.
    pub const FRAME_RATIO: u32 = 64;
    /// Bytes of a module in the text format. Reading it takes up to a hundred times its size in memory.
    pub const TEXT_BYTES: usize = 8 << 20;
    /// Bytes of a module in the binary format: the most that the parser takes.
    pub const BINARY_BYTES: usize = 1 << 30;
}

/// Limits of what is charged ahead, in units of fuel.
pub mod fuel {
    /// Blocks are cut where they cost this much, and nothing more is charged ahead there.
    pub const LONGEST_BLOCK: u32 = 96;

    /// More than this is never charged ahead: the price of a long block, of its last operator, and of what may follow. It
    /// is also the most that one check asks for, and so the most that is left of a budget where a call stops.
    pub const MOST_AHEAD: u32 = 200;

    const _: () = assert!(2 * LONGEST_BLOCK < MOST_AHEAD);
}

/// Limits of inlining: which functions are small enough, and how far a function may grow.
pub mod inlining {
    /// Bytes of a small function's body.
    pub const BODY_BYTES: u64 = 64;

    /// Operators of a small function.
    pub const OPERATORS: usize = 24;

    /// Locals of a small function, parameters included.
    pub const LOCALS: u32 = 12;

    /// Operators by which a function may grow, in addition to as many as it has.
    pub const GROWTH: usize = 64;

    /// Operators by which a function may grow at most, however large it is.
    pub const MOST_GROWTH: usize = 4_096;
}

/// What is reserved on a stack beyond what is counted, in bytes.
pub mod stack {
    /// What the runtime itself may need of a stack below a guest.
    pub const LEAST_HOST_STACK: usize = 256 << 10;

    /// What guests may take of a stack beyond what is counted: one function that is not counted, and the way out, which
    /// has sixteen bytes for each of up to a thousand parameters or results, and passes them on.
    pub const UNCOUNTED_STACK: usize = 64 << 10;

    /// What the frame of a function that is not counted may take of that.
    pub const UNCOUNTED_FRAME_BYTES: u32 = 16 << 10;

    const _: () = assert!((UNCOUNTED_FRAME_BYTES as usize) < UNCOUNTED_STACK);
}

/// Bytes of the part of a compiled module that says what it was made with: more than that part ever has. It is read
/// before the checksum, so reading it must be cheap whatever it contains.
pub const MADE_WITH_BYTES: usize = 8 << 10;

/// Missing or mismatched imports that an error names; a module can have a million.
pub const LINK_PROBLEMS_SHOWN: usize = 50;

/// Parameters of a function, and results of a function.
pub const FUNCTION_VALUES: usize = 1_000;

/// Instances, tables and memories of a store, of each, where no limiter says otherwise: as in wasmtime.
pub const MOST_OF_A_KIND: usize = 10_000;

/// Elements of a table, whatever a store's limits say.
pub const TABLE_ELEMENTS: u64 = 10_000_000;
