//! The rules, a file for each: a function from the repository to the problems in it, and tests that show what it finds.
//!
//! A problem is one line: file, line, what is wrong, what to do. Which files may do what is said in `house.rs`.

pub mod absences;
pub mod blobs;
pub mod circles;
pub mod dead_files;
pub mod examples;
pub mod folders;
pub mod merges;
pub mod naming;
pub mod numbers;
pub mod rooms;
