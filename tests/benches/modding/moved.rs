//! 100,000 entities moved by a mod in Rust through a view, beside the same system written in Bevy; and a breakdown of
//! the time: the same rows only read, and handed back unchanged.

use bevy_app::{App, Update};
use bevy_ecs::prelude::*;
use criterion::{Criterion, Throughput};
use meadow::{Position, Velocity};
use tinkerbox::ModTime;

use super::worlds::{ENTITIES, Modded, drift, manifest, modded, one_thread, populate, wasm};

const FUEL: &str = "[budget]\nfuel = 50_000_000\nburst = 50_000_000\n";

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("100,000 entities");
    group.throughput(Throughput::Elements(ENTITIES as u64));
    let mut native = App::new();
    native.init_resource::<ModTime>().add_systems(Update, native_drift);
    one_thread(&mut native);
    populate(native.world_mut());
    group.bench_function("moved by a native system", |bencher| bencher.iter(|| native.update()));

    let (drift, code) = drift();
    let mut world = with_things(&(drift, code));
    group.bench_function("moved by a mod", |bencher| bencher.iter(|| world.app.update()));

    let mut world = with_things(&reader("read"));
    group.bench_function("of that: copied in", |bencher| bencher.iter(|| world.app.update()));
    let mut world = with_things(&reader("write"));
    group.bench_function("of that: copied in and compared", |bencher| bencher.iter(|| world.app.update()));
}

fn native_drift(mut things: Query<(&mut Position, &Velocity)>, time: Res<ModTime>) {
    for (mut position, velocity) in &mut things {
        position.x += velocity.x * time.delta;
        position.y += velocity.y * time.delta;
    }
}

fn with_things(it: &(String, Vec<u8>)) -> Modded {
    let mut world = modded(std::slice::from_ref(it));
    populate(world.app.world_mut());
    world.app.update();
    let mut changed = world.app.world_mut().query::<&Position>();
    let moved = changed.iter(world.app.world()).filter(|position| position.y != 0.0).count();
    assert!(moved == 0 || moved == ENTITIES, "all are moved, or none");
    world
}

/// A mod that takes all rows as `drift` does, and leaves them unchanged.
fn reader(access: &str) -> (String, Vec<u8>) {
    let layout = "{ x: f32, y: f32 }";
    let rest = format!(
        r#"{FUEL}
        [permissions]
        read = ["meadow:Velocity"]
        write = ["meadow:Position"]
        [[system]]
        name = "run"
        [[system.query]]
        columns = [
            {{ component = "meadow:Position", access = "{access}", layout = "{layout}" }},
            {{ component = "meadow:Velocity", access = "read", layout = "{layout}" }},
        ]"#
    );
    let text = r#"(module
        (import "tinkerbox1" "view_next" (func $view_next (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "sys_run")
            (loop $chunks (br_if $chunks
                (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 32768))))))"#;
    (manifest("reader", &rest), wasm(text))
}
