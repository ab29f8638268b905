//! Where the mods of a game come from: folders, memory, and a cache of what was compiled.

mod cached;
mod several_folders;
