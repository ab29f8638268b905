//! The plugin as a game has it: real mods in text form, in real folders, in a real `App`.
//!
//! Time and file events are arguments, so that nothing here waits or depends on the machine's speed.

pub mod exposed;
mod exposed_later;
mod exposed_twice;
pub mod game;
pub mod snapshot;
pub mod wider_game;

mod access;
mod bad_input;
mod change_ticks;
mod changed;
mod claims;
mod clock;
mod commands;
mod containment;
mod deferred;
mod determinism;
mod dropped;
mod endless;
mod events;
mod fault_sweep;
mod folders;
mod functions;
mod game_code;
mod granted;
pub mod log_lines;
mod managing;
mod mirrors;
mod mod_entities;
mod order;
mod outsiders;
mod parallel;
mod queries;
mod relationships;
mod reload;
mod resources;
mod script;
mod sharing;
mod source_order;
mod state;
mod structure;
mod suspension;
mod told_faults;
mod told_files;
mod told_misuse;
mod views;
mod waiting_events;
