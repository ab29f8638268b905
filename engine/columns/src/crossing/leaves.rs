//! Values that cross as copies of some of their parts: leaves, which lie in the value and among the bytes that cross at
//! places that are known.
//!
//! It stands below the components and knows neither rows nor how leaves are found.
//!
//! ```text
//! value          [ rotation 16 | translation 12 | scale 12 | - ]      in the order that Rust has chosen, with padding
//! spans               \______________\/   __________/                 from here to there, so many bytes
//! bytes that cross [ translation 12 | rotation 16 | scale 12 ]        in the order of the source, without padding
//! ```
//!
//! Leaves beside each other in both are one span. What lies between the leaves, and what the type keeps to itself, is never
//! touched: it keeps its value when a mod writes.

use bevy_ecs::entity::Entity;

/// Where the leaves of a type lie (invariant 8).
#[derive(Debug)]
pub(crate) struct Leaves {
    /// Bytes that cross for one value.
    pub size: usize,
    /// From one value to the next in a column.
    pub value_size: usize,
    /// What is copied as it is.
    pub spans: Vec<Span>,
    /// Fields that are an `Option<Entity>`, which may have bytes of no value: where the number of 8 bytes begins that
    /// crosses, and where the field does.
    pub optional_entities: Vec<(usize, usize)>,
    /// Bytes that cross and belong to no leaf: where each stretch begins, and its length. They are zero.
    pub pads: Vec<(usize, usize)>,
    /// The leaves of which not all bytes are a value.
    pub checks: Vec<(usize, LeafCheck)>,
    /// Makes a value from which bytes that cross are the leaves; `false` if it panics. The pointer is to room for a value.
    pub make_default: unsafe fn(*mut u8) -> bool,
}

/// Bytes that are copied together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Where they begin among those that cross.
    pub crossing: usize,
    /// Where they begin in the value.
    pub value: usize,
    pub len: usize,
}

/// Which bytes are a value of a leaf.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LeafCheck {
    /// A byte is one if its bit is set.
    Byte([u64; 4]),
    Entity,
    OptionEntity,
}

impl LeafCheck {
    /// These bytes are values.
    pub fn byte(values: impl IntoIterator<Item = u8>) -> LeafCheck {
        let mut bits = [0; 4];
        for value in values {
            bits[usize::from(value / 64)] |= 1 << (value % 64);
        }
        LeafCheck::Byte(bits)
    }

    fn accepts(&self, bytes: &[u8]) -> bool {
        match self {
            LeafCheck::Byte(bits) => bits[usize::from(bytes[0] / 64)] >> (bytes[0] % 64) & 1 == 1,
            LeafCheck::Entity => Entity::try_from_bits(number(bytes)).is_some(),
            LeafCheck::OptionEntity => number(bytes) == 0 || Entity::try_from_bits(number(bytes)).is_some(),
        }
    }
}

/// The number at the beginning of these bytes.
fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(*bytes.first_chunk().expect("an entity has 8 bytes"))
}

impl Leaves {
    /// Whether values are the bytes that cross, all of them.
    pub fn are_all(&self) -> bool {
        let whole = [Span { crossing: 0, value: 0, len: self.size }];
        self.size == self.value_size && (self.size == 0 || self.spans == whole)
    }

    /// Whether there is a value with these bytes.
    pub fn accepts(&self, bytes: &[u8]) -> bool {
        self.checks.iter().all(|(start, check)| check.accepts(&bytes[*start..]))
    }

