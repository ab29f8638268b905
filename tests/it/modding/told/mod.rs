//! Reports for people: about files that are not mods, faults, and meaningless calls.

mod faults;
mod files;
mod misuse;
