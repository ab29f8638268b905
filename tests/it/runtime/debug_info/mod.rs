//! Backtraces and debug information, valid and damaged.

mod backtraces;
mod hostile;
mod lines;
