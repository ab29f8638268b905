//! How the values of a component and the bytes that cross become each other.
//!
//! ```text
//! plain      value in the world  =  bytes that cross
//! checked    value in the world  =  bytes that cross, of which not all are a value
//! leaves     value in the world --copied--> bytes that cross, part by part, as `leaves.rs` draws it
//!                               <--copied--
//! mirrored   value in the world --flatten--> bytes that cross
//!                               <--assign---  if they are a value at all: `first_invalid`
//! ```
//!
//! The game writes the conversions of a mirror. If one from bytes to a value panics, or dropping that value does, the bytes
//! count as no value, since the game does not choose which bytes arrive. If one from a value to bytes panics, the panic
//! continues as a [`ConversionPanicked`].

#[cfg_attr(not(feature = "reflect"), expect(dead_code, reason = "leaves are found by reflection"))]
pub(crate) mod leaves;

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bevy_ecs::world::World;
use bevy_ecs::world::unsafe_world_cell::UnsafeWorldCell;
use bytemuck::{CheckedBitPattern, NoUninit};

use crate::contained::contained;
use leaves::Leaves;

/// How values cross.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Crossing {
    /// Values are the bytes that cross, and any bytes are a value.
    Plain,
    /// Values are the bytes that cross.
    Checked(FirstInvalid),
    /// Values are the bytes that cross, of a component that no Rust type stands for.
    Untyped(Check),
    /// Parts of values are copied.
    #[cfg_attr(not(feature = "reflect"), expect(dead_code, reason = "they are found by reflection"))]
    Leaves(&'static Leaves),
    /// Values are converted.
    Mirrored(Mirror),
}

/// The number of the first value among these, one after the other, that is none.
pub(crate) type FirstInvalid = fn(&[u8]) -> Option<usize>;

/// Says whether bytes are a value.
#[derive(Clone, Copy)]
pub struct Check(
    /// Gets the bytes of one value.
    pub &'static (dyn Fn(&[u8]) -> bool + Send + Sync),
);

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check")
    }
}

/// The conversions between values and their flat bytes, many at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mirror {
    /// Writes the bytes of values that lie one after the other. The pointer is to a value of the component for each.
    pub flatten: unsafe fn(*const u8, &mut [u8]),
    /// The number of the first among these bytes for which there is no value.
    pub first_invalid: fn(&World, &[u8]) -> Option<usize>,
    /// Replaces values that lie one after the other by the values with these bytes. The pointer is to a value of the component
    /// for each, and no reference to anything in the world is held. An error says how many were replaced before one for which there
    /// is no value.
    pub assign: unsafe fn(UnsafeWorldCell<'_>, *mut u8, &[u8]) -> Result<(), usize>,
    /// Makes the value with these bytes; `false` if there is none. The pointer is to room for a value.
    pub make: unsafe fn(&World, *mut u8, &[u8]) -> bool,
}

