//! What a system does with one shared type, and what it declares of resources and events.

use tinkerbox_abi::ModType;
use tinkerbox_abi::names::is_type_id;

/// What a system does with the values of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessMode {
    /// It reads them.
    Read,
    /// It reads and writes them.
    Write,
}

impl AccessMode {
    /// The word for it in the schema.
    pub(super) const fn text(self) -> &'static str {
        match self {
            AccessMode::Read => "read",
            AccessMode::Write => "write",
        }
    }
}

/// One resource of a system.
#[derive(Clone, Copy)]
pub struct ResourceSchema {
    pub(super) id: &'static str,
    pub(super) access: AccessMode,
    pub(super) layout: &'static str,
}

impl ResourceSchema {
    pub(crate) const fn of<T: ModType>(access: AccessMode) -> ResourceSchema {
        ResourceSchema { id: checked_id::<T>(), access, layout: T::LAYOUT }
    }
}

/// One type of events that a system sends or handles.
#[derive(Clone, Copy)]
pub struct EventSchema {
    pub(super) id: &'static str,
    pub(super) layout: &'static str,
}

impl EventSchema {
    /// The schema of `E`.
    ///
    /// # Panics
    /// If `E` has no field.
    pub const fn of<E: ModType>() -> EventSchema {
        assert!(size_of::<E>() > 0, "an event needs a field, since events are counted by their bytes");
        EventSchema { id: checked_id::<E>(), layout: E::LAYOUT }
    }
}

/// What a handler is called for.
#[derive(Clone, Copy)]
pub enum HandledSchema {
    /// Events.
    Event(EventSchema),
    /// What happens to the component with this id.
    Lifecycle(Lifecycle, &'static str),
}

/// What happens to a component of an entity.
#[derive(Clone, Copy)]
pub enum Lifecycle {
    /// It was added to an entity that did not have it.
    Added,
    /// It was removed, or its entity was despawned.
    Removed,
    /// Its entity was despawned.
    Despawned,
}

impl Lifecycle {
    /// The word for it in the schema.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Lifecycle::Added => "added",
            Lifecycle::Removed => "removed",
            Lifecycle::Despawned => "despawned",
        }
    }
}

impl HandledSchema {
    pub(crate) const fn lifecycle<T: ModType>(what: Lifecycle) -> HandledSchema {
        HandledSchema::Lifecycle(what, checked_id::<T>())
    }
}

/// The id of a type, which the schema contains without escapes.
pub(super) const fn checked_id<T: ModType>() -> &'static str {
    assert!(
        is_type_id(T::ID),
        "the id of a shared type is not valid: write `#[mod_type]` instead of implementing `ModType`"
    );
    T::ID
}
