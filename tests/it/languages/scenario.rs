//! One story of a world with the broad mod in it, told as text: the same for a mod in any language.

use std::fmt::Write;

use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use tinkerbox::{Expose, ModReportKind, ModStatus};
use tinkerbox_abi::ModEntity;

use crate::modding::games::exposed::{Bell, Follows};
use crate::modding::games::game::*;
use crate::modding::games::snapshot::{before, snapshot};
use crate::modding::games::wider_game::*;

/// The id of the broad mod.
pub const ID: &str = "broad";

/// What the broad mod may do: everything that it does but one thing.
const PERMISSIONS: &str = r#"
[permissions]
read = ["game:Season", "game:Species"]
write = ["game:Position", "game:Velocity", "game:Mood", "game:Sheep", "game:Follows", "game:Weather"]
events = ["game:Bell"]
send = ["game:Bell"]
functions = ["game:height_at"]
spawn = true
despawn = true
"#;

/// What happened in frames, by their numbers.
pub type Told = Vec<(usize, String)>;

/// Runs a mod for some frames, lets the second version take over, and makes that panic. Returns what happened, frame by
/// frame.
pub fn story(first: &[u8], second: &[u8]) -> Told {
    let mut game = wider_game(&[]);
    game.app.expose_function("game:height_at", 10, |x: f32, y: f32| x * 10.0 + y);
    let leader = populate(game.world());
    game.write_file(
        ID,
        "mod.toml",
        (head(ID) + "[budget]\nfuel = 1_000_000\nburst = 1_000_000\n" + PERMISSIONS).as_bytes(),
    );
    game.write_file(ID, "mod.wasm", first);
    let mut told = Told::new();
    for frame in 1..=8 {
        match frame {
            3 => ring(game.world(), &[1, 2, 150]),
            // More than fit into one batch of any language.
            5 => ring(game.world(), &(0..2_000).map(|number| 100 + number).collect::<Vec<_>>()),
            7 => assert!(game.world().despawn(leader)),
            _ => {}
        }
        told.push((frame, tell(&mut game, Game::frame)));
    }
    game.write_file(ID, "mod.wasm", second);
    told.push((9, tell(&mut game, |game| game.changed(ID))));
    told.push((10, tell(&mut game, Game::frame)));
    let doomed: Vec<Entity> = game.world().spawn_batch([Species(1), Species(2), Species(3)]).collect();
    told.push((11, tell(&mut game, Game::frame)));
    assert!(matches!(game.status(ID), ModStatus::Faulted { .. }), "{:?}", game.all_reports());
    doomed.into_iter().for_each(|one| assert!(game.world().despawn(one)));
    told.push((12, tell(&mut game, |game| game.frames(3))));
    assert_eq!(game.status(ID), ModStatus::Live);
    told
}

/// Things with every combination of what the mod asks for. Returns the one that others follow.
fn populate(world: &mut World) -> Entity {
    let at = |x| Position { x, y: 0.5 };
    let leader = world.spawn((at(0.0), Mood(1))).id();
    let follows = Follows { leader: ModEntity::from_bits(leader.to_bits()) };
    world.spawn((at(1.0), Velocity { x: 1.0, y: -2.0 }));
    world.spawn((at(2.0), Velocity { x: -0.25, y: 0.0 }, Mood(5)));
    world.spawn((at(3.0), follows));
    world.spawn((at(4.0), Follows::NOBODY));
    world.spawn_batch((0..1_200).map(|number| (at(number as f32), Velocity { x: 0.5, y: 0.0 })));
    leader
}

fn ring(world: &mut World, numbers: &[u32]) {
    let bell = |number: &u32| Bell { number: *number, ringer: 7, pitch: *number as f32 / 3.0 };
    world.resource_mut::<Messages<Bell>>().write_batch(numbers.iter().map(bell));
}

/// What a step changes, and what the mod says during it.
fn tell(game: &mut Game, step: impl FnOnce(&mut Game)) -> String {
    let (tick, reports) = (before(game.world()), game.all_reports().len());
    step(game);
    let mut text = String::new();
    for report in &game.all_reports()[reports..] {
        match report.kind {
            ModReportKind::Log(level) => {
                // What follows is the type, in the words of the mod's language.
                let said = report.text.split(" does not fit").next().unwrap_or_default();
                writeln!(text, "{level:?}: {said}").unwrap();
            }
            ModReportKind::Faulted => writeln!(text, "fault: {}", said(&report.text)).unwrap(),
            ModReportKind::Loaded | ModReportKind::Reloaded => {}
            other => panic!("{}: {}", other.word(), report.text),
        }
    }
    let bells = game.world().resource::<Messages<Bell>>();
    for bell in bells.get_cursor().read(bells) {
        writeln!(text, "{bell:?}").unwrap();
    }
    text + &snapshot(game.world(), tick)
}

/// What a panic said, without where it was: it was in a file of the mod's language.
fn said(fault: &str) -> &str {
    let message = fault.lines().next().unwrap_or_default();
    let (what, place) = message.split_once(" (at ").unwrap_or_else(|| panic!("no place: {fault}"));
    let is_place = ["lib.rs:", "broad.c:", "broad.zig:", "broad.ts:"].iter().any(|file| place.contains(file));
    assert!(is_place, "{fault}");
    what
}
