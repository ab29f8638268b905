//! What happens around a system's function when the host calls its export.

use crate::imports;
use crate::schema::ParameterSchema;
use std::cell::{Cell, RefCell};
use std::sync::Once;
use tinkerbox_abi::AbiError;

thread_local! {
    /// The system that runs. A mod has one thread.
    static NAME: Cell<&'static str> = const { Cell::new("") };
    /// What the host has refused so far: of which system, what, and why.
    static REFUSED: RefCell<Vec<(&'static str, &'static str, AbiError)>> = const { RefCell::new(Vec::new()) };
}

/// Runs the system with this name.
pub fn run(name: &'static str, system: impl FnOnce()) {
    report_panics();
    NAME.set(name);
    system();
}

/// Whether the host refuses this to the running system for the first time for this reason. What is refused in one tick is
/// refused in the next one too, and is to be logged once.
pub(crate) fn is_first_refusal(what: &'static str, error: AbiError) -> bool {
    let refusal = (NAME.get(), what, error);
    REFUSED.with_borrow_mut(|refused| {
        let is_new = !refused.contains(&refusal);
        refused.extend(is_new.then_some(refusal));
        is_new
    })
}

/// From the first call on, a panic's message reaches the host.
pub(crate) fn report_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| std::panic::set_hook(Box::new(|panic| imports::panic(&panic.to_string()))));
}

/// What a system can ask for by value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something a system can ask for",
    label = "not a parameter of a system",
    note = "the parameters of a system are `Query<Columns, Filter>`, `Res<T>`, `ResMut<T>`, an `Option` of one of \
            these two, `EventWriter<E>`, `Commands`, `&mut` of the mod's `#[state]`, and `&[E]` for the events that \
            it handles"
)]
pub trait Parameter {
    /// What it asks for.
    const SCHEMA: ParameterSchema;

    /// `index` is its [`place`] in the system.
    fn open(index: u32) -> Self;
}

/// The place of a parameter among those of its kind; `at` is its place among all.
pub const fn place(parameters: &[ParameterSchema], at: usize) -> u32 {
    let (mut place, mut before) = (0, 0);
    while before < at {
        if parameters[before].is_like(&parameters[at]) {
            place += 1;
        }
        before += 1;
    }
    place
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
            NAME.set(system);
            assert_eq!(first(), expected, "{system}");
        }
        assert!(is_first_refusal("game:Thunder", AbiError::Denied));
    }
}
