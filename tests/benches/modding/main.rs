//! How fast mods run in a world, each beside what the game could do itself, in one run.
//!
//! `cargo bench -p tinkerbox-tests --bench modding` runs all of it. Read the ratios, not the times.

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
