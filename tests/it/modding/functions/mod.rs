//! Functions of the game that mods call, and other code of the game that mods trigger: conversions and drops.

mod calls;
mod deferred;
mod dropped;
mod outsiders;
