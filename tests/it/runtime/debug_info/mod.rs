//! Backtraces and debug information, sound and damaged.

mod backtraces;
mod hostile;
mod lines;
