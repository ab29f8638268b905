//! From a mod's folder to a build that can run. It works on any thread.
//!
//! ```text
//! folder --files--> Files --manifest, contract, schema--> what it says --permission--> access --compile--> Build
//! ```
//!
//! Nothing here accesses the world. Every failure is a [`Refusal`](refusal::Refusal).

pub(crate) mod access;
pub(crate) mod build;
pub(crate) mod built_against;
pub(crate) mod cache;
pub(crate) mod contract;
pub(crate) mod details;
pub(crate) mod files;
mod foreign;
pub(crate) mod lacking;
pub(crate) mod manifest;
pub(crate) mod permission;
pub(crate) mod refusal;
pub(crate) mod schema;
pub(crate) mod toml_text;

pub(crate) use build::Build;