impl Crossing {
    /// How a type crosses as itself.
    pub fn of<T: CheckedBitPattern + 'static>() -> Crossing {
        // `Bits` are values for any bytes: if they are the type itself, there is nothing to check.
        match TypeId::of::<T>() == TypeId::of::<T::Bits>() {
            true => Crossing::Plain,
            false => Crossing::Checked(first_invalid::<T>),
        }
    }

    /// Whether values are the bytes that cross.
    pub fn is_bytes(&self) -> bool {
        match self {
            Crossing::Plain | Crossing::Checked(_) | Crossing::Untyped(_) => true,
            Crossing::Leaves(leaves) => leaves.are_all(),
            Crossing::Mirrored(_) => false,
        }
    }

    /// The number of the first value among these, of `size` bytes each, that is none.
    pub fn first_invalid(&self, world: &World, size: usize, values: &[u8]) -> Option<usize> {
        let first = |accepts: &dyn Fn(&[u8]) -> bool| {
            values.chunks_exact(size.max(1)).position(|value| !accepts(value))
        };
        match self {
            Crossing::Plain => None,
            Crossing::Checked(first_invalid) => first_invalid(values),
            Crossing::Untyped(check) => first(check.0),
            Crossing::Leaves(leaves) if leaves.checks.is_empty() => None,
            Crossing::Leaves(leaves) => first(&|value| leaves.accepts(value)),
            Crossing::Mirrored(mirror) => (mirror.first_invalid)(world, values),
        }
    }

    /// Writes the bytes of values that lie one after the other into `out`.
    ///
    /// # Safety
    /// The pointer is to a value of the component for each of the sizes that `out` has room for, and none is written
    /// meanwhile.
    pub unsafe fn flatten(&self, first: *const u8, out: &mut [u8]) {
        match self {
            // SAFETY: the caller vouches for the pointer.
            Crossing::Mirrored(mirror) => unsafe { (mirror.flatten)(first, out) },
            // SAFETY: the caller vouches for the pointer.
            Crossing::Leaves(leaves) if !leaves.are_all() => unsafe { leaves.flatten(first, out) },
            // SAFETY: such values are as many initialised bytes as cross (invariant 1).
            _ => out.copy_from_slice(unsafe { std::slice::from_raw_parts(first, out.len()) }),
        }
    }

    /// Gives values that lie one after the other these bytes, which were checked.
    ///
    /// # Errors
    /// If there is no value with some of the bytes after all: how many values before it have been given theirs.
    ///
    /// # Safety
    /// The pointer is to values of the component, one for each of the sizes in `bytes`. The cell is of an exclusive borrow of
    /// the world, and no reference to anything in the world is held.
    pub unsafe fn assign(
        &self,
        world: UnsafeWorldCell<'_>,
        first: *mut u8,
        bytes: &[u8],
    ) -> Result<(), usize> {
        match self {
            // SAFETY: the caller vouches for the pointer.
            Crossing::Mirrored(mirror) => return unsafe { (mirror.assign)(world, first, bytes) },
            // SAFETY: the caller vouches for the pointer, and the bytes are values (invariant 7).
            Crossing::Leaves(leaves) if !leaves.are_all() => unsafe { leaves.assign(first, bytes) },
            // SAFETY: such values are as many bytes as cross (invariant 1), and these are values (invariant 7).
            _ => unsafe { std::slice::from_raw_parts_mut(first, bytes.len()) }.copy_from_slice(bytes),
        }
        Ok(())
    }

    /// Makes the value with these bytes, which were checked; `false` if there is none.
    ///
    /// # Safety
    /// The pointer is to aligned room for a value of the component, and `bytes` have the size of what crosses.
    pub unsafe fn make(&self, world: &World, room: *mut u8, bytes: &[u8]) -> bool {
        match self {
            // SAFETY: the caller vouches for the room.
            Crossing::Mirrored(mirror) => unsafe { (mirror.make)(world, room, bytes) },
            // SAFETY: the caller vouches for the room, and the bytes are a value (invariant 7).
            Crossing::Leaves(leaves) => unsafe { leaves.make(room, bytes) },
            _ => {
                // SAFETY: the room is as long as the value, which is these bytes (invariants 1 and 7).
                unsafe { room.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
                true
            }
        }
    }
}

/// The payload of a panic in the game's conversion from a value to the bytes that cross.
pub struct ConversionPanicked(
    /// The payload of the conversion's panic.
    pub Box<dyn Any + Send>,
);

impl fmt::Debug for ConversionPanicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConversionPanicked")
    }
}

/// How a type crosses as another one, and back.
///
/// Both conversions must give the same result each time.
pub trait Conversion<T>: 'static {
    /// What crosses.
    type Flat: NoUninit + CheckedBitPattern;

    /// What crosses for a value.
    fn flatten(value: &T) -> Self::Flat;

    /// The value for which this has crossed, if there is one in this world.
    fn value(flat: Self::Flat, world: &World) -> Option<T>;
}

/// The conversions that the types have.
pub(crate) struct ByFrom<F>(PhantomData<F>);

impl<T, F> Conversion<T> for ByFrom<F>
where
    T: TryFrom<F>,
    F: NoUninit + CheckedBitPattern + for<'a> From<&'a T>,
{
    type Flat = F;

    fn flatten(value: &T) -> F {
        F::from(value)
    }

    fn value(flat: F, _: &World) -> Option<T> {
        T::try_from(flat).ok()
    }
}

/// The way back of a mirror that asks the world: which value of the type it is that a mod has written as an `F`.
///
/// ```
/// use std::collections::BTreeMap;
/// use bevy_ecs::prelude::*;
/// use tinkerbox_columns::FromMirror;
///
/// #[derive(Component)]
/// struct Portrait(String);
///
/// /// The names of the portraits that the game has loaded, by number.
/// #[derive(Resource)]
/// struct Portraits(BTreeMap<u32, String>);
///
/// impl FromMirror<u32> for Portrait {
///     fn from_mirror(number: u32, world: &World) -> Option<Portrait> {
///         world.get_resource::<Portraits>()?.0.get(&number).cloned().map(Portrait)
///     }
/// }
/// ```
pub trait FromMirror<F>: Sized {
    /// The value, if there is one. In the same world it must be the same each time.
    ///
    /// It is asked for twice: when a mod has written it, where `None` is an error of the mod's, and when it lands, where `None`
    /// means that nothing is written. In between, other writes may have landed.
    fn from_mirror(mirror: F, world: &World) -> Option<Self>;
}

