//! What a query panics with if the host does not keep to the contract. Both messages stand in one file, since its path is in
//! every mod.

use tinkerbox_abi::AbiError;

use crate::panics::panic_with;

/// The host has refused what the SDK asked for.
#[cold]
pub(super) fn panic_refused(what: &str, error: AbiError) -> ! {
    panic_with(&["the host refused ", what, ": ", error.name()])
}

/// The host has not placed the columns of a chunk one after the other in its buffer, or not with values of their types.
#[cold]
pub(super) fn panic_misplaced() -> ! {
    panic_with(&["the host did not place the declared columns in the query's buffer"])
}
