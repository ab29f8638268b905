//! Command records: the structural changes that a mod asks for, written by the guest, read by the host.
//!
//! A buffer is a sequence of records; each starts 8-aligned and is little endian:
//!
//! ```text
//!   spawn    | op u32 = 1 | count u32 |  then `count` times:
//!                | key u64 | size u32 | zero u32 | `size` bytes, zeros up to a multiple of 8 |
//!   despawn  | op u32 = 2 | zero u32  | entity u64 |
//! ```
//!
//! [`decode`] reads whatever a mod may have put there, hostile bytes included: it never panics,
//! and its work is bounded by the buffer's length, not by the counts written in it.

use alloc::vec::Vec;
use core::fmt;

/// The first word of a spawn record.
pub const OP_SPAWN: u32 = 1;
/// The first word of a despawn record.
pub const OP_DESPAWN: u32 = 2;
/// Bytes of a spawn record before its components.
pub const SPAWN_HEAD_SIZE: usize = 8;
/// Bytes before the value of each component of a spawn record.
pub const COMPONENT_HEAD_SIZE: usize = 16;
/// Bytes of a despawn record.
pub const DESPAWN_SIZE: usize = 16;

/// Begins a spawn record; exactly `components` calls of [`push_component`] must follow.
///
/// ```
/// use tinkerbox_abi::command::{self, Command};
/// let mut words = Vec::new();
/// command::push_spawn(&mut words, 1);
/// command::push_component(&mut words, 7, &[1, 2, 3]);
/// command::push_despawn(&mut words, 42);
///
/// let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
/// let mut commands = command::decode(&bytes);
/// let Some(Ok(Command::Spawn(mut components))) = commands.next() else { panic!() };
/// assert_eq!(components.next(), Some((7, &[1, 2, 3][..])));
/// assert_eq!(commands.next(), Some(Ok(Command::Despawn { entity: 42 })));
/// assert_eq!(commands.next(), None);
/// ```
pub fn push_spawn(words: &mut Vec<u64>, components: u32) {
    words.push(word(OP_SPAWN, components));
}

/// Adds one component to the spawn record begun last.
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
    words.push(word(OP_DESPAWN, 0));
    words.push(entity.to_le());
}

/// Two `u32` fields as the one word that lies in memory as they should.
fn word(first: u32, second: u32) -> u64 {
    (u64::from(first) | u64::from(second) << 32).to_le()
}

/// Reads the records of a buffer one by one; ends after the last or after the first error.
pub fn decode(buffer: &[u8]) -> Commands<'_> {
    Commands { rest: Reader { bytes: buffer, at: 0 } }
}

/// One record, checked as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Make an entity of these components.
    Spawn(Components<'a>),
    /// Take this entity out of the world.
    Despawn {
        /// The entity's id, as the entity column of a view gave it.
        entity: u64,
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

/// The components of a spawn record: pairs of key and bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Components<'a> {
    left: u32,
    /// Checked when the record was read, which is why `next` may rely on it.
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

/// What is wrong with a buffer of commands, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadCommand {
    /// Where in the buffer, in bytes.
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
            Problem::CutShort => f.write_str("the buffer ends inside it"),
            Problem::UnknownOp(op) => write!(f, "there is no operation {op}"),
            Problem::NotZero => f.write_str("what must be zero is not"),
        }
    }
}

impl core::error::Error for BadCommand {}

