//! Linear memories and tables.

pub mod image;
pub mod linear;
pub mod pool;
pub mod table;
