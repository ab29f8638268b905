//! The plugin as games use it: real mods in text form, in real folders, in a real `App`.
//!
//! Tests pass times and file events as arguments, so nothing here waits or depends on the machine's speed.

pub mod games;

mod commands;
mod events;
mod faults;
mod frames;
mod functions;
mod lifecycle;
mod loading;
mod outsider;
mod told;
mod world;
