//! Whole functions, compiled to check properties of machine code that do not show in its behaviour.

mod frames;
mod stops;