/// The conversions of which the way back asks the world.
pub(crate) struct ByWorld<F>(PhantomData<F>);

impl<T, F> Conversion<T> for ByWorld<F>
where
    T: FromMirror<F>,
    F: NoUninit + CheckedBitPattern + for<'a> From<&'a T>,
{
    type Flat = F;

    fn flatten(value: &T) -> F {
        F::from(value)
    }

    fn value(flat: F, world: &World) -> Option<T> {
        T::from_mirror(flat, world)
    }
}

impl Mirror {
    pub fn of<T, C: Conversion<T>>() -> Mirror {
        Mirror {
            flatten: |first, out| {
                let flattened = catch_unwind(AssertUnwindSafe(|| {
                    for row in 0..rows::<C::Flat>(out) {
                        // SAFETY: the caller has a pointer to a `T` for each row, none of which is written meanwhile
                        // (invariant 1).
                        let value = unsafe { &*first.cast::<T>().add(row) };
                        row_mut::<C::Flat>(out, row).copy_from_slice(bytemuck::bytes_of(&C::flatten(value)));
                    }
                }));
                flattened.unwrap_or_else(|payload| resume_unwind(Box::new(ConversionPanicked(payload))));
            },
            first_invalid: |world, bytes| {
                let mut row = 0;
                let all = contained(|| {
                    // A value is dropped in there: bytes whose value can't be dropped are not a value either.
                    while row < rows::<C::Flat>(bytes) && value_of::<T, C>(world, bytes, row).is_some() {
                        row += 1;
                    }
                });
                (all.is_none() || row < rows::<C::Flat>(bytes)).then_some(row)
            },
            assign: |world, first, bytes| {
                let mut row = 0;
                loop {
                    let begun = row;
                    let assigned = contained(|| {
                        while row < rows::<C::Flat>(bytes) {
                            // SAFETY: the caller holds no reference to anything in the world, which is borrowed exclusively
                            // (invariant 4), and this one ends before a value is replaced.
                            let asked = unsafe { world.world() };
                            let new = value_of::<T, C>(asked, bytes, row).ok_or(row)?;
                            // SAFETY: the caller has a pointer to a `T` for each row, which no other code accesses
                            // (invariant 1).
                            let old = unsafe { std::mem::replace(&mut *first.cast::<T>().add(row), new) };
                            // The new value is in place, even if dropping the old one panics.
                            row += 1;
                            drop(old);
                        }
                        Ok(())
                    });
                    match assigned {
                        Some(result) => return result,
                        // A conversion has panicked that did not when it was checked.
                        None if row == begun => return Err(row),
                        None => {}
                    }
                }
            },
            make: |world, room, bytes| match contained(|| value_of::<T, C>(world, bytes, 0)).flatten() {
                Some(new) => {
                    // SAFETY: the caller has a pointer to aligned room for a `T` (invariant 1).
                    unsafe { room.cast::<T>().write(new) };
                    true
                }
                None => false,
            },
        }
    }
}

/// How many values these bytes are. Of a type without bytes it is one.
fn rows<F>(bytes: &[u8]) -> usize {
    bytes.len().checked_div(size_of::<F>()).unwrap_or(1)
}

/// The bytes of one value.
fn row_mut<F>(bytes: &mut [u8], row: usize) -> &mut [u8] {
    &mut bytes[row * size_of::<F>()..][..size_of::<F>()]
}

/// The value with the bytes of a row, if the conversion finds one.
fn value_of<T, C: Conversion<T>>(world: &World, bytes: &[u8], row: usize) -> Option<T> {
    let bytes = &bytes[row * size_of::<C::Flat>()..][..size_of::<C::Flat>()];
    C::value(bytemuck::checked::try_pod_read_unaligned(bytes).ok()?, world)
}

/// The number of the first value among these that is none.
fn first_invalid<F: CheckedBitPattern>(values: &[u8]) -> Option<usize> {
    let mut values = values.chunks_exact(size_of::<F>().max(1));
    values.position(|value| !F::is_valid_bit_pattern(&bytemuck::pod_read_unaligned(value)))
}
