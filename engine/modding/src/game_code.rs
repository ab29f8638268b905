//! Code of the game that runs for a mod: hooks, observers, commands, whatever functions of the game have deferred.
//!
//! A mod's effects set it off, so what fails there belongs to that mod: it is noted here, told in the mod's name, and ends
//! neither the game nor what the other mods do. The commands and observers of bevy_ecs give their errors to a handler
//! that the world has, and which ends the process unless the game has set another one; while mods are ticked it is ours.
//!
//! A panic of a hook or an observer is contained in the same way, since bevy_ecs does so with those of commands. One that
//! may have left an entity half made is not: see [`HalfMade`]. What the game's code leaves behind, such as what a panic
//! carries or a change that is not made, may panic when it is dropped: [`discard`] contains that, too.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bevy_ecs::change_detection::DetectChangesMut;
use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::error::{
    BevyError, ErrorContext, ErrorHandler, FallbackErrorHandler, Severity, match_severity,
};
use bevy_ecs::world::{EntityWorldMut, World};
use tinkerbox_columns::{HalfMade, drop_contained, whole_or_half_made};

use crate::mod_entity::{FuelBudget, ModInfo, ModStats, ModStatus};
use crate::text::{cut_to, harmless};

/// Of a failure's text so much is told.
const TEXT_CHARS_MAX: usize = 400;

thread_local! {
    /// What has failed since it was asked last. A handler of bevy_ecs is a bare function, and all that is done to the world
    /// is done on one thread.
    static NOTED: RefCell<Failures> = const { RefCell::new(Failures { count: 0, first: None }) };
    /// Whether mods are ticked on this thread.
    static IS_NOTING: Cell<bool> = const { Cell::new(false) };
}

/// What has failed in the game's code.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    pub count: u64,
    /// The first of them, in words.
    pub first: Option<String>,
}

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Notes what fails in the world's commands and observers while `f` runs, in place of what the game does about it.
///
/// # Panics
/// If `f` does.
pub(crate) fn noting<R>(world: &mut World, f: impl FnOnce(&mut World) -> R) -> R {
    let before = exchange_handler(world, note_error);
    let was_noting = IS_NOTING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(|| f(world)));
    IS_NOTING.set(was_noting);
    let ours: ErrorHandler = note_error;
    let now = world.get_resource::<FallbackErrorHandler>().map(|handler| handler.0);
    // What the game has set meanwhile is meant to stay.
    if now.is_none_or(|now| std::ptr::fn_addr_eq(now, ours)) {
        exchange_handler(world, before);
    }
    result.unwrap_or_else(|payload| match payload.downcast::<HalfMade>() {
        Ok(half_made) => resume_unwind(half_made.0),
        Err(payload) => resume_unwind(payload),
    })
}

/// Does something to the world that may set off the game's code. A panic there is noted; `None` then.
///
/// # Panics
/// If the panic may have left an entity half made.
pub(crate) fn contain<R>(world: &mut World, what: &str, f: impl FnOnce(&mut World) -> R) -> Option<R> {
    let mut result = catch_unwind(AssertUnwindSafe(|| f(world))).map(Some);
    while let Err(payload) = result {
        if payload.is::<HalfMade>() {
            resume_unwind(payload);
        }
        note(format!("{what}: {}", words(&*payload)));
        discard(payload);
        // Commands that were queued before the panic are not left for the next one.
        result = catch_unwind(AssertUnwindSafe(|| world.flush())).map(|()| None);
    }
    result.unwrap_or_default()
}

/// Changes a mod's entity; `false` if it is gone, before or after. That has to be expected of an entity that was kept while
/// code of the game may have run.
pub(crate) fn change(
    world: &mut World,
    entity: Entity,
    change: impl FnOnce(&mut EntityWorldMut<'_>),
) -> bool {
    let shown = shown_components(world);
    contain(world, "an observer or a hook for the mod's own entity panicked", |world| {
        whole_or_half_made(world, entity, &shown, |world| {
            if let Ok(mut entity) = world.get_entity_mut(entity) {
                change(&mut entity);
            }
        });
    });
    world.entities().contains_spawned(entity)
}

/// The components that a game may have made to require others.
fn shown_components(world: &mut World) -> [ComponentId; 4] {
    [
        world.register_component::<ModInfo>(),
        world.register_component::<ModStatus>(),
        world.register_component::<FuelBudget>(),
        world.register_component::<ModStats>(),
    ]
}

/// Drops what the game's code has left behind. A panic of that is noted.
pub(crate) fn discard<T>(value: T) {
    if !drop_contained(value) {
        note("what it left behind panicked when it was dropped".to_owned());
    }
}

/// What has failed since this was asked last.
pub(crate) fn take_failures() -> Failures {
    NOTED.take()
}

/// What a panic says.
pub(crate) fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    tidy(text.unwrap_or("it does not say why"))
}

/// Notes a failure of the game's code.
pub(crate) fn note(text: String) {
    if !IS_NOTING.get() {
        // A schedule that was run meanwhile has systems on other threads.
        tracing::error!("the game's own code failed while mods were ticked: {text}");
        return;
    }
    NOTED.with_borrow_mut(|failures| {
        failures.count += 1;
        failures.first.get_or_insert(text);
    });
}

/// The handler while mods are ticked.
fn note_error(mut error: BevyError, context: ErrorContext) {
    if error.severity() < Severity::Warning {
        return match_severity(error, context);
    }
    let (kind, name) = (context.kind(), context.name());
    match error.take_payload() {
        Some(payload) => {
            note(format!("the {kind} `{name}` panicked: {}", words(&*payload)));
            discard(payload);
        }
        None => note(format!("the {kind} `{name}` failed: {}", tidy(&error.to_string()))),
    }
    discard(error);
}

fn tidy(text: &str) -> String {
    cut_to(TEXT_CHARS_MAX, harmless(text).trim_end())
}

fn exchange_handler(world: &mut World, handler: ErrorHandler) -> ErrorHandler {
    match world.get_resource_mut::<FallbackErrorHandler>() {
        Some(mut there) => std::mem::replace(&mut there.bypass_change_detection().0, handler),
        None => {
            world.insert_resource(FallbackErrorHandler(handler));
            FallbackErrorHandler::default().0
        }
    }
}
