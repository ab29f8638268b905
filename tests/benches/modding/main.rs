//! The speed of mods in a world, each beside the same work done by the game, in one run.
//!
//! `cargo bench -p tinkerbox-tests --bench modding` runs all of it. Rely on the ratios, not on the times.

mod many;
mod moved;
mod neighbours;
mod worlds;

use criterion::{Criterion, criterion_group, criterion_main};

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).without_plots();
    targets = many::bench, moved::bench, neighbours::bench
}
criterion_main!(benches);
