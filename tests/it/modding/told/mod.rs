//! What people are told: of files that are not mods, of faults, and of calls without meaning.

mod faults;
mod files;
mod misuse;