    /// Writes the bytes of values that lie one after the other.
    ///
    /// # Safety
    /// The pointer is to a value of the leaves' type for each `size` bytes of `out`, and no other code writes meanwhile.
    pub unsafe fn flatten(&self, first: *const u8, out: &mut [u8]) {
        if self.size == 0 {
            return;
        }
        for span in &self.spans {
            // SAFETY: the caller vouches for the values, in each of which the span lies (invariant 8).
            unsafe {
                match span.len {
                    4 => self.flatten_span::<4>(*span, first, out),
                    8 => self.flatten_span::<8>(*span, first, out),
                    12 => self.flatten_span::<12>(*span, first, out),
                    16 => self.flatten_span::<16>(*span, first, out),
                    len => {
                        for (row, out) in out.chunks_exact_mut(self.size).enumerate() {
                            let from = first.add(row * self.value_size + span.value);
                            let from = std::slice::from_raw_parts(from, len);
                            out[span.crossing..span.crossing + len].copy_from_slice(from);
                        }
                    }
                }
            }
        }
        for &(start, len) in &self.pads {
            out.chunks_exact_mut(self.size).for_each(|out| out[start..start + len].fill(0));
        }
        for &(crossing, value) in &self.optional_entities {
            for (row, out) in out.chunks_exact_mut(self.size).enumerate() {
                // SAFETY: the caller vouches for the values, in each of which such a field lies there (invariant 8).
                let entity = unsafe { &*first.add(row * self.value_size + value).cast::<Option<Entity>>() };
                let bits = entity.map_or(0, Entity::to_bits);
                out[crossing..crossing + size_of::<u64>()].copy_from_slice(&bits.to_le_bytes());
            }
        }
    }

    /// A span of a length that is known when this is compiled: copying it is a few instructions and no call.
    ///
    /// # Safety
    /// As [`Leaves::flatten`].
    unsafe fn flatten_span<const LEN: usize>(&self, span: Span, first: *const u8, out: &mut [u8]) {
        for (row, out) in out.chunks_exact_mut(self.size).enumerate() {
            // SAFETY: the caller vouches for the values, in each of which the span lies (invariant 8).
            let from = unsafe { &*first.add(row * self.value_size + span.value).cast::<[u8; LEN]>() };
            out[span.crossing..span.crossing + LEN].copy_from_slice(from);
        }
    }

    /// Gives values that lie one after the other the leaves in these bytes.
    ///
    /// # Safety
    /// The pointer is to a value of the leaves' type for each `size` bytes, which no other code accesses; and the bytes are
    /// accepted.
    pub unsafe fn assign(&self, first: *mut u8, bytes: &[u8]) {
        if self.size == 0 {
            return;
        }
        for span in &self.spans {
            // SAFETY: the caller vouches for the values, in each of which the span lies (invariant 8).
            unsafe {
                match span.len {
                    4 => self.assign_span::<4>(*span, first, bytes),
                    8 => self.assign_span::<8>(*span, first, bytes),
                    12 => self.assign_span::<12>(*span, first, bytes),
                    16 => self.assign_span::<16>(*span, first, bytes),
                    len => {
                        for (row, bytes) in bytes.chunks_exact(self.size).enumerate() {
                            let to = first.add(row * self.value_size + span.value);
                            std::slice::from_raw_parts_mut(to, len)
                                .copy_from_slice(&bytes[span.crossing..span.crossing + len]);
                        }
                    }
                }
            }
        }
        for &(crossing, value) in &self.optional_entities {
            for (row, bytes) in bytes.chunks_exact(self.size).enumerate() {
                let entity = Entity::try_from_bits(number(&bytes[crossing..]));
                // SAFETY: the caller vouches for the values, in each of which such a field lies there (invariant 8).
                unsafe { *first.add(row * self.value_size + value).cast::<Option<Entity>>() = entity };
            }
        }
    }

    /// # Safety
    /// As [`Leaves::assign`].
    unsafe fn assign_span<const LEN: usize>(&self, span: Span, first: *mut u8, bytes: &[u8]) {
        for (row, bytes) in bytes.chunks_exact(self.size).enumerate() {
            // SAFETY: the caller vouches for the values, in each of which the span lies (invariant 8).
            let to = unsafe { &mut *first.add(row * self.value_size + span.value).cast::<[u8; LEN]>() };
            to.copy_from_slice(&bytes[span.crossing..span.crossing + LEN]);
        }
    }

    /// Makes a value with these bytes; `false` if the type's default panics.
    ///
    /// # Safety
    /// The pointer is to aligned room for a value of the leaves' type, and the bytes are accepted.
    pub unsafe fn make(&self, room: *mut u8, bytes: &[u8]) -> bool {
        // SAFETY: the caller vouches for the room.
        let is_made = unsafe { (self.make_default)(room) };
        if is_made {
            // SAFETY: there is a value now, which no other code knows, and the caller vouches for the bytes.
            unsafe { self.assign(room, bytes) };
        }
        is_made
    }
}
