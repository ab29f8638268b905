//! The code of the small mods.

/// The mods and their code, behind [`HEAD`].
pub const MODS: [(&str, &str); 5] =
    [("loops", LOOPS), ("integers", INTEGERS), ("floats", FLOATS), ("rows", ROWS), ("panics", PANICS)];

/// What the code of each begins with.
pub const HEAD: &str = r#"#![allow(dead_code)]
use tinkerbox_sdk::prelude::*;

#[mod_type("game:Position")]
#[derive(Debug)]
struct Position { x: f32, y: f32 }

#[mod_type("game:Velocity")]
struct Velocity { x: f32, y: f32 }

#[mod_type("game:Mood")]
struct Mood(u32);

#[mod_type("game:Sheep")]
struct Sheep;

#[mod_type("game:Weather")]
struct Weather { wind: f32, rain: f32 }
"#;

/// Loops over two columns.
const LOOPS: &str = r#"
#[system]
fn drift(mut things: Query<(&mut Position, &Velocity)>) {
    let dt = delta();
    while let Some(chunk) = things.next() {
        for (position, velocity) in chunk {
            position.x += velocity.x * dt;
            position.y += velocity.y * dt;
        }
    }
}
"#;

/// Logs two whole numbers.
const INTEGERS: &str = r#"
#[system]
fn tell() {
    info!("tick {}, {} units", tick(), fuel_left());
}
"#;

/// Does what the first one does, and logs a component with floats.
const FLOATS: &str = r#"
#[system]
fn drift(mut things: Query<(&mut Position, &Velocity)>) {
    let dt = delta();
    let mut last = None;
    while let Some(chunk) = things.next() {
        for (position, velocity) in chunk {
            position.x += velocity.x * dt;
            position.y += velocity.y * dt;
            last = Some(*position);
        }
    }
    if let Some(last) = last {
        info!("{last:?}");
    }
}
"#;

/// Looks at the things with a position in each of these ways.
const ROWS: &str = r#"
#[system]
fn look(
    mut only: Query<(Entity, &Position, Option<&Mood>)>,
    mut placed: Query<&mut Position>,
    mut all: Query<(Entity, Option<&Mood>), With<Position>>,
    some: Query<Option<&Mood>, With<Position>>,
) {
    let number = |mood: Option<&Mood>| mood.map_or(-1, |mood| i64::from(mood.0));
    match only.single() {
        Some((entity, position, mood)) => {
            info!("only {} at {} with {}", entity.to_bits(), position.x as i32, number(mood));
        }
        None => info!("none or several"),
    }
    if let Some(position) = placed.single() {
        position.x += 1.0;
    }
    let mut entities = Vec::new();
    all.for_each(|(entity, mood)| {
        info!("{} has {}", entity.to_bits(), number(mood));
        entities.push(entity);
    });
    let sum: u32 = some.iter_many::<Mood>(&entities).map(|(_, mood)| mood.0).sum();
    info!("{sum} in all");
}
"#;

/// Panics in another way in each tick in which it runs.
pub const PANICS: &str = r#"
#[system]
fn fail(mut things: Query<&Position>) {
    let Some(position) = things.single() else { return };
    let first = position.x;
    match first as usize {
        0 => panic!("literal"),
        1 => panic!("formatted {first:.1}"),
        2 => drop([1, 2][first as usize..].iter().max().expect("a maximum")),
        3 => assert_eq!(first, 4.0, "of two numbers"),
        _ => drop(vec![0; usize::MAX - first as usize]),
    }
}

#[system]
fn predict(weather: Res<Weather>) {
    info!("{}", weather.wind as i32);
}
"#;
