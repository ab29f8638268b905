//! The types that fields of shared types can have.
//!
//! Arrays are not among them, since `bytemuck` does not have arrays of all of them: the macro takes arrays apart.

use bytemuck::{CheckedBitPattern, NoUninit};

use super::docs::Docs;
use super::shape::Shape;
use super::text::Text;
use crate::entity::ModEntity;

/// A type that a field of a shared type can have: numbers of a fixed size, `bool`, entities, texts, and shared structs and
/// enums themselves.
///
/// ```
/// use tinkerbox_abi::{ModEntity, ModField, Text};
/// assert_eq!(<Option<ModEntity> as ModField>::SHAPE.size(), 8);
/// assert_eq!(Text::<32>::SHAPE.size(), 32);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a shared type",
    label = "not a field of a shared type",
    note = "fields are numbers of a fixed size, `bool`, `Entity`, `Option<Entity>`, `Text<N>`, arrays written as \
            `[f32; 4]`, and structs and enums with `#[mod_type(\"game:Name\")]`; vectors of glam need the feature `glam`",
    note = "this `Entity` is the SDK's, which games call `ModEntity`; a type with Bevy's own, or with fields of other types, can \
            derive `ModMirror` in place of the attribute"
)]
pub trait ModField: NoUninit + CheckedBitPattern {
    /// How a value lies in memory.
    const SHAPE: &'static Shape;

    /// The doc comments of the type, if it is a shared one.
    const FIELD_DOCS: Option<&'static Docs> = None;
}

macro_rules! numbers {
    ($($number:ident)*) => {
        $(impl ModField for $number {
            const SHAPE: &'static Shape = &Shape::Number(stringify!($number));
        })*
    };
}

numbers!(u8 i8 u16 i16 u32 i32 u64 i64 f32 f64);

impl ModField for bool {
    const SHAPE: &'static Shape = &Shape::Bool;
}

impl ModField for ModEntity {
    const SHAPE: &'static Shape = &Shape::Entity;
}

impl ModField for Option<ModEntity> {
    const SHAPE: &'static Shape = &Shape::OptionEntity;
}

impl<const N: usize> ModField for Text<N> {
    const SHAPE: &'static Shape = &Shape::Text(N);
}

#[cfg(feature = "glam")]
mod vectors {
    //! Glam's vectors without padding. Those that may be aligned to 16 bytes are not among them, since a mod and the game
    //! may not agree on that.

    use super::{ModField, Shape};

    macro_rules! vectors {
        ($($vector:ident $number:literal $($field:literal)*;)*) => {
            $(impl ModField for glam::$vector {
                const SHAPE: &'static Shape = &Shape::Struct {
                    name: stringify!($vector),
                    fields: &[$(($field, &Shape::Number($number))),*],
                };
            })*
        };
    }

    vectors! {
        Vec2 "f32" "x" "y";
        Vec3 "f32" "x" "y" "z";
        DVec2 "f64" "x" "y";
        DVec3 "f64" "x" "y" "z";
        DVec4 "f64" "x" "y" "z" "w";
        IVec2 "i32" "x" "y";
        IVec3 "i32" "x" "y" "z";
        IVec4 "i32" "x" "y" "z" "w";
        UVec2 "u32" "x" "y";
        UVec3 "u32" "x" "y" "z";
        UVec4 "u32" "x" "y" "z" "w";
        I8Vec2 "i8" "x" "y";
        I8Vec3 "i8" "x" "y" "z";
        I8Vec4 "i8" "x" "y" "z" "w";
        U8Vec2 "u8" "x" "y";
        U8Vec3 "u8" "x" "y" "z";
        U8Vec4 "u8" "x" "y" "z" "w";
        I16Vec2 "i16" "x" "y";
        I16Vec3 "i16" "x" "y" "z";
        I16Vec4 "i16" "x" "y" "z" "w";
        U16Vec2 "u16" "x" "y";
        U16Vec3 "u16" "x" "y" "z";
        U16Vec4 "u16" "x" "y" "z" "w";
        I64Vec2 "i64" "x" "y";
        I64Vec3 "i64" "x" "y" "z";
        I64Vec4 "i64" "x" "y" "z" "w";
        U64Vec2 "u64" "x" "y";
        U64Vec3 "u64" "x" "y" "z";
        U64Vec4 "u64" "x" "y" "z" "w";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: ModField>() {
        assert_eq!(T::SHAPE.size(), size_of::<T>(), "{:?}", T::SHAPE);
        assert!(align_of::<T>() <= crate::ALIGNMENT);
    }

    #[test]
    fn shapes_have_the_sizes_of_their_types() {
        macro_rules! check_all { ($($ty:ty)*) => { $(check::<$ty>();)* }; }
        check_all!(u8 i8 u16 i16 u32 i32 u64 i64 f32 f64 bool ModEntity Option<ModEntity> Text<0> Text<7>);
        #[cfg(feature = "glam")]
        check_all!(glam::Vec2 glam::Vec3 glam::DVec4 glam::IVec4 glam::U8Vec3 glam::U16Vec4 glam::I64Vec3);
    }
}
