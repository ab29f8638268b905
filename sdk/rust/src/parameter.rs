//! What a system can take as a parameter by value, and how the host's functions name each.

use crate::schema::ParameterSchema;

/// A type that a system can take as a parameter by value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a system",
    label = "not a parameter of a system",
    note = "the parameters of a system are `Query<Columns, Filter>`, `Res<T>`, `ResMut<T>`, an `Option` of one of \
            these two, `EventWriter<E>`, `Commands`, `&mut` of the mod's `#[state]`, `&[E]` for the events that it \
            handles, and `&[Added<T>]`, `&[Removed<T>]` or `&[Despawned<T>]` for what happens to a component"
)]
pub trait Parameter {
    /// What it declares in the system's schema.
    const SCHEMA: ParameterSchema;

    /// `index` is its [`parameter_index`] in the system.
    fn open(index: u32) -> Self;
}

/// The index of a parameter among those of its kind, by which the host's functions name it; `position` is its position
/// among all of them.
pub const fn parameter_index(parameters: &[ParameterSchema], position: usize) -> u32 {
    let (mut index, mut earlier) = (0, 0);
    while earlier < position {
        if parameters[earlier].is_like(&parameters[position]) {
            index += 1;
        }
        earlier += 1;
    }
    index
}
