//! The operating system and the processor.

pub mod address_space;
pub mod float_mode;
pub mod prefetch;
pub mod process;
pub mod processor;
pub mod signal_stack;
pub mod thread_stack;
pub mod written_pages;
