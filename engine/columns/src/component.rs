//! Which components may cross as bytes, and how: the only place where such a permission is made.
//!
//! It stands before everything else in this crate, and knows nothing of rows.
//!
//! ```text
//! plain      value in the world  =  bytes that cross
//! mirrored   value in the world --flatten--> bytes that cross
//!                               <--assign---  where they are a value at all: `accepts`
//! ```
//!
//! A conversion of the game's from bytes to a value that panics counts as one that finds no value: which bytes come is
//! not the game's to choose. So does one whose value panics when it is dropped. One from a value to bytes has no such way
//! out: its panic passes on, as a [`ConversionPanicked`].

use std::any::{Any, TypeId};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bevy_ecs::component::{Component, ComponentId, ComponentMutability, StorageType};
use bevy_ecs::entity::{Entity, EntityMapper};
use bevy_ecs::resource::Resource;
use bevy_ecs::world::{World, WorldId};
use bytemuck::Pod;

use crate::contained::{contained, drop_contained};

/// The largest alignment of a component that can be spawned from bytes.
pub(crate) const MAX_ALIGN: usize = 64;

/// A component whose values cross as flat bytes, in one world (invariant 1).
#[derive(Clone, Copy, Debug)]
pub struct FlatComponent {
    id: ComponentId,
    world: WorldId,
    /// Of what crosses.
    size: u32,
    /// Of the value in the world.
    value_size: u32,
    value_align: u32,
    storage: StorageType,
    mutable: bool,
    /// The list that bevy_ecs keeps on the targets of a relationship.
    is_relationship_target: bool,
    /// Of a relationship: the entities that a value of it names. The pointer is to one that nobody else looks at.
    names: Option<unsafe fn(*mut u8, &mut Vec<Entity>)>,
    /// The type as which it crosses.
    crosses_as: TypeId,
    mirror: Option<Mirror>,
}

/// The way between a value and its flat bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mirror {
    /// Writes the bytes of a value. The pointer is to a value of the component.
    pub flatten: unsafe fn(*const u8, &mut [u8]),
    /// Whether there is a value with these bytes.
    pub accepts: fn(&[u8]) -> bool,
    /// Puts the value of these bytes in the place of another; `false` where there is none. The pointer is to a value of
    /// the component.
    pub assign: unsafe fn(*mut u8, &[u8]) -> bool,
    /// Makes the value of these bytes; `false` where there is none. The pointer is to room for one.
    pub make: unsafe fn(*mut u8, &[u8]) -> bool,
}

/// The same component that crosses as another type is another one: its bytes are.
impl PartialEq for FlatComponent {
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.world, self.crosses_as) == (other.id, other.world, other.crosses_as)
    }
}

impl Eq for FlatComponent {}

impl FlatComponent {
    /// Registers `T`, whose values are plain bytes, and records what moving them needs.
    ///
    /// # Panics
    /// If `T` is aligned to more than 64 bytes, or is larger than 4 GiB.
    #[track_caller]
    pub fn register<T: Component + Pod>(world: &mut World) -> Self {
        Self::new::<T, T>(world, None)
    }

    /// Registers `T`, which crosses as an `F`: made from it, and on its way back a `T` again, if it can be one.
    ///
    /// # Panics
    /// As [`FlatComponent::register`] does.
    #[track_caller]
    pub fn register_mirrored<T, F>(world: &mut World) -> Self
    where
        T: Component + TryFrom<F>,
        F: Pod + for<'a> From<&'a T>,
    {
        Self::new::<T, F>(world, Some(Mirror::of::<T, F>()))
    }

    /// The same for resources, which bevy_ecs keeps as components.
    ///
    /// # Panics
    /// As [`FlatComponent::register`] does.
    #[track_caller]
    pub fn register_resource<T: Resource + Pod>(world: &mut World) -> Self {
        Self::register::<T>(world)
    }

