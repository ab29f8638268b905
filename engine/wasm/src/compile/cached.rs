//! THE SANDBOX RESTS ON THIS FILE: compiled modules on their way into a cache and back.
//!
//! Beside the line of stages, as `artifact` is, whose bytes it wraps. It is pure: the store is the host's.
//!
//! ```text
//! key = SHA-256 of: what a compiled module depends on (version, target, settings), and the module's bytes
//! ┌ entry ──────────────────────────────────────────────────────────┐
//! │ key, 32 │ checksum of the key and all that follows, 32 │ artifact │
//! └─────────────────────────────────────────────────────────────────┘
//! ```
//!
//! An entry that is not exactly what was stored under its key counts as missing. That finds damage and mix-ups, not malice.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::artifact::{self, Parts};
use super::join::CompiledModule;

const KEY: Range<usize> = 0..32;
const CHECKSUM: Range<usize> = 32..64;

/// The name of a compiled module in a cache.
pub type CacheKey = [u8; 32];

/// The key of what a module becomes with these versions, target and settings.
pub fn key(module: &[u8], made_with: &str) -> CacheKey {
    let hasher = Sha256::new().chain_update((made_with.len() as u64).to_le_bytes());
    hasher.chain_update(made_with).chain_update(module).finalize().into()
}

/// What is stored under a key; `None` if the module can't be serialised, which no module is known to cause.
pub fn encode(key: &CacheKey, compiled: &CompiledModule, module: &[u8], made_with: &str) -> Option<Vec<u8>> {
    let (info, tables) = (&compiled.info, &compiled.code);
    let artifact = artifact::encode(&Parts { info, tables, code: &tables.bytes, module }, made_with).ok()?;
    Some([key, &checksum(key, &artifact)[..], &artifact].concat())
}

/// The compiled module in an entry; `None` unless it is whole, and was stored under this key.
pub fn decode(key: &CacheKey, entry: &[u8], made_with: &str) -> Option<CompiledModule> {
    let artifact = entry.get(CHECKSUM.end..)?;
    if entry[KEY] != key[..] || entry[CHECKSUM] != checksum(key, artifact) {
        return None;
    }
    let (compiled, _) = artifact::decode(artifact, made_with).ok()?;
    Some(compiled)
}

fn checksum(key: &CacheKey, artifact: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(key).chain_update(artifact).finalize().into()
}
