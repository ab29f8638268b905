//! Command records: structural changes that the guest writes and the host reads.
//!
//! A buffer is a sequence of records. Each starts 8-aligned and is little-endian:
//!
//! ```text
//!   spawn    | op u32 = 1 | count u32 | entity u64 | then `count` times:
//!                | key u64 | size u32 | zero u32 | `size` bytes, zeros up to a multiple of 8 |
//!   despawn  | op u32 = 2 | zero u32  | entity u64 |
//!   insert   | op u32 = 3 | count u32 | entity u64 | then as for a spawn
//!   remove   | op u32 = 4 | count u32 | entity u64 | then `count` times: | key u64 |
//! ```
//!
//! The entity of a spawn is a [reserved](crate::import::ENTITY_RESERVE) one, or 0 for any new one.
//!
//! [`decode`] accepts any bytes, hostile ones included: it never panics, and its work is bounded by the buffer's length,
//! not by the counts in it.

use alloc::vec::Vec;
use core::fmt;

/// The first word of a spawn record.
pub const OP_SPAWN: u32 = 1;
/// The first word of a despawn record.
pub const OP_DESPAWN: u32 = 2;
/// The first word of an insert record.
pub const OP_INSERT: u32 = 3;
/// The first word of a remove record.
pub const OP_REMOVE: u32 = 4;
/// Bytes of any record before its components or keys.
pub const HEAD_SIZE: usize = 16;
/// Bytes before the value of each component of a spawn or insert record.
pub const COMPONENT_HEAD_SIZE: usize = 16;

/// Begins a spawn record; exactly `components` calls of [`push_component`] must follow. `entity` is a reserved one, or
/// 0 for any new one.
///
/// ```
/// use tinkerbox_abi::command::{self, Command};
/// let mut words = Vec::new();
/// command::push_spawn(&mut words, 0, 1);
/// command::push_component(&mut words, 7, &[1, 2, 3]);
/// command::push_despawn(&mut words, 42);
/// command::push_remove(&mut words, 43, &[7, 8]);
///
/// let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
/// let mut commands = command::decode(&bytes);
/// let Some(Ok(Command::Spawn { entity: 0, mut components })) = commands.next() else { panic!() };
/// assert_eq!(components.next(), Some((7, &[1, 2, 3][..])));
/// assert_eq!(commands.next(), Some(Ok(Command::Despawn { entity: 42 })));
/// let Some(Ok(Command::Remove { entity: 43, keys })) = commands.next() else { panic!() };
/// assert_eq!(keys.collect::<Vec<_>>(), [7, 8]);
/// assert_eq!(commands.next(), None);
/// ```
pub fn push_spawn(words: &mut Vec<u64>, entity: u64, components: u32) {
    push_head(words, OP_SPAWN, components, entity);
}

/// Begins an insert record; exactly `components` calls of [`push_component`] must follow.
pub fn push_insert(words: &mut Vec<u64>, entity: u64, components: u32) {
    push_head(words, OP_INSERT, components, entity);
}

/// Adds a remove record.
pub fn push_remove(words: &mut Vec<u64>, entity: u64, keys: &[u64]) {
    push_head(words, OP_REMOVE, keys.len() as u32, entity);
    words.extend(keys.iter().map(|key| key.to_le()));
}

/// Adds one component to the spawn or insert record that was begun last.
pub fn push_component(words: &mut Vec<u64>, key: u64, value: &[u8]) {
    words.push(key.to_le());
    words.push(word(value.len() as u32, 0));
    words.extend(value.chunks(8).map(|part| {
        let mut padded = [0; 8];
        padded[..part.len()].copy_from_slice(part);
        u64::from_ne_bytes(padded)
    }));
}

/// Adds a despawn record.
pub fn push_despawn(words: &mut Vec<u64>, entity: u64) {
    push_head(words, OP_DESPAWN, 0, entity);
}

fn push_head(words: &mut Vec<u64>, op: u32, count: u32, entity: u64) {
    words.push(word(op, count));
    words.push(entity.to_le());
}

/// Two `u32` fields as one word that has them in this order in memory, little-endian.
fn word(first: u32, second: u32) -> u64 {
    (u64::from(first) | u64::from(second) << 32).to_le()
}

/// Reads the records of a buffer one by one. Ends after the last record or the first error.
pub fn decode(buffer: &[u8]) -> Commands<'_> {
    Commands { rest: Reader { bytes: buffer, offset: 0 } }
}

