//! When systems run: their order, their budgets, their threads, and the clock.

mod clock;
mod determinism;
mod endless;
mod order;
mod parallel;
mod sharing;
mod source_order;
mod suspension;
