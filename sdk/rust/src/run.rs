//! What happens around a system's function when the host calls its export.

use std::cell::Cell;

use tinkerbox_abi::AbiError;

use crate::panics::report_panics;

thread_local! {
    /// The name of the running system. A mod has one thread.
    static RUNNING: Cell<&'static str> = const { Cell::new("") };
    /// What the host has refused so far.
    static REFUSALS: Cell<Vec<Refusal>> = const { Cell::new(Vec::new()) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Refusal {
    system: &'static str,
    what: &'static str,
    error: AbiError,
}

/// Runs the system with this name.
pub fn run(name: &'static str, system: impl FnOnce()) {
    report_panics();
    RUNNING.set(name);
    system();
}

/// Whether the host refuses `what` to the running system for this reason for the first time. What it refuses in one tick
/// it refuses in the next one too, so each refusal is to be logged once only.
pub(crate) fn is_first_refusal(what: &'static str, error: AbiError) -> bool {
    let refusal = Refusal { system: RUNNING.get(), what, error };
    let mut refusals = REFUSALS.take();
    let is_first = !refusals.contains(&refusal);
    refusals.extend(is_first.then_some(refusal));
    REFUSALS.set(refusals);
    is_first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_new_once_for_each_system_and_reason() {
        let first = || {
            let errors = [AbiError::Denied, AbiError::NoRoom, AbiError::Denied];
            errors.map(|error| is_first_refusal("commands", error))
        };
        for (system, expected) in [("a", [true, true, false]), ("b", [true, true, false]), ("a", [false; 3])]
        {
            RUNNING.set(system);
            assert_eq!(first(), expected, "{system}");
        }
        assert!(is_first_refusal("game:Thunder", AbiError::Denied));
    }
}