    #[track_caller]
    fn new<T: Component, F: 'static>(world: &mut World, mirror: Option<Mirror>) -> Self {
        assert!(
            align_of::<T>() <= MAX_ALIGN,
            "component {} is aligned to {} bytes; at most {MAX_ALIGN} can cross as bytes",
            std::any::type_name::<T>(),
            align_of::<T>(),
        );
        let id = world.register_component::<T>();
        let info = world.components().get_info(id).expect("the component was registered just now");
        let small = |size: usize| u32::try_from(size).expect("components are smaller than 4 GiB");
        // Of the two components of a relationship the one that says whose target an entity is can't be changed in place.
        let is_related = T::relationship_accessor().is_some();
        let is_relationship_target = is_related && T::Mutability::MUTABLE;
        let names: unsafe fn(*mut u8, &mut Vec<Entity>) = |value, named| {
            // SAFETY: whoever calls this has a pointer to a `T` that nobody else looks at (invariant 1).
            T::map_entities(unsafe { &mut *value.cast::<T>() }, &mut Named(named));
        };
        Self {
            id,
            world: world.id(),
            size: small(size_of::<F>()),
            value_size: small(size_of::<T>()),
            value_align: small(align_of::<T>()),
            storage: info.storage_type(),
            mutable: info.mutable() && !is_relationship_target,
            is_relationship_target,
            names: (is_related && !is_relationship_target).then_some(names),
            crosses_as: TypeId::of::<F>(),
            mirror,
        }
    }

    /// The component's id in its world.
    pub fn id(&self) -> ComponentId {
        self.id
    }

    /// Bytes that cross for one value.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    /// The type as which it crosses: the component itself, or its mirror.
    pub fn crosses_as(&self) -> TypeId {
        self.crosses_as
    }

    /// Whether this is the list that bevy_ecs keeps on the targets of a relationship, as `Children` is. It follows from
    /// the relationships, and comes and goes with them alone.
    pub fn is_relationship_target(&self) -> bool {
        self.is_relationship_target
    }

    /// Whether values may be changed in place; `false` for immutable components, which can be read, spawned and
    /// inserted only, and for the lists of relationships, which can be read only.
    pub fn is_mutable(&self) -> bool {
        self.mutable
    }

    /// Whether values of neighbouring rows move as one block of bytes. Those of a mirrored type, or in a sparse set, are
    /// looked up and copied one by one, which takes much longer.
    pub fn moves_in_blocks(&self) -> bool {
        self.is_in_table() && self.mirror.is_none()
    }

    /// Whether there is a value with these bytes. Always, where values are plain.
    ///
    /// # Panics
    /// If there are more or fewer bytes than cross for one value.
    pub fn accepts(&self, bytes: &[u8]) -> bool {
        assert_eq!(bytes.len(), self.size(), "a value of the component's size");
        self.mirror.is_none_or(|mirror| (mirror.accepts)(bytes))
    }

    pub(crate) fn names(&self) -> Option<unsafe fn(*mut u8, &mut Vec<Entity>)> {
        self.names
    }

    pub(crate) fn mirror(&self) -> Option<&Mirror> {
        self.mirror.as_ref()
    }

    pub(crate) fn value_size(&self) -> usize {
        self.value_size as usize
    }

    pub(crate) fn value_align(&self) -> usize {
        self.value_align as usize
    }

    pub(crate) fn is_in_table(&self) -> bool {
        self.storage == StorageType::Table
    }

    /// Invariant 2.
    #[track_caller]
    pub(crate) fn check_world(&self, world: &World) {
        assert!(self.world == world.id(), "component {:?} was registered in another world", self.id);
    }
}

/// The payload of a panic of the game's conversion from a value to what crosses; it holds what that panicked with.
pub struct ConversionPanicked(
    /// What the conversion panicked with.
    pub Box<dyn Any + Send>,
);

impl fmt::Debug for ConversionPanicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConversionPanicked")
    }
}

impl Mirror {
    fn of<T, F>() -> Mirror
    where
        T: TryFrom<F>,
        F: Pod + for<'a> From<&'a T>,
    {
        Mirror {
            flatten: |value, bytes| {
                // SAFETY: whoever calls this has a pointer to a `T` that is not written meanwhile (invariant 1).
                let value = unsafe { &*value.cast::<T>() };
                let flat = catch_unwind(AssertUnwindSafe(|| F::from(value)));
                let flat =
                    flat.unwrap_or_else(|payload| resume_unwind(Box::new(ConversionPanicked(payload))));
                bytes.copy_from_slice(bytemuck::bytes_of(&flat));
            },
            // The value is dropped in there: one that can't be dropped is none, either.
            accepts: |bytes| {
                contained(|| T::try_from(bytemuck::pod_read_unaligned(bytes)).is_ok()).unwrap_or(false)
            },
            assign: |value, bytes| match value_of::<T, F>(bytes) {
                Some(new) => {
                    // SAFETY: whoever calls this has a pointer to a `T` that nobody else looks at (invariant 1).
                    let old = unsafe { std::mem::replace(&mut *value.cast::<T>(), new) };
                    // The new value is there, whatever the old one does at its end.
                    drop_contained(old);
                    true
                }
                None => false,
            },
            make: |room, bytes| match value_of::<T, F>(bytes) {
                Some(new) => {
                    // SAFETY: whoever calls this has a pointer to aligned room for a `T` (invariant 1).
                    unsafe { room.cast::<T>().write(new) };
                    true
                }
                None => false,
            },
        }
    }
}

/// Takes down which entities a value names, and leaves them as they are.
struct Named<'a>(&'a mut Vec<Entity>);

impl EntityMapper for Named<'_> {
    fn get_mapped(&mut self, source: Entity) -> Entity {
        self.0.push(source);
        source
    }

    fn set_mapped(&mut self, _: Entity, _: Entity) {}
}

/// The value with these bytes, if the game's conversion finds one.
fn value_of<T: TryFrom<F>, F: Pod>(bytes: &[u8]) -> Option<T> {
    contained(|| T::try_from(bytemuck::pod_read_unaligned(bytes)).ok()).flatten()
}
