//! How deep calls nest: counted, shared by stores that call each other, and ended in time on every stack.

mod nested;
mod recursion;
pub mod stacks;
