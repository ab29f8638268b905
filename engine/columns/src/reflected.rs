//! Finds the leaves of a type by its reflection, once, in a value of it.
//!
//! Walking a value through bevy_reflect takes two hundred nanoseconds; copying from places that are known takes ten. The
//! places are found here: a leaf's is the difference between the addresses of the leaf and of the value that it is in.
//!
//! ```text
//! T::default() --walk: structs, arrays--> leaves: numbers, bools, enums without fields, entities
//!                                            |
//!                                            +--> their places, as `Leaves`, and the shape of the bytes that cross
//! ```
//!
//! The bytes that cross have the fields in the order of the source, from those that are aligned the most to the least, so
//! that there is no padding between them; what is missing at the end is a field `pad`.

use std::any::type_name;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;

use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;
use bevy_reflect::enums::{DynamicEnum, DynamicVariant, VariantInfo};
use bevy_reflect::{PartialReflect, Reflect, ReflectMut, TypeInfo};

use crate::component::FlatComponent;
use crate::contained::contained;
use crate::crossing::Crossing;
use crate::crossing::leaves::{LeafCheck, Leaves, Span};

/// How a type crosses whose leaves were found by reflection.
pub struct Reflected<T> {
    leaves: &'static Leaves,
    shape: ReflectedShape,
    of: PhantomData<fn() -> T>,
}

/// What the bytes that cross are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReflectedShape {
    /// A number, by its name in Rust.
    Number(&'static str),
    /// One byte, 0 or 1.
    Bool,
    /// The bits of an entity.
    Entity,
    /// The bits of an entity, or 0.
    OptionEntity,
    /// One byte, which is one of these numbers.
    Enum {
        /// The type's name, with those of its generic parameters: `Span_f32`.
        name: String,
        /// The variants' names and numbers.
        variants: Vec<(&'static str, u8)>,
    },
    /// As many values, one after the other.
    Array(Box<ReflectedShape>, usize),
    /// Fields, one after the other.
    Struct {
        /// The type's name, with those of its generic parameters: `Span_f32`.
        name: String,
        /// The names and shapes of the fields.
        fields: Vec<(String, ReflectedShape)>,
    },
}

/// Why a type can't cross by its reflection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFlat {
    /// The type that was to be exposed.
    pub of: &'static str,
    /// The path to the field, such as `stats.names[0]`; empty for the value itself.
    pub path: String,
    /// The field's type.
    pub ty: String,
    /// Why it is not possible.
    pub why: &'static str,
}

impl fmt::Display for NotFlat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotFlat { of, path, ty, why } = self;
        match path.as_str() {
            "" => write!(f, "`{of}` can't cross as bytes: it is {why}"),
            path => write!(
                f,
                "`{of}` can't cross as bytes, since its field `{path}`, of type `{ty}`, is {why}. Keep the field from mods \
                 with `#[reflect(ignore)]`, or let mods see the type as a mirror"
            ),
        }
    }
}

impl Error for NotFlat {}

impl<T: Reflect + Default> Reflected<T> {
    /// Finds the leaves of `T`. What is kept of them is kept for good.
    ///
    /// `T` must reflect its own fields, as all do for which bevy_reflect derives it (invariant 8).
    ///
    /// # Errors
    /// There is a field that is not made of numbers, `bool`s, enums without fields and entities. It is named.
    pub fn find() -> Result<Reflected<T>, NotFlat> {
        let mut sample = T::default();
        let value = Place { start: (&raw const sample).addr(), size: size_of::<T>() };
        let mut walk = Walk { value, path: Vec::new(), of: type_name::<T>() };
        let part = walk.part(sample.as_partial_reflect_mut())?;
        let part = match part.shape {
            ReflectedShape::Struct { .. } => part,
            // What the other side is told of a type begins with its fields.
            _ => in_struct(String::new(), vec![("value".to_owned(), part)]),
        };
        let leaves = Box::leak(Box::new(leaves_of::<T>(part.size, part.leaves)));
        Ok(Reflected { leaves, shape: part.shape, of: PhantomData })
    }
}

