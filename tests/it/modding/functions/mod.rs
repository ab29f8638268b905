//! Functions of the game that mods call, and other code of the game that runs on account of mods: conversions and drops.

mod calls;
mod deferred;
mod dropped;
mod outsiders;
