//! Mods that want as much as possible of the host, of its memory and of its time: each has an end, and is paid for.

mod beginnings;
mod events;
mod kept;
mod unpaid;
