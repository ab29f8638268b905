//! Random numbers that are the same in every run with the same seed.
//!
//! A mod's generator is made here when it is loaded and lives in its state from then on. No clock and no
//! operating system is asked.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// The generator of a mod: its numbers depend on the world's seed and the mod's id, and on nothing else.
pub(crate) fn generator(world_seed: u64, mod_id: &str) -> Pcg64 {
    let digest = Sha256::new().chain_update(world_seed.to_le_bytes()).chain_update(mod_id).finalize();
    let mut seed = <Pcg64 as SeedableRng>::Seed::default();
    let length = seed.len();
    seed.copy_from_slice(&digest[..length]);
    Pcg64::from_seed(seed)
}
