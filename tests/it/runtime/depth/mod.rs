//! The depth of nested calls: counted, shared by stores that call each other, and limited in time on every stack.

mod nested;
mod recursion;
pub mod stacks;