impl<T> Reflected<T> {
    /// What the bytes that cross are: always a struct.
    pub fn shape(&self) -> &ReflectedShape {
        &self.shape
    }

    /// How many bytes cross for one value.
    pub fn size(&self) -> usize {
        self.leaves.size
    }

    /// Writes the bytes of a value into `out`.
    ///
    /// # Panics
    /// If `out` has another length than [`Reflected::size`].
    pub fn flatten(&self, value: &T, out: &mut [u8]) {
        assert_eq!(out.len(), self.size(), "the buffer has exactly the size of the value");
        // SAFETY: it is a value of the leaves' type (invariant 8), and is borrowed.
        unsafe { self.leaves.flatten((&raw const *value).cast(), out) }
    }

    /// Whether there is a value with these bytes.
    ///
    /// # Panics
    /// If there are more or fewer bytes than [`Reflected::size`].
    pub fn accepts(&self, bytes: &[u8]) -> bool {
        assert_eq!(bytes.len(), self.size(), "the bytes have the value's size");
        self.leaves.accepts(bytes)
    }
}

impl<T: Default> Reflected<T> {
    /// The value with these bytes: the default with their leaves. `None` if there is none, or if the default panics.
    ///
    /// # Panics
    /// As [`Reflected::accepts`] does.
    pub fn value(&self, bytes: &[u8]) -> Option<T> {
        if !self.accepts(bytes) {
            return None;
        }
        let mut value = contained(T::default)?;
        // SAFETY: it is a value of the leaves' type (invariant 8), it is ours, and its bytes were checked (invariant 7).
        unsafe { self.leaves.assign((&raw mut value).cast(), bytes) };
        Some(value)
    }
}

impl<T> fmt::Debug for Reflected<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reflected").field("leaves", self.leaves).finish_non_exhaustive()
    }
}

impl FlatComponent {
    /// Registers `T`, which crosses as its leaves. Where mods make a new one, everything else in it is that of its default.
    ///
    /// # Panics
    /// As [`FlatComponent::register`] does.
    #[track_caller]
    pub fn register_reflected<T: Component>(world: &mut World, reflected: &Reflected<T>) -> FlatComponent {
        FlatComponent::new::<T, Reflected<T>>(world, reflected.size(), Crossing::Leaves(reflected.leaves))
    }
}

/// Where something lies in memory.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    size: usize,
}

/// A part of a value, with the bytes that cross for it.
struct Part {
    shape: ReflectedShape,
    size: usize,
    align: usize,
    leaves: Vec<Leaf>,
}

/// A leaf: where it begins among the bytes of its part and in the whole value, its size, and what is checked.
#[derive(Clone, Copy)]
struct Leaf {
    crossing: usize,
    value: usize,
    size: usize,
    check: Option<LeafCheck>,
}

struct Walk {
    value: Place,
    /// The names of fields, and the numbers of elements in brackets.
    path: Vec<String>,
    of: &'static str,
}

impl Walk {
    fn part(&mut self, value: &mut dyn PartialReflect) -> Result<Part, NotFlat> {
        if let Some((shape, check)) = known_leaf(value) {
            return self.leaf(value, shape, check);
        }
        let info = value.get_represented_type_info();
        let name = info.map(|info| name_of(info.type_path_table().short_path())).unwrap_or_default();
        match value.reflect_mut() {
            ReflectMut::Struct(it) => {
                let names = (0..it.field_len()).map(|at| it.name_at(at).unwrap_or_default().to_owned());
                let names: Vec<String> = names.collect();
                let fields = names.into_iter().enumerate().map(|(at, name)| {
                    let field = it.field_at_mut(at);
                    self.field(name, field)
                });
                Ok(in_struct(name, fields.collect::<Result<_, _>>()?))
            }
            ReflectMut::TupleStruct(it) => {
                let fields = (0..it.field_len()).map(|at| self.field(at.to_string(), it.field_mut(at)));
                Ok(in_struct(name, fields.collect::<Result<_, _>>()?))
            }
            ReflectMut::Array(it) => {
                let elements = (0..it.len()).map(|at| self.field(format!("[{at}]"), it.get_mut(at)));
                let elements = elements.collect::<Result<Vec<_>, _>>()?;
                in_array(elements).ok_or_else(|| self.refuse(value, "an array without elements"))
            }
            ReflectMut::Enum(_) => self.unit_enum(name, value),
            ReflectMut::Tuple(_) => {
                Err(self.refuse(value, "a tuple, whose fields have no names: write a struct"))
            }
            ReflectMut::List(_) | ReflectMut::Map(_) | ReflectMut::Set(_) => {
                Err(self.refuse(value, "a collection, which has no fixed size"))
            }
            _ => Err(self.refuse(value, why_not_known(value.reflect_type_path()))),
        }
    }

