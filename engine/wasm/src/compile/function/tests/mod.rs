//! Whole functions compiled, on which machine code is checked that no behaviour shows.

mod frames;
mod stops;
