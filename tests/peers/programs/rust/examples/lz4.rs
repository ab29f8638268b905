//! Compresses data of many kinds quickly and unpacks it again: lz4_flex without unsafe code.

use std::sync::LazyLock;

use programs::{Numbers, checksum, text};

programs::program!(work);

static DATA: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut data = text(12_000, 2).into_bytes();
    let mut numbers = Numbers::new(9);
    data.extend((0..40_000_u32).flat_map(|at| (at * 3 + numbers.below(4)).to_le_bytes()));
    data
});

fn work(number: u32) -> u64 {
    let data = &DATA[number as usize % 1_000..];
    let packed = lz4_flex::block::compress_prepend_size(data);
    let unpacked = lz4_flex::block::decompress_size_prepended(&packed).unwrap();
    assert_eq!(unpacked.len(), data.len());
    checksum(&packed[..1_000]) ^ packed.len() as u64
}
