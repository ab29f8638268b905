//! The plugin as a game has it: real mods in text form, in real folders, in a real `App`.
//!
//! Time and file events are arguments, so that nothing here waits or depends on the machine's speed.

mod game;

mod access;
mod bad_input;
mod commands;
mod containment;
mod determinism;
mod order;
mod reload;
mod state;
mod suspension;
mod views;
