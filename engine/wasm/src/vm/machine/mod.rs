//! The machine below the runtime: what the operating system and the processor offer, each behind an interface of ours.
//!
//! Knows no WebAssembly: neither memories nor code nor stores. Whether a mapping holds a guest's memory or its machine code
//! is for the rooms above to say. What differs between systems (Linux, macOS) and between processors ends here, but for the
//! stubs in `vm/doors/arch`.
//!
//! What holds: a [`address_space::Mapping`] owns its addresses (invariant 7); a lock that [`process`] holds over a fork is
//! never taken while another one of these is held; the floating-point mode of the host is the one that its own code sees,
//! whatever guests run in between.

pub mod address_space;
pub mod float_mode;
pub mod memory_file;
pub mod prefetch;
pub mod process;
pub mod processor;
pub mod signal_stack;
pub mod thread_stack;
pub mod written_pages;