/// A buffer and how far it has been read. `at` never passes the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn skip_to_end(&mut self) {
        self.at = self.bytes.len();
    }

    fn command(&mut self) -> Result<Command<'a>, BadCommand> {
        let start = self.at;
        match self.u32()? {
            OP_SPAWN => self.spawn(),
            OP_DESPAWN => self.despawn(),
            op => Err(BadCommand { offset: start, problem: Problem::UnknownOp(op) }),
        }
    }

    fn spawn(&mut self) -> Result<Command<'a>, BadCommand> {
        let count = self.u32()?;
        let components = Components { left: count, rest: *self };
        // A component takes 16 bytes at least: however large the count, the buffer ends first.
        for _ in 0..count {
            self.component()?;
        }
        Ok(Command::Spawn(components))
    }

    fn component(&mut self) -> Result<(u64, &'a [u8]), BadCommand> {
        let key = self.u64()?;
        let size = self.u32()? as usize;
        self.zero(4)?;
        let value = self.take(size)?;
        self.zero(size.wrapping_neg() % 8)?;
        Ok((key, value))
    }

    fn despawn(&mut self) -> Result<Command<'a>, BadCommand> {
        self.zero(4)?;
        Ok(Command::Despawn { entity: self.u64()? })
    }

    fn u32(&mut self) -> Result<u32, BadCommand> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, BadCommand> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn zero(&mut self, len: usize) -> Result<(), BadCommand> {
        let start = self.at;
        match self.take(len)?.iter().all(|byte| *byte == 0) {
            true => Ok(()),
            false => Err(BadCommand { offset: start, problem: Problem::NotZero }),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BadCommand> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().expect("take gives as many bytes as it is asked for"))
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], BadCommand> {
        let cut_short = BadCommand { offset: self.at, problem: Problem::CutShort };
        let (taken, _) = self.bytes[self.at..].split_at_checked(len).ok_or(cut_short)?;
        self.at += len;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(words: &[u64]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_ne_bytes()).collect()
    }

    /// A spawn with a padded value, a marker without bytes, and a despawn.
    fn sample() -> Vec<u8> {
        let mut words = Vec::new();
        push_spawn(&mut words, 2);
        push_component(&mut words, 11, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        push_component(&mut words, 12, &[]);
        push_despawn(&mut words, u64::MAX);
        bytes(&words)
    }

    fn problems(buffer: &[u8]) -> Vec<BadCommand> {
        decode(buffer).filter_map(Result::err).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let sample = sample();
        let commands: Vec<_> = decode(&sample).collect::<Result<_, _>>().unwrap();
        let [Command::Spawn(components), Command::Despawn { entity: u64::MAX }] = &commands[..] else {
            panic!("{commands:?}");
        };
        assert_eq!(components.len(), 2);
        let components: Vec<_> = components.clone().collect();
        assert_eq!(components, [(11, &[1, 2, 3, 4, 5, 6, 7, 8, 9][..]), (12, &[][..])]);
    }

    #[test]
    fn sizes_are_as_documented() {
        let sizes = SPAWN_HEAD_SIZE + (COMPONENT_HEAD_SIZE + 16) + COMPONENT_HEAD_SIZE + DESPAWN_SIZE;
        assert_eq!(sample().len(), sizes);
        assert_eq!(decode(&[]).count(), 0);
    }

    #[test]
    fn every_cut_is_an_error_or_fewer_commands() {
        let sample = sample();
        for len in 0..sample.len() {
            let whole = decode(&sample[..len]).filter(Result::is_ok).count();
            assert!(whole < 2);
            let at_a_border = len == 0 || len == sample.len() - DESPAWN_SIZE;
            assert_eq!(problems(&sample[..len]).is_empty(), at_a_border, "cut at {len}");
        }
    }

    #[test]
    fn every_changed_byte_is_survived() {
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
        push_spawn(&mut words, u32::MAX);
        push_component(&mut words, 1, &[]);
        assert_eq!(problems(&bytes(&words)), [BadCommand { offset: 24, problem: Problem::CutShort }]);
    }

    #[test]
    fn a_size_of_four_billion_is_cut_short() {
        let buffer = bytes(&[word(OP_SPAWN, 1), 1, word(u32::MAX, 0)]);
        assert_eq!(problems(&buffer), [BadCommand { offset: 24, problem: Problem::CutShort }]);
    }

    #[test]
    fn an_unknown_operation_is_named_with_its_place() {
        let mut buffer = sample();
        buffer.extend([9, 0, 0, 0]);
        assert_eq!(problems(&buffer), [BadCommand { offset: 72, problem: Problem::UnknownOp(9) }]);
    }

    #[test]
    fn dirty_padding_is_refused() {
        let buffer = bytes(&[word(OP_DESPAWN, 1), 5]);
        assert_eq!(problems(&buffer), [BadCommand { offset: 4, problem: Problem::NotZero }]);
    }
}
