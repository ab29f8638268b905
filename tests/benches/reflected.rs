//! What a row costs that crosses by its reflection, beside a mirror that is written by hand and beside walking the value.
//!
//! `cargo bench -p tinkerbox-tests --bench reflected`. 100,000 transforms go out, and come back with every
//! row changed; the time is that of all of them.

use bevy_ecs::prelude::*;
use bevy_reflect::GetPath;
use bevy_transform::components::Transform;
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use tinkerbox_columns::{FlatComponent, Journal, Reflected, RowQuery, Run, Terms, copy_column};

const ROWS: usize = 100_000;

/// The same as what reflection finds, as an author writes it.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Written {
    translation: [f32; 3],
    rotation: [f32; 4],
    scale: [f32; 3],
}

impl From<&Transform> for Written {
    fn from(it: &Transform) -> Written {
        Written {
            translation: it.translation.to_array(),
            rotation: it.rotation.to_array(),
            scale: it.scale.to_array(),
        }
    }
}

impl From<Written> for Transform {
    fn from(it: Written) -> Transform {
        let mut transform = Transform::from_translation(it.translation.into());
        let rotation = &mut transform.rotation;
        [rotation.x, rotation.y, rotation.z, rotation.w] = it.rotation;
        transform.scale = it.scale.into();
        transform
    }
}

/// The paths of all leaves.
const PATHS: [&str; 10] = [
    "translation.x",
    "translation.y",
    "translation.z",
    "rotation.x",
    "rotation.y",
    "rotation.z",
    "rotation.w",
    "scale.x",
    "scale.y",
    "scale.z",
];

fn bench(criterion: &mut Criterion) {
    let mut world = World::new();
    let rows = (0..ROWS).map(|row| Transform::from_xyz(row as f32, 1.0, 2.0));
    world.spawn_batch(rows).for_each(drop);
    let reflected = Reflected::<Transform>::find().expect("a transform is made of numbers");
    let ways = [
        ("written", FlatComponent::register_mirrored::<Transform, Written>(&mut world)),
        ("reflected", FlatComponent::register_reflected(&mut world, &reflected)),
    ];
    for (name, component) in ways {
        let run = run(&world, component);
        let mut bytes = vec![0; ROWS * component.size()];
        criterion.bench_function(&format!("out/{name}"), |bencher| {
            bencher.iter(|| copy_column(&world, &run, &component, black_box(&mut bytes)));
        });
        let mut journal = Journal::default();
        let other: Vec<u8> = bytes.iter().map(|byte| byte ^ 1).collect();
        let mut turn = false;
        criterion.bench_function(&format!("back/{name}"), |bencher| {
            bencher.iter(|| {
                turn = !turn;
                let returned = if turn { &other } else { &bytes };
                journal.compare(&world, &run, &component, returned).expect("any bytes are a transform");
                journal.apply(&mut world)
            });
        });
    }
    criterion.bench_function("out/walked", |bencher| {
        let mut query = world.query::<&Transform>();
        let mut bytes = Vec::with_capacity(ROWS * 40);
        bencher.iter(|| {
            bytes.clear();
            for transform in query.iter(&world) {
                for path in PATHS {
                    let leaf = transform.path::<f32>(path).expect("there is such a leaf");
                    bytes.extend_from_slice(&leaf.to_le_bytes());
                }
            }
            black_box(bytes.len())
        });
    });
}

fn run(world: &World, component: FlatComponent) -> Run {
    let mut query = RowQuery::new(world, &Terms { all: vec![component], ..Terms::default() });
    query.update(world);
    query.runs(world, None)[0]
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).without_plots();
    targets = bench
}
criterion_main!(benches);
