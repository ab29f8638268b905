//! What the output of `#[mod_type]` names. Not for authors: it changes with the macro.

pub use bytemuck;

use bytemuck::{CheckedBitPattern, Pod};

use super::docs::Docs;
use super::field::ModField;

/// Chooses the number by its alignment, so that an array of it stands for any bytes of a type.
#[derive(Debug)]
pub struct Words<const ALIGN: usize>;

/// The number with an alignment.
pub trait Aligned {
    /// It has no padding, and any bytes are a value.
    type Word: Pod;
}

impl Aligned for Words<1> {
    type Word = u8;
}
impl Aligned for Words<2> {
    type Word = u16;
}
impl Aligned for Words<4> {
    type Word = u32;
}
impl Aligned for Words<8> {
    type Word = u64;
}

/// Whether these bytes are values of a type, one after the other.
pub fn are_values<T: CheckedBitPattern>(bytes: &[u8]) -> bool {
    match size_of::<T>() {
        0 => true,
        size => bytes
            .chunks_exact(size)
            .all(|value| bytemuck::checked::try_pod_read_unaligned::<T>(value).is_ok()),
    }
}

/// The text of a layout.
///
/// # Panics
/// If it is not UTF-8, which the parts of layouts are.
pub const fn as_str(text: &[u8]) -> &str {
    match str::from_utf8(text) {
        Ok(text) => text,
        Err(_) => panic!("layouts are made of texts"),
    }
}

/// Compiles if any bytes are values of the type.
pub const fn assert_plain<T: Pod>() {}

/// Compiles if the type can be that of a field.
pub const fn assert_field<T: ModField>() {}

/// The number of types that have doc comments.
pub const fn documented(all: &[Option<&'static Docs>]) -> usize {
    let (mut count, mut index) = (0, 0);
    while index < all.len() {
        count += all[index].is_some() as usize;
        index += 1;
    }
    count
}

/// The doc comments of the types that have some.
///
/// # Panics
/// If `N` is not their number.
pub const fn nested<const N: usize>(all: &[Option<&'static Docs>]) -> [&'static Docs; N] {
    const NONE: &Docs = &Docs { name: "", text: "", fields: &[], nested: &[] };
    let (mut nested, mut count, mut index) = ([NONE; N], 0, 0);
    while index < all.len() {
        if let Some(docs) = all[index] {
            nested[count] = docs;
            count += 1;
        }
        index += 1;
    }
    assert!(count == N, "the array must be as long as there are types");
    nested
}
