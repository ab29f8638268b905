//! What happens around a system's function when the host calls its export.

use crate::imports;
use crate::schema::ParameterSchema;
use std::sync::Once;

/// Runs a system.
pub fn run(system: impl FnOnce()) {
    report_panics();
    system();
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
