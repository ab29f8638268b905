//! Which components may cross as bytes. Such a permission is only made here; how they cross is in `crossing/mod.rs`.
//!
//! It must not know rows.

use std::alloc::Layout;
use std::any::TypeId;

use bevy_ecs::component::{
    Component, ComponentCloneBehavior, ComponentDescriptor, ComponentId, ComponentMutability, StorageType,
};
use bevy_ecs::entity::{Entity, EntityMapper};
use bevy_ecs::resource::Resource;
use bevy_ecs::world::{World, WorldId};
use bytemuck::{CheckedBitPattern, NoUninit};

use crate::crossing::{ByFrom, ByWorld, Check, Conversion, Crossing, FromMirror, Mirror};

/// The largest alignment of a component that can be spawned from bytes.
pub(crate) const MAX_ALIGN: usize = 64;

/// A component whose values cross as flat bytes, in one world (invariant 1).
#[derive(Clone, Copy, Debug)]
pub struct FlatComponent {
    id: ComponentId,
    world: WorldId,
    /// The size of the bytes that cross.
    size: u32,
    /// The size of the value in the world.
    value_size: u32,
    value_align: u32,
    storage: StorageType,
    mutable: bool,
    /// Whether it is the list that bevy_ecs keeps on the targets of a relationship.
    is_relationship_target: bool,
    /// For a relationship: lists the entities that a value names. The pointer is to a value that no other code accesses.
    names: Option<unsafe fn(*mut u8, &mut Vec<Entity>)>,
    /// Identifies how it crosses.
    crosses_as: TypeId,
    crossing: Crossing,
}

/// A component that crosses as two types has two of these, which differ, since their bytes do.
impl PartialEq for FlatComponent {
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.world, self.crosses_as) == (other.id, other.world, other.crosses_as)
    }
}

impl Eq for FlatComponent {}

impl FlatComponent {
    /// Registers `T`, whose values are the bytes that cross, and records what moving them needs. If not all bytes are a value
    /// of `T`, as for an enum, what is written is checked.
    ///
    /// # Panics
    /// If `T` is aligned to more than 64 bytes, or is larger than 4 GiB.
    #[track_caller]
    pub fn register<T: Component + NoUninit + CheckedBitPattern>(world: &mut World) -> Self {
        Self::new::<T, T>(world, size_of::<T>(), Crossing::of::<T>())
    }

    /// Registers `T`, which crosses as an `F`: it is converted to one, and back to a `T` if that is possible.
    ///
    /// # Panics
    /// As [`FlatComponent::register`] does.
    #[track_caller]
    pub fn register_mirrored<T, F>(world: &mut World) -> Self
    where
        T: Component + TryFrom<F>,
        F: NoUninit + CheckedBitPattern + for<'a> From<&'a T>,
    {
        Self::register_converted::<T, ByFrom<F>>(world)
    }

    /// The same for a way back that asks the world.
    ///
    /// # Panics
    /// As [`FlatComponent::register`] does.
    #[track_caller]
    pub fn register_mirrored_by_world<T, F>(world: &mut World) -> Self
    where
        T: Component + FromMirror<F>,
        F: NoUninit + CheckedBitPattern + for<'a> From<&'a T>,
    {
        Self::register_converted::<T, ByWorld<F>>(world)
    }

    /// Registers `T`, which crosses as `C` converts it.
    ///
    /// # Panics
    /// As [`FlatComponent::register`] does.
    #[track_caller]
    pub fn register_converted<T: Component, C: Conversion<T>>(world: &mut World) -> Self {
        Self::new::<T, C>(world, size_of::<C::Flat>(), Crossing::Mirrored(Mirror::of::<T, C>()))
    }

    /// The same for resources, which bevy_ecs keeps as components.
    ///
    /// # Panics
    /// As [`FlatComponent::register`] does.
    #[track_caller]
    pub fn register_resource<T: Resource + NoUninit + CheckedBitPattern>(world: &mut World) -> Self {
        Self::register::<T>(world)
    }

