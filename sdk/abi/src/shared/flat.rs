//! The bytes of a mirrored type, as a type of their own: what lies in columns.
#![expect(
    unsafe_code,
    reason = "the traits that say which bytes are a value are unsafe, and their derives take no such type"
)]

use core::fmt;

use bytemuck::{CheckedBitPattern, NoUninit};

use super::docs::Docs;
use super::field::ModField;
use super::mirror::ModMirror;
use super::mod_type::ModType;
use super::shape::Shape;

/// A `T` as the bytes that cross between the game and its mods. It always holds a value.
///
/// In queries of mods it stands in the place of `T`: `Query<&mut Flat<Hold>>`.
///
/// ```
/// # use tinkerbox_abi::{Flat, ModMirror};
/// fn change<T: ModMirror>(flat: &mut Flat<T>, change: impl FnOnce(T) -> T) {
///     flat.set(&change(flat.get()));
/// }
/// ```
#[repr(transparent)]
pub struct Flat<T: ModMirror>(T::Words);

impl<T: ModMirror> Flat<T> {
    /// The bytes of this value.
    pub fn of(value: &T) -> Flat<T> {
        let mut words: T::Words = bytemuck::Zeroable::zeroed();
        value.flatten(bytemuck::bytes_of_mut(&mut words));
        Flat(words)
    }

    /// The value.
    ///
    /// # Panics
    /// Never for bytes that came from the other side, or were made here.
    pub fn get(&self) -> T {
        T::unflatten(bytemuck::bytes_of(&self.0)).expect("the bytes were made from a value, or were checked")
    }

    /// Replaces the value.
    pub fn set(&mut self, value: &T) {
        *self = Flat::of(value);
    }
}

// SAFETY: it is a transparent wrapper around numbers, which have no padding.
unsafe impl<T: ModMirror> NoUninit for Flat<T> {}
// SAFETY: any numbers are values of the wrapped type. Fewer are accepted here: those that `get` makes a value of.
unsafe impl<T: ModMirror> CheckedBitPattern for Flat<T> {
    type Bits = T::Words;

    fn is_valid_bit_pattern(bits: &T::Words) -> bool {
        T::unflatten(bytemuck::bytes_of(bits)).is_some()
    }
}

impl<T: ModMirror> ModField for Flat<T> {
    const SHAPE: &'static Shape = T::SHAPE;
    const FIELD_DOCS: Option<&'static Docs> = Some(T::DOCS);
}

impl<T: ModMirror> ModType for Flat<T> {
    const ID: &'static str = T::ID;
    const LAYOUT: &'static str = T::LAYOUT;
    const DOCS: &'static Docs = T::DOCS;
}

impl<T: ModMirror> From<&T> for Flat<T> {
    fn from(value: &T) -> Flat<T> {
        Flat::of(value)
    }
}

impl<T: ModMirror> From<T> for Flat<T> {
    fn from(value: T) -> Flat<T> {
        Flat::of(&value)
    }
}

impl<T: ModMirror> Clone for Flat<T> {
    fn clone(&self) -> Flat<T> {
        *self
    }
}

impl<T: ModMirror> Copy for Flat<T> {}

impl<T: ModMirror + PartialEq> PartialEq for Flat<T> {
    fn eq(&self, other: &Flat<T>) -> bool {
        self.get() == other.get()
    }
}

impl<T: ModMirror + fmt::Debug> fmt::Debug for Flat<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
