//! What happens around a system's function when the host calls its export.

use crate::columns::Columns;
use crate::filter::Filter;
use crate::schema::QuerySchema;
use crate::{Query, imports};
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
    note = "the parameters of a system are `Query<Columns, Filter>`, and `&mut` of the mod's `#[state]`"
)]
pub trait Parameter {
    /// What it asks for.
    const SCHEMA: QuerySchema;

    /// `index` is its place among the system's queries.
    fn open(index: u32) -> Self;
}

impl<C: Columns, F: Filter> Parameter for Query<C, F> {
    const SCHEMA: QuerySchema = QuerySchema { terms: C::TERMS, conditions: F::CONDITIONS };

    fn open(index: u32) -> Query<C, F> {
        Query::open(index)
    }
}
