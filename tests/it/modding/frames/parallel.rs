//! Mods that run at the same time: the world, the mods and their logs are the same with any number of threads.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use bevy_ecs::component::ComponentId;
use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use tinkerbox::{ModStats, ModStatus, ModTime};
use tinkerbox_abi::component_key;

use crate::modding::games::exposed::{Bell, Weather};
use crate::modding::games::game::*;

const FRAMES: usize = 3_000;

/// Everything observable about a world and its mods, as text.
fn picture(game: &mut Game) -> String {
    let mut text = String::new();
    let world = game.app.world_mut();
    let ids: [Option<ComponentId>; 4] = [
        world.component_id::<Position>(),
        world.component_id::<Velocity>(),
        world.component_id::<Mood>(),
        world.component_id::<Sheep>(),
    ];
    let mut all = world.query::<(EntityRef, Option<&Position>, Option<&Velocity>, Option<&Mood>)>();
    for (entity, position, velocity, mood) in all.iter(world) {
        let bits = position.map(|it| (it.x.to_bits(), it.y.to_bits()));
        let ticks: Vec<_> = ids.iter().flatten().map(|id| entity.get_change_ticks_by_id(*id)).collect();
        let _ = writeln!(text, "{} {bits:?} {velocity:?} {mood:?} {ticks:?}", entity.id());
    }
    let mut mods = world.query::<(&ModStatus, &ModStats)>();
    for (status, stats) in mods.iter(world) {
        let _ = writeln!(text, "{status:?} {stats:?}");
    }
    let _ = writeln!(text, "{:?} {}", world.resource::<Weather>(), world.archetypes().len());
    let _ = writeln!(text, "{:?}", world.resource::<Messages<Bell>>());
    text
}

/// Adds another column's value to every value of one column, after a lot of work.
fn worker(id: &str, columns: &[(&str, &str, &str)], sizes: [u32; 2], rounds: u32) -> ModText {
    let body = format!(
        "(local.set $left (i32.const {rounds}))
        (loop $ado
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br_if $ado (local.get $left)))
        (f32.store (local.get $a) (f32.add (f32.load (local.get $a))
            (f32.convert_i32_s (i32.rem_s (i32.wrap_i64 (call $random (i32.const 1))) (i32.const 5)))))"
    );
    let code =
        each_row("run", sizes, 1024, &body).replace("(local $b i32)", "(local $b i32) (local $left i32)");
    let rights = "[permissions]\nread = [\"game:Sheep\", \"game:Position\"]\n\
        write = [\"game:Position\", \"game:Velocity\", \"game:Mood\"]\n";
    ModText {
        manifest: head(id) + "[budget]\nfuel = 40_000\nburst = 60_000\n" + rights + &system("run", columns),
        wat: module(&code),
    }
}

/// Spawns now and then, and despawns the first entity that it saw; rings a bell; faults once in a while.
fn breeder(id: &str) -> ModText {
    let manifest = head(id)
        + "[permissions]\nwrite = [\"game:Position\", \"game:Sheep\"]\nspawn = true\ndespawn = true\n\
            send = [\"game:Bell\"]\n"
        + &system("run", &[("entity", "read", "u64"), ("game:Position", "read", "{ x: f32, y: f32 }")])
            .replace("name = \"run\"", "name = \"run\"\ncommands = true")
        + "[[system.send]]\nevent = \"game:Bell\"\nlayout = \"{ number: u32, ringer: u32, pitch: f32 }\"\n";
    let key = component_key("game:Position") as i64;
    let code = format!(
        r#"(func (export "sys_run") (local $chance i32)
            (local.set $chance (i32.rem_u (i32.wrap_i64 (call $random (i32.const 0))) (i32.const 97)))
            (if (i32.eqz (local.get $chance)) (then unreachable))
            (drop (call $event_send (i32.const 0) (i32.const 512) (i32.const 12)))
            (if (i32.lt_u (local.get $chance) (i32.const 40)) (then
                (drop (call $entity_reserve (i32.const 1032) (i32.const 1)))
                (i64.store (i32.const 1024) (i64.const 0x1_0000_0001))
                (i64.store (i32.const 1040) (i64.const {key}))
                (i64.store (i32.const 1048) (i64.const 8))
                (f32.store (i32.const 1056) (f32.convert_i32_u (local.get $chance)))
                (drop (call $command (i32.const 1024) (i32.const 40)))))
            (if (i32.gt_s (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 400)) (i32.const 20))
                (then
                    (i64.store (i32.const 1280) (i64.const 2))
                    (i64.store (i32.const 1288) (i64.load (i32.load (i32.const 8))))
                    (drop (call $command (i32.const 1280) (i32.const 16))))))"#
    );
    ModText { manifest, wat: module(&code) }
}

