//! What a whole system declares, as `#[system]` states it.

use super::access::{EventSchema, HandledSchema, ResourceSchema};
use super::query::QuerySchema;
use super::source::SourceLocation;

/// A system.
pub struct SystemSchema {
    /// Its name; its export has it after a prefix.
    pub name: &'static str,
    /// Where it stands in the source: the systems of a mod run in the order of their source.
    pub source: SourceLocation,
    /// Systems that run before it.
    pub after: &'static [&'static str],
    /// Systems that run after it.
    pub before: &'static [&'static str],
    /// What it handles, if it is a handler.
    pub on: Option<HandledSchema>,
    /// Its parameters. The host's functions name each by its index among those of its kind.
    pub parameters: &'static [ParameterSchema],
}

/// What one parameter of a system declares.
#[derive(Clone, Copy)]
pub enum ParameterSchema {
    /// Rows of the world.
    Query(QuerySchema),
    /// A resource.
    Resource(ResourceSchema),
    /// That the system sends events.
    Send(EventSchema),
    /// That the system sends commands.
    Commands,
}

impl ParameterSchema {
    /// Whether both are of one kind, and so numbered together.
    pub(crate) const fn is_like(&self, other: &ParameterSchema) -> bool {
        use ParameterSchema::{Commands, Query, Resource, Send};
        matches!(
            (self, other),
            (Query(_), Query(_)) | (Resource(_), Resource(_)) | (Send(_), Send(_)) | (Commands, Commands)
        )
    }
}
