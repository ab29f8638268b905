//! The plugin as a game has it: real mods in text form, in real folders, in a real `App`.
//!
//! Time and file events are arguments, so that nothing here waits or depends on the machine's speed.

pub mod games;

mod commands;
mod events;
mod faults;
mod frames;
mod functions;
mod loading;
mod told;
mod world;