/// Handles bells, and increases the wind of the weather.
fn listener(id: &str) -> ModText {
    let manifest = head(id)
        + "[permissions]\nevents = [\"game:Bell\"]\nwrite = [\"game:Weather\"]\n[[system]]\nname = \"run\"\n\
            on = { event = \"game:Bell\", layout = \"{ number: u32, ringer: u32, pitch: f32 }\" }\n\
            [[system.resource]]\nresource = \"game:Weather\"\naccess = \"write\"\n\
            layout = \"{ wind: f32, rain: f32 }\"\n";
    let code = r#"(func (export "sys_run")
        (drop (call $resource_get (i32.const 0) (i32.const 0)))
        (f32.store (i32.const 0) (f32.add (f32.load (i32.const 0))
            (f32.convert_i32_s (call $event_next (i32.const 64) (i32.const 1024)))))
        (drop (call $resource_set (i32.const 0) (i32.const 0))))"#;
    ModText { manifest, wat: module(code) }
}

/// Ids that put mods without conflicts next to each other, since mods run in the order of their ids.
fn id(kind: &str, number: u32) -> String {
    format!("m{number}{kind}")
}

fn mods() -> Vec<(String, ModText)> {
    let mut mods = Vec::new();
    for number in 0..6 {
        let (position, velocity, mood) = (WRITE_POSITION, "game:Velocity", "game:Mood");
        let id = |kind: &str| id(kind, number);
        let velocity = (velocity, "write", "{ x: f32, y: f32 }");
        let mood = (mood, "write", "{ 0: u32 }");
        mods.push((id("a"), worker(&id("a"), &[position], [8, 0], 100 + 60 * number)));
        mods.push((id("b"), worker(&id("b"), &[velocity], [8, 0], 100)));
        mods.push((id("c"), worker(&id("c"), &[mood], [4, 0], 80)));
        mods.push((id("d"), if number % 2 == 0 { breeder(&id("d")) } else { listener(&id("d")) }));
    }
    mods
}

/// A hash of the observable state, every hundred frames.
fn history(threads: usize) -> Vec<u64> {
    let mods = mods();
    let mods: Vec<_> = mods.iter().map(|(id, text)| (id.as_str(), text)).collect();
    let mut game = Game::with(&mods, |plugin| plugin.seed(5).threads(threads));
    game.world().insert_resource(Weather { wind: 0.0, rain: 0.0 });
    for number in 0..40 {
        let x = number as f32;
        let mut entity = game.world().spawn((Position { x, y: 0.0 }, Velocity { x, y: 1.0 }));
        if number % 3 == 0 {
            entity.insert(Mood(number));
        }
    }
    let mut history = Vec::new();
    for frame in 0..FRAMES {
        game.world().resource_mut::<ModTime>().tick += 1;
        game.frame();
        if frame % 100 == 99 {
            let mut hasher = DefaultHasher::new();
            picture(&mut game).hash(&mut hasher);
            format!("{:?}", game.all_reports()).hash(&mut hasher);
            history.push(hasher.finish());
        }
    }
    let faults: u64 = (0..6).step_by(2).map(|number| game.stats(&id("d", number)).faults).sum();
    let suspensions: u64 = (0..6).map(|number| game.stats(&id("a", number)).suspensions).sum();
    assert!(
        faults > 3 && suspensions > 10,
        "{faults} faults, {suspensions} suspensions: it is to be no idyll"
    );
    history
}

#[test]
fn any_number_of_threads_computes_the_same() {
    let alone = history(1);
    for threads in [2, 3, 8] {
        assert_eq!(history(threads), alone, "with {threads} threads");
    }
}