    fn field(
        &mut self,
        name: String,
        field: Option<&mut dyn PartialReflect>,
    ) -> Result<(String, Part), NotFlat> {
        let dot = if self.path.is_empty() || name.starts_with('[') { "" } else { "." };
        self.path.push(format!("{dot}{name}"));
        let part = match field {
            Some(field) => self.part(field)?,
            None => return Err(self.refuse_type("", "a field that its reflection does not have")),
        };
        self.path.pop();
        Ok((name, part))
    }

    /// An enum without fields: each variant is tried, to see its byte.
    fn unit_enum(&mut self, name: String, value: &mut dyn PartialReflect) -> Result<Part, NotFlat> {
        let Some(TypeInfo::Enum(info)) = value.get_represented_type_info() else {
            return Err(self.refuse(value, "an enum of which nothing is known"));
        };
        if info.iter().any(|variant| !matches!(variant, VariantInfo::Unit(_))) {
            return Err(self.refuse(value, "an enum with fields: derive `ModMirror` for the type instead"));
        }
        if size_of_val(value) != 1 {
            return Err(self.refuse(value, "an enum of more or less than one byte: give it `#[repr(u8)]`"));
        }
        let mut variants = Vec::new();
        for variant in info.variant_names() {
            if value.try_apply(&DynamicEnum::new(*variant, DynamicVariant::Unit)).is_err() {
                return Err(self.refuse(value, "an enum whose variants can't be made by reflection"));
            }
            // SAFETY: the pointer is to a value of one byte, which is the number of a variant without fields.
            let byte = unsafe { (&raw const *value).cast::<u8>().read() };
            variants.push((*variant, byte));
        }
        let check = LeafCheck::byte(variants.iter().map(|(_, byte)| *byte));
        self.leaf(value, ReflectedShape::Enum { name, variants }, Some(check))
    }

    fn leaf(
        &self,
        leaf: &dyn PartialReflect,
        shape: ReflectedShape,
        check: Option<LeafCheck>,
    ) -> Result<Part, NotFlat> {
        let size = size_of_val(leaf);
        let start = (&raw const *leaf).cast::<u8>().addr().checked_sub(self.value.start);
        let Some(start) = start.filter(|start| start + size <= self.value.size) else {
            return Err(self.refuse(leaf, "not in the value itself, but behind a pointer"));
        };
        let leaves = vec![Leaf { crossing: 0, value: start, size, check }];
        Ok(Part { shape, size, align: align_of_val(leaf), leaves })
    }

    fn refuse(&self, value: &dyn PartialReflect, why: &'static str) -> NotFlat {
        self.refuse_type(value.reflect_type_path(), why)
    }

    fn refuse_type(&self, ty: &str, why: &'static str) -> NotFlat {
        NotFlat { of: self.of, path: self.path.concat(), ty: ty.to_owned(), why }
    }
}

/// Leaves that are known by their type.
fn known_leaf(value: &dyn PartialReflect) -> Option<(ReflectedShape, Option<LeafCheck>)> {
    macro_rules! numbers {
        ($($number:ident)*) => {
            $(if value.try_downcast_ref::<$number>().is_some() {
                return Some((ReflectedShape::Number(stringify!($number)), None));
            })*
        };
    }
    numbers!(f32 f64 u8 i8 u16 i16 u32 i32 u64 i64);
    if value.try_downcast_ref::<bool>().is_some() {
        return Some((ReflectedShape::Bool, Some(LeafCheck::byte([0, 1]))));
    }
    if value.try_downcast_ref::<Entity>().is_some() {
        return Some((ReflectedShape::Entity, Some(LeafCheck::Entity)));
    }
    value
        .try_downcast_ref::<Option<Entity>>()
        .map(|_| (ReflectedShape::OptionEntity, Some(LeafCheck::OptionEntity)))
}

