//! Hashes data, and a tree of hashes over it: SHA-256 and SHA-512, the crate sha2.

use programs::checksum;
use sha2::{Digest, Sha256, Sha512};

programs::program!(work);

fn work(seed: u32) -> u64 {
    let data: Vec<u8> = (0..48_000_u32).map(|at| (at.wrapping_mul(seed + 77) >> 7) as u8).collect();
    let mut level: Vec<Vec<u8>> = data.chunks(512).map(|chunk| Sha256::digest(chunk).to_vec()).collect();
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| Sha256::digest(pair.concat()).to_vec()).collect();
    }
    checksum(&level[0]) ^ checksum(Sha512::digest(&data))
}
