//! Failures of the game's own code that runs for a mod: hooks, observers, commands, deferred changes.
//!
//! The effects of a mod run such code, so its failures belong to that mod: they are noted here and reported in the mod's
//! name, and end neither the game nor the work of other mods. Commands and observers of bevy_ecs pass their errors to the
//! world's handler, which ends the process unless the game has set another one; while mods are ticked the handler is ours.
//!
//! A panic of a hook or an observer is contained in the same way, since bevy_ecs treats panics of commands so. A panic that
//! may have left an entity half made is not contained: see [`HalfMade`]. What the game's code leaves behind, such as the
//! payload of a panic or a deferred change that is not made, may panic when it is dropped: [`discard`] contains that too.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bevy_ecs::change_detection::DetectChangesMut;
use bevy_ecs::error::{
    BevyError, ErrorContext, ErrorHandler, FallbackErrorHandler, Severity, match_severity,
};
use bevy_ecs::world::World;
use tinkerbox_columns::{HalfMade, drop_contained};

use crate::limits::FAILURE_CHARS_MAX;
use crate::text::{cut_to, harmless};

thread_local! {
    /// What has failed since the last call of [`take_failures`]. A handler of bevy_ecs is a bare function, and the world is
    /// changed on one thread.
    static NOTED: RefCell<Failures> = const { RefCell::new(Failures { count: 0, first: None }) };
    /// Whether mods are ticked on this thread.
    static IS_NOTING: Cell<bool> = const { Cell::new(false) };
}

/// Failures of the game's code.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    pub count: u64,
    /// The first failure, in words.
    pub first: Option<String>,
}

/// The payload of a panic.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Notes failures of the world's commands and observers while `f` runs, instead of passing them to the game's handler.
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
    // A handler that the game has set meanwhile stays.
    if now.is_none_or(|now| std::ptr::fn_addr_eq(now, ours)) {
        exchange_handler(world, before);
    }
    result.unwrap_or_else(|payload| match payload.downcast::<HalfMade>() {
        Ok(half_made) => resume_unwind(half_made.0),
        Err(payload) => resume_unwind(payload),
    })
}

/// Changes the world in a way that may run the game's code. A panic of that code is noted, and `None` returned.
///
/// # Panics
/// If a panic may have left an entity half made.
pub(crate) fn contain<R>(world: &mut World, what: &str, f: impl FnOnce(&mut World) -> R) -> Option<R> {
    let mut result = catch_unwind(AssertUnwindSafe(|| f(world))).map(Some);
    while let Err(payload) = result {
        if payload.is::<HalfMade>() {
            resume_unwind(payload);
        }
        note(format!("{what}: {}", words(&*payload)));
        discard(payload);
        // Commands that were queued before the panic must not wait for the next change.
        result = catch_unwind(AssertUnwindSafe(|| world.flush())).map(|()| None);
    }
    result.unwrap_or_default()
}

/// Drops what the game's code has left behind. A panic of that is noted.
pub(crate) fn discard<T>(value: T) {
    if !drop_contained(value) {
        note("what it left behind panicked when it was dropped".to_owned());
    }
}

/// The failures since the last call.
pub(crate) fn take_failures() -> Failures {
    NOTED.take()
}

/// The message of a panic.
pub(crate) fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    tidy(text.unwrap_or("it does not say why"))
}

/// Notes a failure of the game's code.
pub(crate) fn note(text: String) {
    if !IS_NOTING.get() {
        // It is a system, on another thread, of a schedule that the game runs meanwhile.
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
    cut_to(FAILURE_CHARS_MAX, harmless(text).trim_end())
}

fn exchange_handler(world: &mut World, handler: ErrorHandler) -> ErrorHandler {
    match world.get_resource_mut::<FallbackErrorHandler>() {
        Some(mut present) => std::mem::replace(&mut present.bypass_change_detection().0, handler),
        None => {
            world.insert_resource(FallbackErrorHandler(handler));
            FallbackErrorHandler::default().0
        }
    }
}