/// One record, which was checked completely before it is returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Spawn an entity with these components.
    Spawn {
        /// A reserved id, or 0.
        entity: u64,
        /// The entity's components.
        components: Components<'a>,
    },
    /// Despawn this entity.
    Despawn {
        /// The entity's id.
        entity: u64,
    },
    /// Insert components into an entity, replacing those that it has.
    Insert {
        /// The entity's id.
        entity: u64,
        /// The components to insert.
        components: Components<'a>,
    },
    /// Remove components from an entity.
    Remove {
        /// The entity's id.
        entity: u64,
        /// The components' keys.
        keys: Keys<'a>,
    },
}

/// The records of a buffer, made by [`decode`].
#[derive(Clone, Debug)]
pub struct Commands<'a> {
    rest: Reader<'a>,
}

impl<'a> Iterator for Commands<'a> {
    type Item = Result<Command<'a>, BadCommand>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_at_end() {
            return None;
        }
        let command = self.rest.command();
        if command.is_err() {
            self.rest.skip_to_end();
        }
        Some(command)
    }
}

/// The components of a spawn or insert record: pairs of key and bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Components<'a> {
    left: u32,
    /// `next` relies on this having been checked when the record was read.
    rest: Reader<'a>,
}

impl<'a> Iterator for Components<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        self.rest.component().ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Components<'_> {}

/// The keys of a remove record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys<'a> {
    /// Checked when the record was read.
    rest: Reader<'a>,
}

impl Iterator for Keys<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.rest.u64().ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.rest.bytes.len() - self.rest.offset) / 8;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Keys<'_> {}

/// A buffer that is not a valid sequence of records: what is wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadCommand {
    /// Bytes from the start of the buffer.
    pub offset: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with a buffer of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The buffer ends inside a record.
    CutShort,
    /// No record begins with this number.
    UnknownOp(u32),
    /// A field or padding that must be zero is not.
    NotZero,
}

impl fmt::Display for BadCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bad command record at byte {}: ", self.offset)?;
        match self.problem {
            Problem::CutShort => f.write_str("the buffer ends inside the record"),
            Problem::UnknownOp(op) => write!(f, "operation {op} does not exist"),
            Problem::NotZero => f.write_str("a field or padding is not zero"),
        }
    }
}

impl core::error::Error for BadCommand {}

