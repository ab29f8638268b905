//! Which components may cross as bytes: the only place where such a permission is made.
//!
//! It stands before everything else in this crate, and knows nothing of rows.

use bevy_ecs::component::{Component, ComponentId, StorageType};
use bevy_ecs::world::{World, WorldId};
use bytemuck::Pod;

/// The largest alignment of a component that can be spawned from bytes.
pub(crate) const MAX_ALIGN: usize = 64;

/// A component whose values are plain bytes, in one world (invariant 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainComponent {
    id: ComponentId,
    world: WorldId,
    size: u32,
    align: u32,
    storage: StorageType,
    mutable: bool,
}

impl PlainComponent {
    /// Registers `T` with the world and records what moving its bytes needs.
    ///
    /// # Panics
    /// If `T` is aligned to more than 64 bytes, or is larger than 4 GiB.
    pub fn register<T: Component + Pod>(world: &mut World) -> Self {
        assert!(
            align_of::<T>() <= MAX_ALIGN,
            "component {} is aligned to {} bytes; at most {MAX_ALIGN} can cross as bytes",
            std::any::type_name::<T>(),
            align_of::<T>(),
        );
        let id = world.register_component::<T>();
        let info = world.components().get_info(id).expect("the component was registered just now");
        Self {
            id,
            world: world.id(),
            size: u32::try_from(size_of::<T>()).expect("components are smaller than 4 GiB"),
            align: align_of::<T>() as u32,
            storage: info.storage_type(),
            mutable: info.mutable(),
        }
    }

    /// The component's id in its world.
    pub fn id(&self) -> ComponentId {
        self.id
    }

    /// Bytes of one value.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    /// Alignment of a value in bytes.
    pub fn align(&self) -> usize {
        self.align as usize
    }

    /// Whether values may be changed in place; `false` for immutable components, which can be read and
    /// spawned only.
    pub fn is_mutable(&self) -> bool {
        self.mutable
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
