//! The broad mod in Rust, with which those in other languages are compared.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use crate::cargo_mods;

/// The mod's code in its two versions.
pub static BROAD: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    [build(folder.path(), &[]), build(folder.path(), &CHANGES)]
});

/// What changes in the mod's state between the versions.
const CHANGES: [(&str, &str); 3] =
    [("days: u32", "days: u8, nights: u32"), ("warmth: f32", "warmth: u32"), ("debt: i16", "debt: i64")];

const MANIFEST: &str = r#"[workspace]
[package]
name = "NAME"
version = "0.1.0"
edition = "2024"
[lib]
crate-type = ["cdylib"]
[dependencies]
tinkerbox-sdk = { path = "SDK" }
serde = { version = "1", features = ["derive"] }
[profile.release]
panic = "abort"
"#;

const SOURCE: &str = r#"
use tinkerbox_sdk::prelude::*;

#[mod_type("game:Position")]
struct Position { x: f32, y: f32 }

#[mod_type("game:Velocity")]
struct Velocity { x: f32, y: f32 }

#[mod_type("game:Mood")]
struct Mood(u32);

#[mod_type("game:Species")]
struct Species(u32);

#[mod_type("game:Sheep")]
struct Sheep;

#[mod_type("game:Follows")]
struct Follows { leader: Entity }

#[mod_type("game:Weather")]
struct Weather { wind: f32, rain: f32 }

#[mod_type("game:Season")]
struct Season(u32);

#[mod_type("game:Bell")]
struct Bell { number: u32, ringer: u32, pitch: f32 }

tinkerbox_sdk::game_functions! {
    "game";
    fn height_at(x: f32, y: f32) -> f32;
}

#[state]
#[derive(Default)]
#[allow(non_camel_case_types, reason = "messages name it, as in other languages")]
struct diary { days: u32, warmth: f32, heights: [f32; 4], title: String, cold: bool, debt: i16 }

#[system]
fn answer(bells: &[Bell], mut echoes: EventWriter<Bell>) {
    for bell in bells {
        if bell.number < 110 {
            info!("bell {} of {}, {:.2}", bell.number, bell.ringer, bell.pitch);
        }
        if bell.number < 100 {
            echoes.send(Bell { number: bell.number + 100, ringer: bell.ringer, pitch: bell.pitch * 2.0 });
        }
    }
}

#[system]
fn mourn(gone: &[Removed<Sheep>]) {
    let sum = gone.iter().fold(0u64, |sum, sheep| sum.wrapping_mul(3).wrapping_add(sheep.entity().to_bits()));
    info!("{} sheep are gone: {sum}", gone.len());
}

#[system]
fn greet(new: &[Added<Sheep>]) {
    let sum = new.iter().fold(0u64, |sum, sheep| sum.wrapping_mul(3).wrapping_add(sheep.entity().to_bits()));
    info!("{} sheep are new: {sum}", new.len());
}

#[system]
fn bury(dead: &[Despawned<Sheep>]) {
    let sum = dead.iter().fold(0u64, |sum, sheep| sum.wrapping_mul(3).wrapping_add(sheep.entity().to_bits()));
    info!("{} sheep are dead: {sum}", dead.len());
}

#[system(before = ["follow", "nobody:at_all"])]
fn drift(mut things: Query<(Entity, &mut Position, Option<&Velocity>, Option<&mut Mood>), Without<Sheep>>) {
    let delta = delta();
    let (mut rows, mut still) = (0, 0);
    while let Some(chunk) = things.next() {
        rows += chunk.len();
        let (ids, at, velocity, mut mood) = chunk.columns;
        for i in 0..ids.len() {
            if let Some(mood) = &mut mood {
                mood[i].0 += (ids[i].to_bits() % 3) as u32;
            }
            match velocity {
                Some(velocity) => {
                    at[i].x += velocity[i].x * delta;
                    at[i].y += velocity[i].y * delta;
                }
                None => still += 1,
            }
        }
    }
    info!("{rows} things, {still} still");
}

#[system]
fn watch(changed: Query<&Mood, Changed<Mood>>, sheep: Query<(), With<Sheep>>) {
    info!("{} moods changed, {} sheep", changed.count(), sheep.count());
}

#[system(after = "drift")]
fn follow(mut followers: Query<(Entity, &Follows)>, mut leaders: Query<(&mut Position, Option<&mut Mood>)>) {
    while let Some(chunk) = followers.next() {
        let (ids, follows) = chunk.columns;
        for (i, (id, follows)) in ids.iter().zip(follows).enumerate() {
            let Some(mut there) = leaders.get::<Position>(follows.leader) else {
                warn!("{} follows nobody", id.to_bits());
                continue;
            };
            there.y += 1.0;
            leaders.set(follows.leader, there);
            if let Some(mood) = leaders.get::<Mood>(follows.leader) {
                leaders.set(follows.leader, Mood(mood.0 + 2));
            }
            let there = leaders.get::<Position>(follows.leader).unwrap();
            if i < 5 {
                info!("{} follows to {:.3} {:.3}", id.to_bits(), there.x, there.y);
            }
        }
    }
}