/// Why a value without parts is not a leaf.
fn why_not_known(ty: &str) -> &'static str {
    match ty {
        "usize" | "isize" => "a number that has another size on another machine: make it a `u32` or a `u64`",
        "u128" | "i128" => "a number of 128 bits, which mods do not have: make it an array of two `u64`",
        "char" => "a `char`, which not every language of mods has: make it a `u32`",
        _ => "neither a number, a `bool` nor an entity, nor made of these",
    }
}

/// The name of a type without spaces and brackets: `Span_f32` for `Span<f32>`.
fn name_of(short_path: &str) -> String {
    let words = short_path.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

/// Puts fields one after the other, without padding between them.
fn in_struct(name: String, mut fields: Vec<(String, Part)>) -> Part {
    fields.sort_by_key(|(_, part)| std::cmp::Reverse(part.align));
    let align = fields.first().map_or(1, |(_, part)| part.align);
    let (mut size, mut leaves, mut shapes) = (0, Vec::new(), Vec::new());
    for (name, part) in fields {
        leaves.extend(part.leaves.into_iter().map(|leaf| Leaf { crossing: leaf.crossing + size, ..leaf }));
        size += part.size;
        shapes.push((name, part.shape));
    }
    let missing = size.next_multiple_of(align) - size;
    if missing > 0 {
        let mut pad = "pad".to_owned();
        while shapes.iter().any(|(name, _)| *name == pad) {
            pad.push('_');
        }
        shapes.push((pad, ReflectedShape::Array(Box::new(ReflectedShape::Number("u8")), missing)));
    }
    Part { shape: ReflectedShape::Struct { name, fields: shapes }, size: size + missing, align, leaves }
}

/// Elements one after the other; `None` if there are none.
fn in_array(elements: Vec<(String, Part)>) -> Option<Part> {
    let count = elements.len();
    let mut leaves = Vec::new();
    for (at, (_, part)) in elements.iter().enumerate() {
        leaves.extend(
            part.leaves.iter().map(|leaf| Leaf { crossing: leaf.crossing + at * part.size, ..*leaf }),
        );
    }
    let (_, first) = elements.into_iter().next()?;
    let shape = ReflectedShape::Array(Box::new(first.shape), count);
    Some(Part { shape, size: first.size * count, align: first.align, leaves })
}

fn leaves_of<T: Default>(size: usize, mut found: Vec<Leaf>) -> Leaves {
    found.sort_by_key(|leaf| leaf.crossing);
    let mut leaves = Leaves {
        size,
        value_size: size_of::<T>(),
        spans: Vec::new(),
        optional_entities: Vec::new(),
        pads: Vec::new(),
        checks: Vec::new(),
        make_default: |room| match contained(T::default) {
            Some(value) => {
                // SAFETY: the caller has a pointer to aligned room for a `T`.
                unsafe { room.cast::<T>().write(value) };
                true
            }
            None => false,
        },
    };
    let starts = found.iter().map(|leaf| leaf.crossing).chain([size]);
    let ends = [0].into_iter().chain(found.iter().map(|leaf| leaf.crossing + leaf.size));
    leaves
        .pads
        .extend(ends.zip(starts).filter(|(end, start)| end < start).map(|(end, start)| (end, start - end)));
    for Leaf { crossing, value, size, check } in found {
        leaves.checks.extend(check.map(|check| (crossing, check)));
        if let Some(LeafCheck::OptionEntity) = check {
            leaves.optional_entities.push((crossing, value));
            continue;
        }
        match leaves.spans.last_mut() {
            Some(last) if last.crossing + last.len == crossing && last.value + last.len == value => {
                last.len += size
            }
            _ => leaves.spans.push(Span { crossing, value, len: size }),
        }
    }
    leaves
}
