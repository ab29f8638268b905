//! Tests of what takes unsafe code and a whole process, beside those that stand in the files that they test.

pub mod alone;
#[cfg(target_arch = "x86_64")]
mod float_mode;
