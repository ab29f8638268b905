//! What the output of the macros for shared and mirrored types names. Not for authors: it changes with the macros.

pub use bytemuck;

use bytemuck::{CheckedBitPattern, Pod};

use super::docs::Docs;
use super::field::ModField;
use super::shape::Shape;

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

/// A field of a mirrored type, with its name.
pub type Part = (&'static str, &'static Shape);

/// Where each of these begins: those that are aligned the most come first, so that there is no padding between them.
pub const fn offsets<const N: usize>(parts: &[Part; N]) -> [usize; N] {
    let (mut offsets, mut end, mut align) = ([0; N], 0, 8);
    while align > 0 {
        let mut index = 0;
        while index < N {
            if parts[index].1.align() == align {
                offsets[index] = end;
                end += parts[index].1.size();
            }
            index += 1;
        }
        align /= 2;
    }
    offsets
}

/// How many bytes are missing at the end, so that the size is a multiple of the alignment.
pub const fn missing(parts: &[Part]) -> usize {
    let (mut size, mut align, mut index) = (0usize, 1, 0);
    while index < parts.len() {
        let part = parts[index].1;
        size += part.size();
        align = if part.align() > align { part.align() } else { align };
        index += 1;
    }
    size.next_multiple_of(align) - size
}

/// The fields in memory order; with `pad` behind them, if it has any bytes.
///
/// # Panics
/// If `M` is not their number.
pub const fn in_memory_order<const N: usize, const M: usize>(parts: &[Part; N], pad: Part) -> [Part; M] {
    let (mut fields, mut count, mut align) = ([pad; M], 0, 8);
    while align > 0 {
        let mut index = 0;
        while index < N {
            if parts[index].1.align() == align {
                fields[count] = parts[index];
                count += 1;
            }
            index += 1;
        }
        align /= 2;
    }
    assert!(count + (pad.1.size() > 0) as usize == M, "there is room for each field");
    fields
}

/// The number of 8 bytes that begins there.
pub fn number_at(bytes: &[u8], at: usize) -> u64 {
    bytemuck::pod_read_unaligned(&bytes[at..][..size_of::<u64>()])
}

/// Writes a number of 8 bytes there.
pub fn put_number(bytes: &mut [u8], at: usize, number: u64) {
    bytes[at..][..size_of::<u64>()].copy_from_slice(bytemuck::bytes_of(&number));
}

/// An array, if there is a value for each place in it.
#[expect(clippy::missing_panics_doc, reason = "it was checked that none is missing")]
pub fn array<T, const N: usize>(mut value: impl FnMut(usize) -> Option<T>) -> Option<[T; N]> {
    let values: [Option<T>; N] = core::array::from_fn(&mut value);
    if values.iter().any(Option::is_none) {
        return None;
    }
    Some(values.map(|value| value.expect("none is missing")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: [Part; 5] = [
        ("a", &Shape::Bool),
        ("b", &Shape::Number("u32")),
        ("c", &Shape::OptionEntity),
        ("d", &Shape::Text(3)),
        ("e", &Shape::Number("u16")),
    ];

    #[test]
    fn fields_lie_without_padding_between_them() {
        assert_eq!(offsets(&PARTS), [14, 8, 0, 15, 12]);
        assert_eq!(missing(&PARTS), 6);
        let pad = ("pad", &Shape::Text(6));
        assert_eq!(
            in_memory_order::<5, 6>(&PARTS, pad).map(|(name, _)| name),
            ["c", "b", "e", "a", "d", "pad"]
        );
        assert_eq!((offsets(&[]), missing(&[])), ([], 0));
    }

    #[test]
    fn an_array_needs_all_its_values() {
        assert_eq!(array::<_, 3>(Some), Some([0, 1, 2]));
        assert_eq!(array::<_, 3>(|at| (at != 1).then_some(at)), None);
    }
}
