//! What a panic leaves behind when it unwinds while components are inserted.
//!
//! Hooks and observers of the game run during insertion, and constructors of required components. This file must not know
//! which values are inserted.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::world::{World, WorldId};

/// The payload of a panic that may have left an entity half made, in the constructor of a required component: bevy_ecs has
/// then made room for the component, but no value. The world must not be used any more; do not catch this panic.
pub struct HalfMade(
    /// The payload of the original panic.
    pub Box<dyn Any + Send>,
);

impl fmt::Debug for HalfMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HalfMade")
    }
}

/// Runs `insert`, which inserts these components into an entity. A panic continues: as [`HalfMade`] if the constructor of a
/// required component may have caused it.
///
/// # Panics
/// If `insert` does.
pub fn whole_or_half_made<R>(
    world: &mut World,
    entity: Entity,
    components: &[ComponentId],
    insert: impl FnOnce(&mut World) -> R,
) -> R {
    let archetype_of = |world: &World| world.entities().get_spawned(entity).ok().map(|it| it.archetype_id);
    let before = archetype_of(world);
    catch_unwind(AssertUnwindSafe(|| insert(world))).unwrap_or_else(|payload| {
        let has = |id| before.is_some_and(|before| world.archetypes()[before].contains(id));
        let lacks = |id: &ComponentId| !has(*id) && !components.contains(id);
        let requires_more = components.iter().any(|id| {
            let info = world.components().get_info(*id);
            info.is_some_and(|info| info.required_components().iter_ids().any(|id| lacks(&id)))
        });
        // The entity is still in its old archetype only if the panic came before anything was written.
        match requires_more && archetype_of(world) != before && !payload.is::<HalfMade>() {
            true => resume_unwind(Box::new(HalfMade(payload))),
            false => resume_unwind(payload),
        }
    })
}

/// A set of components whose record a panic has spoilt (invariant 6). These sets are not kept in the world, where a game
/// could remove them.
pub(super) struct Spoilt {
    world: WorldId,
    ids: Vec<ComponentId>,
}

static SPOILT: Mutex<Vec<Spoilt>> = Mutex::new(Vec::new());
static IS_ANY_SPOILT: AtomicBool = AtomicBool::new(false);

impl Spoilt {
    pub(super) fn has(world: WorldId, ids: &[ComponentId]) -> bool {
        IS_ANY_SPOILT.load(Ordering::Relaxed)
            && SPOILT
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .any(|it| it.world == world && it.ids == ids)
    }

    /// Notes the set when the result is dropped without [`NoteSpoilt::finish`], as an unwinding panic does.
    pub(super) fn note_unless_finished(world: WorldId, ids: &[ComponentId]) -> NoteSpoilt {
        NoteSpoilt(Some(Spoilt { world, ids: ids.to_vec() }))
    }
}

pub(super) struct NoteSpoilt(Option<Spoilt>);

impl NoteSpoilt {
    pub(super) fn finish(mut self) {
        self.0 = None;
    }
}

impl Drop for NoteSpoilt {
    fn drop(&mut self) {
        if let Some(spoilt) = self.0.take() {
            SPOILT.lock().unwrap_or_else(PoisonError::into_inner).push(spoilt);
            IS_ANY_SPOILT.store(true, Ordering::Relaxed);
        }
    }
}
