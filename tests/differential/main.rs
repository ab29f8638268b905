//! A second opinion: modules run here and on wasmi, and must do the same.
//!
//! ```text
//!  seed ──> generate ──> rewrite ──┬──────────────────> ours ──┐
//!           (wasm-smith)           └─ with a counter ──> other ─┴─> results, traps, host calls,
//!  built (rustc) ──────────────────┤  of its own       (wasmi)     globals, memory, tables, fuel
//!  fuel/, programs of every shape ─┘  and a limit
//! ```
//!
//! wasmi has prices of its own, so fuel is checked by a counter that is written into the module's code and
//! bumped at every operator; with a limit it also says how everything looks where fuel runs out. Its NaNs are
//! the machine's: modules make theirs canonical as they are generated, or it is written into them for wasmi
//! alone, where ours does it by itself. Where the two differ, `referee` decides. `acting` has hosts that change what
//! guests share with them while these wait. `cuts` feeds truncated modules; `depth` gives them little stack.
//! `TINKERBOX_SEEDS=N` runs more seeds,
//! `TINKERBOX_SEED=N` runs one. Nothing here knows the runtime's insides.

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
