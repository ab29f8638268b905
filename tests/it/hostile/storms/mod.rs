//! Mods that take as much as possible of the host's memory and time: each is bounded, and pays for it.

mod beginnings;
mod events;
mod kept;
mod unpaid;
