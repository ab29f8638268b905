//! Bevy's messages as the events of mods: flat bytes out and in, with the type erased.
//!
//! It knows no mod: which mods get which events is decided in `tick/events.rs`.

use std::any::TypeId;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bevy_ecs::message::{Message, MessageCursor, Messages};
use bevy_ecs::world::World;
use bytemuck::CheckedBitPattern;
use tinkerbox_abi::{Docs, ModType, Shape};
#[cfg(feature = "reflect")]
use tinkerbox_columns::Reflected;
use tinkerbox_columns::contained;

use super::invalid::invalid_field;
#[cfg(feature = "reflect")]
use super::runtime_layout::NO_DOCS;
use crate::game_code::{discard, note, words};

/// A message that mods can listen to and send.
#[derive(Clone, Copy)]
pub(crate) struct ExposedEvent {
    pub id: &'static str,
    pub layout: &'static str,
    pub docs: &'static Docs,
    pub shape: &'static Shape,
    /// The size of one event in bytes.
    pub size: usize,
    /// The type of the message; of untyped events, the id tells which it is.
    ty: TypeId,
    /// The type that mods see: the message itself, or its mirror.
    crosses_as: TypeId,
    ways: Ways,
}

/// How bytes become messages and messages bytes.
#[derive(Clone, Copy)]
enum Ways {
    Typed {
        reader: fn(&World) -> Reader,
        accepts: fn(&[u8]) -> bool,
        write: fn(&mut World, &[u8]),
    },
    /// As [`UntypedEvent`]s.
    Untyped,
    /// By fields that were found by reflection.
    #[cfg(feature = "reflect")]
    Reflected(&'static dyn ReflectedWays),
}

/// How a message crosses whose fields were found by reflection.
#[cfg(feature = "reflect")]
pub(super) trait ReflectedWays: Send + Sync {
    fn reader(&'static self, world: &World) -> Reader;
    fn accepts(&self, bytes: &[u8]) -> bool;
    fn write(&self, world: &mut World, bytes: &[u8]);
}

#[cfg(feature = "reflect")]
impl<E: Message + Default> ReflectedWays for Reflected<E> {
    fn reader(&'static self, world: &World) -> Reader {
        reader::<E>(world, |event, bytes| {
            let start = bytes.len();
            bytes.resize(start + self.size(), 0);
            self.flatten(event, &mut bytes[start..]);
            true
        })
    }

    fn accepts(&self, bytes: &[u8]) -> bool {
        // The default is made and the event dropped in there: what panics in that is none.
        contained(|| self.value(bytes).is_some()).unwrap_or(false)
    }

    fn write(&self, world: &mut World, bytes: &[u8]) {
        write::<E>(world, bytes, self.size(), |bytes| self.value(bytes));
    }
}

/// An event of a type that no Rust type stands for.
#[derive(Message, Clone, Debug)]
pub(crate) struct UntypedEvent {
    pub id: &'static str,
    pub bytes: Vec<u8>,
}

/// Appends the bytes of the messages since the last call; returns how many there are.
pub(crate) type Reader = Box<dyn FnMut(&World, &mut Vec<u8>) -> usize + Send + Sync>;

impl ExposedEvent {
    #[track_caller]
    pub fn plain<E: Message + ModType>() -> ExposedEvent {
        assert_has_bytes(E::ID, size_of::<E>());
        ExposedEvent {
            id: E::ID,
            layout: E::LAYOUT,
            docs: E::DOCS,
            shape: E::SHAPE,
            size: size_of::<E>(),
            ty: TypeId::of::<E>(),
            crosses_as: TypeId::of::<E>(),
            ways: Ways::Typed {
                reader: |world| {
                    reader::<E>(world, |event, bytes| {
                        bytes.extend_from_slice(bytemuck::bytes_of(event));
                        true
                    })
                },
                accepts: |bytes| value_of::<E>(bytes).is_some(),
                write: |world, bytes| write::<E>(world, bytes, size_of::<E>(), value_of::<E>),
            },
        }
    }

    #[track_caller]
    pub fn mirrored<E, F>() -> ExposedEvent
    where
        E: Message + TryFrom<F>,
        F: ModType + for<'a> From<&'a E>,
    {
        assert_has_bytes(F::ID, size_of::<F>());
        ExposedEvent {
            id: F::ID,
            layout: F::LAYOUT,
            docs: F::DOCS,
            shape: F::SHAPE,
            size: size_of::<F>(),
            ty: TypeId::of::<E>(),
            crosses_as: TypeId::of::<F>(),
            ways: Ways::Typed {
                reader: |world| {
                    reader::<E>(world, |event, bytes| {
                        match catch_unwind(AssertUnwindSafe(|| F::from(event))) {
                            Ok(flat) => {
                                bytes.extend_from_slice(bytemuck::bytes_of(&flat));
                                true
                            }
                            Err(payload) => {
                                let words = words(&*payload);
                                note(format!(
                                    "the conversion of an event `{}` for mods panicked: {words}",
                                    F::ID
                                ));
                                discard(payload);
                                false
                            }
                        }
                    })
                },
                // The event is dropped in there: one that can't be dropped is none, either.
                accepts: |bytes| contained(|| event_of::<E, F>(bytes).is_some()).unwrap_or(false),
                write: |world, bytes| {
                    write::<E>(world, bytes, size_of::<F>(), event_of::<E, F>);
                },
            },
        }
    }

