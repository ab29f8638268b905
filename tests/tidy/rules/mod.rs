//! The rules, a file for each: a function from the repository to the problems in it, and tests that show what it finds.
//!
//! A problem is one line: file, line, what is wrong, what to do. Which files may do what is said in `house.rs`.

pub mod absences;
pub mod blobs;
pub mod circles;
pub mod comments;
pub mod dead_files;
pub mod documents;
pub mod examples;
pub mod folders;
mod named;
pub mod numbers;
pub mod rooms;
