//! Random numbers that are the same in every run with the same seed.
//!
//! A mod's streams are made here, each when it is first used, and are part of its state from then on. Neither the clock nor
//! the operating system is involved.

use std::collections::BTreeMap;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// The streams of a mod. Their numbers depend on the world's seed, the mod's id and the stream's number only.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    world_seed: u64,
    mod_id: String,
    started: BTreeMap<u32, Pcg64>,
    /// The streams that were used since [`Streams::commit`], as they were before; `None` if one had not been started.
    before: BTreeMap<u32, Option<Pcg64>>,
}

impl Streams {
    pub fn new(world_seed: u64, mod_id: &str) -> Streams {
        let (started, before) = (BTreeMap::new(), BTreeMap::new());
        Streams { world_seed, mod_id: mod_id.to_owned(), started, before }
    }

    /// The next 64 bits of a stream.
    pub fn next(&mut self, stream: u32) -> u64 {
        self.before.entry(stream).or_insert_with(|| self.started.get(&stream).cloned());
        let (seed, id) = (self.world_seed, &self.mod_id);
        self.started.entry(stream).or_insert_with(|| generator(seed, id, stream)).next_u64()
    }

    /// Commits the draws.
    pub fn commit(&mut self) {
        self.before.clear();
    }

    /// Undoes all draws since the last [`Streams::commit`].
    pub fn roll_back(&mut self) {
        for (stream, before) in std::mem::take(&mut self.before) {
            match before {
                Some(generator) => self.started.insert(stream, generator),
                None => self.started.remove(&stream),
            };
        }
    }
}

fn generator(world_seed: u64, mod_id: &str, stream: u32) -> Pcg64 {
    let digest = Sha256::new()
        .chain_update(world_seed.to_le_bytes())
        .chain_update(stream.to_le_bytes())
        .chain_update(mod_id)
        .finalize();
    let mut seed = <Pcg64 as SeedableRng>::Seed::default();
    let length = seed.len();
    seed.copy_from_slice(&digest[..length]);
    Pcg64::from_seed(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_depend_on_seed_mod_and_number() {
        let first = |seed, id, stream| Streams::new(seed, id).next(stream);
        assert_eq!(first(7, "flock", 0), first(7, "flock", 0));
        let others = [first(7, "flock", 0), first(8, "flock", 0), first(7, "grass", 0), first(7, "flock", 1)];
        assert_eq!(std::collections::BTreeSet::from(others).len(), others.len());
    }

    #[test]
    fn what_was_drawn_can_be_taken_back() {
        let mut streams = Streams::new(7, "flock");
        let first = streams.next(0);
        streams.commit();
        let (second, other) = (streams.next(0), streams.next(1));
        streams.next(0);
        streams.roll_back();
        assert_eq!((streams.next(0), streams.next(1)), (second, other));
        streams.roll_back();
        assert_eq!(streams.next(0), second);
        assert_ne!(first, second);
    }
}
