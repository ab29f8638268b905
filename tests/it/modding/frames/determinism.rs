//! Two runs with the same seed are identical.

use bevy_ecs::prelude::*;
use tinkerbox::ModReportKind;

use crate::modding::games::game::*;

/// Walks at random, spawns at random, and despawns entities that stray too far.
fn gambler() -> ModText {
    let manifest = head("gambler")
        + "[budget]\nfuel = 4_000\n[permissions]\n\
            read = [\"game:Sheep\"]\nwrite = [\"game:Position\"]\nspawn = true\ndespawn = true\n"
        + &system("run", &[WRITE_POSITION, ENTITIES])
            .replace("name = \"run\"", "name = \"run\"\ncommands = true");
    // Records in memory: a spawn of a position at 1024, a despawn at 1280.
    let key = tinkerbox_abi::component_key("game:Position");
    let body = r#"
        (local.set $entity (i64.load (local.get $b)))
        (f32.store (local.get $a) (f32.add (f32.load (local.get $a))
            (f32.convert_i32_s (i32.rem_s (i32.wrap_i64 (call $random (i32.const 0))) (i32.const 10)))))
        (if (f32.gt (f32.abs (f32.load (local.get $a))) (f32.const 40)) (then
            (i64.store (i32.const 1280) (i64.const 2))
            (i64.store (i32.const 1288) (local.get $entity))
            (drop (call $command (i32.const 1280) (i32.const 16)))))
        (if (i64.eqz (i64.rem_u (call $random (i32.const 0)) (i64.const 20))) (then
            (i64.store (i32.const 1024) (i64.const 0x1_0000_0001))
            (i64.store (i32.const 1032) (i64.const 0))
            (i64.store (i32.const 1040) (i64.const KEY))
            (i64.store (i32.const 1048) (i64.const 8))
            (i64.store (i32.const 1056) (i64.const 0))
            (drop (call $command (i32.const 1024) (i32.const 40)))))"#
        .replace("KEY", &(key as i64).to_string());
    let system =
        each_row("run", [8, 8], 512, &body).replace("(local $b i32)", "(local $b i32) (local $entity i64)");
    ModText { manifest, wat: module(&system) }
}

fn history(seed: u64) -> Vec<(u64, u32)> {
    let (gambler, crasher) = (gambler(), plain("crasher", "unreachable"));
    let mods = [("crasher", &crasher), ("gambler", &gambler), ("mover", &mover("mover", 0.25))];
    let mut game = Game::with(&mods, |plugin| plugin.seed(seed));
    for x in 0..20 {
        game.spawn_at(x as f32);
    }
    game.frames(150);
    let mut rows = game.world().query::<(Entity, &Position)>();
    let rows: Vec<_> = rows
        .iter(game.app.world())
        .map(|(entity, position)| (entity.to_bits(), position.x.to_bits()))
        .collect();
    assert_eq!(game.reports("gambler", ModReportKind::Faulted), [""; 0]);
    assert!(game.stats("gambler").suspensions > 0, "the budget is meant to be too small at times");
    rows
}

#[test]
fn two_runs_are_equal_and_another_seed_is_another_run() {
    let first = history(7);
    assert!(first.len() > 5);
    assert_eq!(first, history(7));
    assert_ne!(first, history(8));
}