    /// An event that is described by its layout alone. The world needs the message [`UntypedEvent`].
    pub fn untyped(
        id: &'static str,
        layout: &'static str,
        docs: &'static Docs,
        shape: &'static Shape,
    ) -> ExposedEvent {
        let ty = TypeId::of::<UntypedEvent>();
        ExposedEvent { id, layout, docs, shape, size: shape.size(), ty, crosses_as: ty, ways: Ways::Untyped }
    }

    /// An event by the fields of `E` that were found by reflection.
    #[cfg(feature = "reflect")]
    #[track_caller]
    pub fn reflected<E: Message + Default>(
        id: &'static str,
        layout: &'static str,
        shape: &'static Shape,
        reflected: &'static Reflected<E>,
    ) -> ExposedEvent {
        assert_has_bytes(id, reflected.size());
        ExposedEvent {
            id,
            layout,
            docs: NO_DOCS,
            shape,
            size: reflected.size(),
            ty: TypeId::of::<E>(),
            crosses_as: TypeId::of::<Reflected<E>>(),
            ways: Ways::Reflected(reflected),
        }
    }

    pub fn is_of_the_type_of(&self, other: &ExposedEvent) -> bool {
        (self.id, self.ty) == (other.id, other.ty)
    }

    /// Whether it is the same message, under any id.
    pub fn is_the_message_of(&self, other: &ExposedEvent) -> bool {
        self.ty == other.ty && (self.ty != TypeId::of::<UntypedEvent>() || self.id == other.id)
    }

    /// Whether both were exposed in the same way.
    pub fn is_as(&self, other: &ExposedEvent) -> bool {
        (self.id, self.ty, self.crosses_as) == (other.id, other.ty, other.crosses_as)
    }

    /// A reader of the messages that are sent from now on.
    pub fn reader(&self, world: &World) -> Reader {
        match self.ways {
            Ways::Typed { reader, .. } => reader(world),
            Ways::Untyped => untyped_reader(world, self.id),
            #[cfg(feature = "reflect")]
            Ways::Reflected(ways) => ways.reader(world),
        }
    }

    /// The first of these events that is not a valid one.
    pub fn first_invalid<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        bytes.chunks_exact(self.size).find(|event| match self.ways {
            Ways::Typed { accepts, .. } => !accepts(event),
            Ways::Untyped => invalid_field(self.shape, event).is_some(),
            #[cfg(feature = "reflect")]
            Ways::Reflected(ways) => !ways.accepts(event),
        })
    }

    /// Sends these events.
    pub fn write(&self, world: &mut World, bytes: &[u8]) {
        match self.ways {
            Ways::Typed { write, .. } => write(world, bytes),
            Ways::Untyped => {
                let event = |bytes: &[u8]| UntypedEvent { id: self.id, bytes: bytes.to_vec() };
                world.write_message_batch(bytes.chunks_exact(self.size).map(event));
            }
            #[cfg(feature = "reflect")]
            Ways::Reflected(ways) => ways.write(world, bytes),
        }
    }
}

fn untyped_reader(world: &World, id: &'static str) -> Reader {
    let mut cursor = match world.get_resource::<Messages<UntypedEvent>>() {
        Some(messages) => messages.get_cursor_current(),
        None => MessageCursor::default(),
    };
    Box::new(move |world, bytes| {
        let Some(messages) = world.get_resource::<Messages<UntypedEvent>>() else { return 0 };
        let mut count = 0;
        for event in cursor.read(messages).filter(|event| event.id == id) {
            bytes.extend_from_slice(&event.bytes);
            count += 1;
        }
        count
    })
}

impl fmt::Debug for ExposedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExposedEvent").field(&self.id).finish()
    }
}

/// The event with these bytes, if the game's conversion accepts them. A panic of the conversion counts as a refusal.
fn event_of<E: TryFrom<F>, F: CheckedBitPattern>(bytes: &[u8]) -> Option<E> {
    let flat = value_of::<F>(bytes)?;
    contained(|| E::try_from(flat).ok()).flatten()
}

/// The value with these bytes, if there is one.
fn value_of<F: CheckedBitPattern>(bytes: &[u8]) -> Option<F> {
    bytemuck::checked::try_pod_read_unaligned(bytes).ok()
}

/// Events are passed one after the other, so that those without bytes could not be counted.
#[track_caller]
fn assert_has_bytes(id: &str, size: usize) {
    assert!(size > 0, "the event `{id}` has no bytes; give it a field");
}

fn reader<E: Message>(
    world: &World,
    append: impl Fn(&E, &mut Vec<u8>) -> bool + Send + Sync + 'static,
) -> Reader {
    let mut cursor = match world.get_resource::<Messages<E>>() {
        Some(messages) => messages.get_cursor_current(),
        None => MessageCursor::default(),
    };
    Box::new(move |world, bytes| {
        let Some(messages) = world.get_resource::<Messages<E>>() else { return 0 };
        cursor.read(messages).filter(|event| append(event, bytes)).count()
    })
}

fn write<E: Message>(world: &mut World, bytes: &[u8], size: usize, event: impl Fn(&[u8]) -> Option<E>) {
    let Some(mut messages) = world.get_resource_mut::<Messages<E>>() else { return };
    messages.write_batch(bytes.chunks_exact(size).filter_map(event));
}