    /// Registers a component that no Rust type stands for: values of `size` bytes of which `check` says whether they are one, in
    /// tables. Each call makes a new one.
    ///
    /// It is for worlds that are made from data. A resource of such a type is an entity with the component and
    /// [`IsResource`](bevy_ecs::resource::IsResource).
    ///
    /// # Panics
    /// If `align` is not a power of two of at most 64, or `size` is not a multiple of it and less than 4 GiB.
    #[track_caller]
    pub fn register_untyped(
        world: &mut World,
        name: String,
        (size, align): (usize, usize),
        mutable: bool,
        check: Check,
    ) -> Self {
        assert!(align <= MAX_ALIGN, "component {name} is aligned to {align} bytes; the limit is {MAX_ALIGN}");
        let layout = Layout::from_size_align(size, align).expect("the alignment is a power of two");
        let small = |size: usize| u32::try_from(size).expect("components are smaller than 4 GiB");
        let (storage, clone) = (StorageType::Table, ComponentCloneBehavior::Ignore);
        // SAFETY: plain bytes are not dropped, any thread may have them, and they are not a relationship.
        let descriptor = unsafe {
            ComponentDescriptor::new_with_layout(name, storage, layout, None, mutable, false, clone, None)
        };
        Self {
            id: world.register_component_with_descriptor(descriptor),
            world: world.id(),
            size: small(size),
            value_size: small(size),
            value_align: small(align),
            storage,
            mutable,
            is_relationship_target: false,
            names: None,
            crosses_as: TypeId::of::<[u8]>(),
            crossing: Crossing::Untyped(check),
        }
    }

    #[track_caller]
    pub(crate) fn new<T: Component, F: 'static>(world: &mut World, size: usize, crossing: Crossing) -> Self {
        assert!(
            align_of::<T>() <= MAX_ALIGN,
            "component {} is aligned to {} bytes; the limit is {MAX_ALIGN}",
            std::any::type_name::<T>(),
            align_of::<T>(),
        );
        let id = world.register_component::<T>();
        let info = world.components().get_info(id).expect("the component was registered just now");
        let small = |size: usize| u32::try_from(size).expect("components are smaller than 4 GiB");
        // A relationship has two components. The one that names the target is immutable; the list on the target is not.
        let is_related = T::relationship_accessor().is_some();
        let is_relationship_target = is_related && T::Mutability::MUTABLE;
        let names: unsafe fn(*mut u8, &mut Vec<Entity>) = |value, named| {
            // SAFETY: the caller has a pointer to a `T` that no other code accesses (invariant 1).
            T::map_entities(unsafe { &mut *value.cast::<T>() }, &mut Named(named));
        };
        Self {
            id,
            world: world.id(),
            size: small(size),
            value_size: small(size_of::<T>()),
            value_align: small(align_of::<T>()),
            storage: info.storage_type(),
            mutable: info.mutable() && !is_relationship_target,
            is_relationship_target,
            names: (is_related && !is_relationship_target).then_some(names),
            crosses_as: TypeId::of::<F>(),
            crossing,
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

    /// Whether this is the list that bevy_ecs keeps on the targets of a relationship, as `Children` is. It follows from the
    /// relationships, and is only added and removed with them.
    pub fn is_relationship_target(&self) -> bool {
        self.is_relationship_target
    }

    /// Whether values may be changed in place; `false` for immutable components, which can only be read, spawned and
    /// inserted, and for the lists of relationships, which can only be read.
    pub fn is_mutable(&self) -> bool {
        self.mutable
    }

    /// Whether each value takes time of its own, beyond that of its bytes: it is converted by the game's code, or looked up in a
    /// sparse set.
    pub fn takes_time_by_value(&self) -> bool {
        !self.is_in_table() || matches!(self.crossing, Crossing::Mirrored(_))
    }

    /// Whether there is a value with these bytes, in its world. Always true for plain components.
    ///
    /// # Panics
    /// If there are more or fewer bytes than cross for one value.
    pub fn accepts(&self, world: &World, bytes: &[u8]) -> bool {
        assert_eq!(bytes.len(), self.size(), "the bytes have the component's size");
        self.first_invalid(world, bytes).is_none()
    }

    /// The number of the first value among these, one after the other, that is none.
    pub(crate) fn first_invalid(&self, world: &World, values: &[u8]) -> Option<usize> {
        self.crossing.first_invalid(world, self.size(), values)
    }

    pub(crate) fn names(&self) -> Option<unsafe fn(*mut u8, &mut Vec<Entity>)> {
        self.names
    }

    pub(crate) fn crossing(&self) -> &Crossing {
        &self.crossing
    }

    /// Whether the values lie in tables and are the bytes that cross.
    pub(crate) fn is_bytes_in_table(&self) -> bool {
        self.is_in_table() && self.crossing.is_bytes()
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

    /// Checks invariant 2.
    #[track_caller]
    pub(crate) fn check_world(&self, world: &World) {
        assert!(self.world == world.id(), "component {:?} was registered in another world", self.id);
    }
}

/// Records which entities a value names, and leaves them unchanged.
struct Named<'a>(&'a mut Vec<Entity>);

impl EntityMapper for Named<'_> {
    fn get_mapped(&mut self, source: Entity) -> Entity {
        self.0.push(source);
        source
    }

    fn set_mapped(&mut self, _: Entity, _: Entity) {}
}
