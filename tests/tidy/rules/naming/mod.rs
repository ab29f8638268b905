//! What texts name in backticks exists: in the documents, and in the comments of the code.

pub mod comments;
pub mod documents;
mod named;