#[system]
fn breed(mut flock: Query<(Entity, &Position), With<Sheep>>, mut commands: Commands, mut born: EventWriter<Bell>) {
    let tick = tick();
    if tick == 2 {
        let ewe = commands.spawn((Position { x: 3.0, y: 4.0 }, Mood(7), Sheep));
        for i in 0..60 {
            commands.spawn((Position { x: i as f32, y: -1.0 }, Sheep, Follows { leader: ewe }));
        }
        born.send(Bell { number: 200, ringer: ewe.to_bits() as u32, pitch: 0.5 });
    }
    let Some(chunk) = flock.next() else { return };
    let (first, last) = (chunk.columns.0[0], *chunk.columns.0.last().unwrap());
    if tick == 4 {
        commands.insert(first, (Velocity { x: 1.0, y: 2.0 }, Mood(9)));
        commands.remove::<Follows>(last);
    }
    if tick == 6 {
        while let Some(chunk) = flock.next() {
            chunk.columns.0.iter().for_each(|id| drop(commands.despawn(*id)));
        }
        commands.despawn(first);
    }
}

#[system]
fn deny(mut things: Query<(Entity, &Position)>, mut commands: Commands) {
    let Some(chunk) = things.next() else { return };
    commands.insert(chunk.columns.0[0], Species(1));
}

#[system]
fn forecast(mut weather: ResMut<Weather>, season: Option<Res<Season>>) {
    if season.is_none() {
        info!("no season");
    }
    weather.wind += random_range(-1.0..1.0);
    weather.rain = height_at(weather.wind, 2.0);
    assert!(fuel_left() > 0);
    info!("wind {:.3}, rain {:.3}, bits {}", weather.wind, weather.rain, stream(7).bits());
}

#[system]
fn notice(
    born: Query<(), Added<Sheep>>,
    mut lone: Query<(Entity, &mut Mood), With<Sheep>>,
    mut many: Query<&Position>,
    mut commands: Commands,
) {
    let born = born.count();
    if many.single().is_some() {
        info!("a lone thing");
    }
    if !every(delta() * 3.0) {
        return;
    }
    if let Some((_, mood)) = lone.single() {
        mood.0 += 1;
        info!("{born} born, one has the mood {}", mood.0);
    }
    info!("luck {:.3}", stream(3).random_range(-2.0..2.0));
    if let Ok(new) = commands.try_spawn((Position { x: 9.0, y: 9.0 }, Mood(3))) {
        commands.despawn(new);
        assert!(commands.send().is_ok());
    }
}

#[system]
fn write_diary(diary: &mut diary) {
    diary.days += 1;
    diary.warmth = (diary.warmth as f64 + 1.1640625) as _;
    let day = diary.days as usize % 4;
    diary.heights[day] = tick() as f32 * 0.25;
    diary.cold = diary.days % 2 == 1;
    diary.debt -= 300;
    if diary.days == 1 {
        diary.title = format!("day {}", diary.days);
    }
    let cold = if diary.cold { "cold" } else { "warm" };
    let (first, last) = (diary.heights[0], diary.heights[3]);
    let warmth = diary.warmth as f64;
    info!("{} days, {warmth:.2}, [{first:.2}, {last:.2}], {}, {cold}, {}", diary.days, diary.title, diary.debt);
}

#[system]
fn fail(doomed: Query<(), With<Species>>) {
    let count = doomed.count();
    if count > 2 {
        panic!("{count} are doomed, {:.1}", -0.3);
    }
}
"#;

fn build(folder: &Path, changes: &[(&str, &str)]) -> Vec<u8> {
    let source = changes.iter().fold(SOURCE.to_owned(), |text, (from, to)| text.replace(from, to));
    compile(folder, "broad", &source)
}

/// Compiles a mod with this name in a folder of its own.
pub fn compile(folder: &Path, name: &str, source: &str) -> Vec<u8> {
    let sdk = cargo_mods::sdk();
    let manifest = MANIFEST.replace("SDK", sdk.to_str().unwrap()).replace("NAME", name);
    cargo_mods::write(&folder.join("Cargo.toml"), &manifest);
    cargo_mods::write(&folder.join("src/lib.rs"), source);
    fs::read(cargo_mods::build(folder, "languages", "release", &[]).join(format!("{name}.wasm"))).unwrap()
}
