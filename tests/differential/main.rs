//! A second opinion: modules run here and on wasmi, with the same result.
//!
//! ```text
//!  seed ──> generate ──> rewrite ──┬──────────────────> ours ──┐
//!           (wasm-smith)           └─ with a counter ──> other ─┴─> results, traps, host calls,
//!  built (rustc) ──────────────────┤  of its own       (wasmi)     globals, memory, tables, fuel
//!  fuel/, programs of every shape ─┘  and a limit
//! ```
//!
//! wasmi has prices of its own, so fuel is checked by a counter that is added to the module's code and incremented at
//! every operator; with a limit it also shows the state where fuel runs out. Its NaNs are the machine's: generated
//! modules canonicalize theirs, or the code for it is added for wasmi alone and ours uses its setting. If the two
//! differ, `referee` decides. `acting` has hosts that change state shared with guests while these wait. `cuts` tests
//! damaged modules; `depth` gives them little stack. `TINKERBOX_SEEDS=N` runs more seeds, `TINKERBOX_SEED=N` runs
//! one. Nothing here knows the runtime's insides.

#![forbid(unsafe_code)]

mod acting;
mod built;
mod cuts;
mod depth;
mod engines;
mod fuel;
mod generate;
mod modules;
mod rewrite;
mod seeds;
