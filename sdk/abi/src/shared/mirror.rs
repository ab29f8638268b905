//! Types that cross as other bytes than they have in memory: enums with fields, an `Option`, a struct with padding.
//!
//! ```text
//! Hold::Fish(3)  --flatten-->    { fish: u32, kind: CargoKind, pad: [u8; 3] }     zeros where another variant has a field
//!                <--unflatten--    if `kind` is a variant, and its own fields are values
//! ```
//!
//! `#[derive(ModMirror)]` writes both ways and the layout. The host and mods use the same code, so that a value is the same
//! on both sides; other languages see the layout, which has no unions.

use bytemuck::Pod;

use super::docs::Docs;
use super::expansion::array;
use super::field::ModField;
use super::shape::Shape;

/// A type that a field of a mirrored type can have: one of a shared type's, and mirrored types themselves.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a mirrored type",
    label = "not a field of a mirrored type",
    note = "fields are numbers of a fixed size, `bool`, `Entity`, `Text<N>`, arrays, an `Option` of one of these, and types with \
            `#[derive(ModMirror)]` or `#[mod_type(\"game:Name\")]`; types of glam need the feature `glam`"
)]
pub trait MirrorField: Sized {
    /// How the bytes lie.
    const SHAPE: &'static Shape;

    /// The doc comments of the type, if it is a shared one.
    const FIELD_DOCS: Option<&'static Docs> = None;

    /// Writes the value's bytes, as many as the shape has, over zeros.
    fn flatten(&self, bytes: &mut [u8]);

    /// The value with these bytes, if there is one.
    fn unflatten(bytes: &[u8]) -> Option<Self>;
}

impl<T: ModField> MirrorField for T {
    const SHAPE: &'static Shape = T::SHAPE;
    const FIELD_DOCS: Option<&'static Docs> = T::FIELD_DOCS;

    fn flatten(&self, bytes: &mut [u8]) {
        bytes.copy_from_slice(bytemuck::bytes_of(self));
    }

    fn unflatten(bytes: &[u8]) -> Option<T> {
        bytemuck::checked::try_pod_read_unaligned(bytes).ok()
    }
}

impl<T: MirrorField, const N: usize> MirrorField for [T; N] {
    const SHAPE: &'static Shape = &Shape::Array(T::SHAPE, N);
    const FIELD_DOCS: Option<&'static Docs> = T::FIELD_DOCS;

    fn flatten(&self, bytes: &mut [u8]) {
        let size = T::SHAPE.size();
        self.iter().enumerate().for_each(|(at, it)| it.flatten(&mut bytes[at * size..][..size]));
    }

    fn unflatten(bytes: &[u8]) -> Option<[T; N]> {
        let size = T::SHAPE.size();
        array(|at| T::unflatten(&bytes[at * size..][..size]))
    }
}

/// A type of the game that mods see as flat bytes, and can make one again: an enum with fields, or a struct that has
/// an `Option` or padding.
///
/// Use `#[derive(ModMirror)]`, and never implement it by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that mods see as a mirror",
    note = "put `#[derive(ModMirror)]` and `#[mod_mirror(\"game:Name\")]` on it"
)]
pub trait ModMirror: MirrorField + 'static {
    /// [`game:Name`](crate::names::is_type_id), unique among the types of the game.
    const ID: &'static str;

    /// The fields of the bytes in memory order.
    const LAYOUT: &'static str;

    /// The doc comments of the type and its fields.
    const DOCS: &'static Docs;

    /// Numbers of the layout's alignment, as many as it has room for.
    type Words: Pod;
}

#[cfg(feature = "glam")]
mod wide {
    //! Glam's types that are aligned to 16 bytes, on some machines or on all: they are copied by their fields.

    use super::{MirrorField, Shape};

    macro_rules! wide {
        ($($ty:ident $($field:literal)*: $len:literal;)*) => {
            $(impl MirrorField for glam::$ty {
                const SHAPE: &'static Shape =
                    &Shape::Struct { name: stringify!($ty), fields: &[$(($field, &Shape::Number("f32"))),*] };

                fn flatten(&self, bytes: &mut [u8]) {
                    bytes.copy_from_slice(bytemuck::bytes_of(&self.to_array()));
                }

                fn unflatten(bytes: &[u8]) -> Option<Self> {
                    bytemuck::checked::try_pod_read_unaligned::<[f32; $len]>(bytes).ok().map(glam::$ty::from_array)
                }
            })*
        };
    }

    wide! {
        Vec3A "x" "y" "z": 3;
        Vec4 "x" "y" "z" "w": 4;
        Quat "x" "y" "z" "w": 4;
    }
}
