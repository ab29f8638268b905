//! Compresses a text and unpacks it again, as zlib does: miniz_oxide.

use std::sync::LazyLock;

use miniz_oxide::{deflate, inflate};
use programs::{checksum, text};

programs::program!(work);

static TEXT: LazyLock<String> = LazyLock::new(|| text(8_000, 1));

fn work(number: u32) -> u64 {
    let from = number as usize % 100;
    let bytes = &TEXT.as_bytes()[from..from + 30_000];
    let packed = deflate::compress_to_vec_zlib(bytes, 6);
    let unpacked = inflate::decompress_to_vec_zlib(&packed).unwrap();
    assert_eq!(unpacked, bytes);
    checksum(packed)
}