/// A buffer and how far it has been read. `offset` never exceeds the buffer's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    fn is_at_end(&self) -> bool {
        self.offset == self.bytes.len()
    }

    fn skip_to_end(&mut self) {
        self.offset = self.bytes.len();
    }

    fn command(&mut self) -> Result<Command<'a>, BadCommand> {
        let start = self.offset;
        match self.u32()? {
            OP_SPAWN => {
                let (count, entity) = (self.u32()?, self.u64()?);
                Ok(Command::Spawn { entity, components: self.components(count)? })
            }
            OP_DESPAWN => {
                self.zero(4)?;
                Ok(Command::Despawn { entity: self.u64()? })
            }
            OP_INSERT => {
                let (count, entity) = (self.u32()?, self.u64()?);
                Ok(Command::Insert { entity, components: self.components(count)? })
            }
            OP_REMOVE => {
                let (count, entity) = (self.u32()?, self.u64()?);
                Ok(Command::Remove { entity, keys: self.keys(count)? })
            }
            op => Err(BadCommand { offset: start, problem: Problem::UnknownOp(op) }),
        }
    }

    fn components(&mut self, count: u32) -> Result<Components<'a>, BadCommand> {
        let components = Components { left: count, rest: *self };
        // A component takes at least 16 bytes, so the buffer ends this loop even if the count is huge.
        for _ in 0..count {
            self.component()?;
        }
        Ok(components)
    }

    fn keys(&mut self, count: u32) -> Result<Keys<'a>, BadCommand> {
        let bytes = self.take((count as usize).saturating_mul(8))?;
        Ok(Keys { rest: Reader { bytes, offset: 0 } })
    }

    fn component(&mut self) -> Result<(u64, &'a [u8]), BadCommand> {
        let key = self.u64()?;
        let size = self.u32()? as usize;
        self.zero(4)?;
        let value = self.take(size)?;
        self.zero(size.wrapping_neg() % 8)?;
        Ok((key, value))
    }

    fn u32(&mut self) -> Result<u32, BadCommand> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, BadCommand> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn zero(&mut self, len: usize) -> Result<(), BadCommand> {
        let start = self.offset;
        match self.take(len)?.iter().all(|byte| *byte == 0) {
            true => Ok(()),
            false => Err(BadCommand { offset: start, problem: Problem::NotZero }),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BadCommand> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().expect("`take` returns as many bytes as it is asked for"))
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], BadCommand> {
        let cut_short = BadCommand { offset: self.offset, problem: Problem::CutShort };
        let (taken, _) = self.bytes[self.offset..].split_at_checked(len).ok_or(cut_short)?;
        self.offset += len;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(words: &[u64]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_ne_bytes()).collect()
    }

    /// A spawn with a padded value and a marker without bytes, then one of each other record.
    fn sample() -> Vec<u8> {
        let mut words = Vec::new();
        push_spawn(&mut words, 5, 2);
        push_component(&mut words, 11, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        push_component(&mut words, 12, &[]);
        push_despawn(&mut words, u64::MAX);
        push_insert(&mut words, 6, 1);
        push_component(&mut words, 13, &[1]);
        push_remove(&mut words, 7, &[14]);
        bytes(&words)
    }

    /// Offsets at which the sample's records begin and end.
    const BOUNDARIES: [usize; 5] = [0, 64, 80, 120, 144];

    fn problems(buffer: &[u8]) -> Vec<BadCommand> {
        decode(buffer).filter_map(Result::err).collect()
    }

    #[test]
    fn records_are_read_as_they_were_written() {
        let sample = sample();
        let commands: Vec<_> = decode(&sample).collect::<Result<_, _>>().unwrap();
        let [
            Command::Spawn { entity: 5, components },
            Command::Despawn { entity: u64::MAX },
            Command::Insert { entity: 6, components: inserted },
            Command::Remove { entity: 7, keys },
        ] = &commands[..]
        else {
            panic!("{commands:?}");
        };
        assert_eq!((components.len(), inserted.len(), keys.len()), (2, 1, 1));
        let components: Vec<_> = components.clone().collect();
        assert_eq!(components, [(11, &[1, 2, 3, 4, 5, 6, 7, 8, 9][..]), (12, &[][..])]);
        assert_eq!(inserted.clone().collect::<Vec<_>>(), [(13, &[1][..])]);
        assert_eq!(keys.clone().collect::<Vec<_>>(), [14]);
    }

    #[test]
    fn sizes_are_as_documented() {
        let spawn = HEAD_SIZE + (COMPONENT_HEAD_SIZE + 16) + COMPONENT_HEAD_SIZE;
        let others = HEAD_SIZE + (HEAD_SIZE + COMPONENT_HEAD_SIZE + 8) + (HEAD_SIZE + 8);
        assert_eq!(sample().len(), spawn + others);
        assert_eq!(decode(&[]).count(), 0);
    }

    #[test]
    fn every_cut_is_an_error_or_fewer_commands() {
        let sample = sample();
        for len in 0..sample.len() {
            let whole = decode(&sample[..len]).filter(Result::is_ok).count();
            assert_eq!(whole, BOUNDARIES.iter().filter(|&&end| end > 0 && end <= len).count());
            assert_eq!(problems(&sample[..len]).is_empty(), BOUNDARIES.contains(&len), "cut at {len}");
        }
    }

    #[test]
    fn no_changed_byte_makes_it_panic() {
        let sample = sample();
        for at in 0..sample.len() {
            for value in [0, 1, 2, 0x7f, 0x80, 0xff] {
                let mut hostile = sample.clone();
                hostile[at] = value;
                assert!(problems(&hostile).len() <= 1);
            }
        }
    }

    #[test]
    fn a_count_of_four_billion_costs_nothing() {
        let mut words = Vec::new();
        push_spawn(&mut words, 0, u32::MAX);
        push_component(&mut words, 1, &[]);
        assert_eq!(problems(&bytes(&words)), [BadCommand { offset: 32, problem: Problem::CutShort }]);
        let removal = bytes(&[word(OP_REMOVE, u32::MAX), 0, 1]);
        assert_eq!(problems(&removal), [BadCommand { offset: 16, problem: Problem::CutShort }]);
    }

    #[test]
    fn a_size_of_four_billion_is_cut_short() {
        let buffer = bytes(&[word(OP_SPAWN, 1), 0, 1, word(u32::MAX, 0)]);
        assert_eq!(problems(&buffer), [BadCommand { offset: 32, problem: Problem::CutShort }]);
    }

    #[test]
    fn an_unknown_operation_is_named_with_its_offset() {
        let mut buffer = sample();
        buffer.extend([9, 0, 0, 0]);
        assert_eq!(problems(&buffer), [BadCommand { offset: 144, problem: Problem::UnknownOp(9) }]);
    }

    #[test]
    fn dirty_padding_is_refused() {
        let buffer = bytes(&[word(OP_DESPAWN, 1), 5]);
        assert_eq!(problems(&buffer), [BadCommand { offset: 4, problem: Problem::NotZero }]);
    }
}
