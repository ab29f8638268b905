//! Hooks and observers of the game that a mod's changes trigger, and that despawn, insert, remove, spawn, fail,
//! panic, or send commands that do: the game keeps running, and so do the other mods.

use bevy_ecs::error::{BevyError, ErrorHandler, FallbackErrorHandler};
use bevy_ecs::lifecycle::{HookContext, Insert};
use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use bevy_ecs::world::DeferredWorld;
use tinkerbox::{Expose, ModInfo, ModReport, ModReportKind, ModStatus};
use tinkerbox_abi::ModType;
use tinkerbox_macros::mod_type;

use crate::modding::games::game::*;
use crate::modding::games::script::{Cmd, Script, reserved};

/// The reaction of the game's code when it is triggered.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reaction {
    DespawnIt,
    DespawnAnother,
    InsertOnIt,
    RemoveFromIt,
    SpawnMore,
    CommandFails,
    CommandForNobody,
    CommandPanics,
    CommandsInCommands,
    Fail,
    Panic,
}

use Reaction::*;

const REACTIONS: [Reaction; 11] = [
    DespawnIt,
    DespawnAnother,
    InsertOnIt,
    RemoveFromIt,
    SpawnMore,
    CommandFails,
    CommandForNobody,
    CommandPanics,
    CommandsInCommands,
    Fail,
    Panic,
];

/// The reactions that are failures.
const FAILURES: [Reaction; 6] =
    [CommandFails, CommandForNobody, CommandPanics, CommandsInCommands, Fail, Panic];

#[derive(Resource, Clone, Copy)]
struct Reacts {
    how: Reaction,
    another: Entity,
    nobody: Entity,
}

#[derive(Component, Default)]
struct Tag(#[expect(dead_code, reason = "it is there to be dropped")] Vec<u8>);

fn react(reacts: Reacts, entity: Entity, mut commands: Commands<'_, '_>) -> Result<(), BevyError> {
    let fail = |_: &mut World| -> Result<(), BevyError> { Err("the command fails".into()) };
    match reacts.how {
        DespawnIt => commands.entity(entity).try_despawn(),
        DespawnAnother => commands.entity(reacts.another).try_despawn(),
        InsertOnIt => drop(commands.entity(entity).try_insert(Tag(vec![1, 2, 3]))),
        RemoveFromIt => drop(commands.entity(entity).try_remove::<Position>()),
        SpawnMore => drop(commands.spawn(Tag(vec![4, 5, 6]))),
        CommandFails => commands.queue(fail),
        CommandForNobody => drop(commands.entity(reacts.nobody).insert(Tag::default())),
        CommandPanics => commands.queue(|_: &mut World| -> () { panic!("the command panics") }),
        CommandsInCommands => commands.queue(move |world: &mut World| world.commands().queue(fail)),
        Fail => return Err("the observer fails".into()),
        Panic => panic!("the observer panics"),
    }
    Ok(())
}

/// The change that triggers the game's code.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Added,
    Inserted,
    Discarded,
    Removed,
    Despawned,
}

const WHEN: [When; 5] = [When::Added, When::Inserted, When::Discarded, When::Removed, When::Despawned];

fn observe(world: &mut World, when: When) {
    macro_rules! observer {
        ($event:ident) => {{
            world.add_observer(
                |on: On<bevy_ecs::lifecycle::$event<Mood>>, reacts: Res<Reacts>, commands: Commands| {
                    react(*reacts, on.entity, commands)
                },
            );
        }};
    }
    match when {
        When::Added => observer!(Add),
        When::Inserted => observer!(Insert),
        When::Discarded => observer!(Discard),
        When::Removed => observer!(Remove),
        When::Despawned => observer!(Despawn),
    }
}

fn hook(world: &mut World, when: When) {
    fn run(mut world: DeferredWorld<'_>, context: HookContext) {
        let reacts = *world.resource::<Reacts>();
        // The only way for a hook to report an error is to panic.
        react(reacts, context.entity, world.commands()).unwrap();
    }
    let hooks = world.register_component_hooks::<Mood>();
    match when {
        When::Added => hooks.on_add(run),
        When::Inserted => hooks.on_insert(run),
        When::Discarded => hooks.on_discard(run),
        When::Removed => hooks.on_remove(run),
        When::Despawned => hooks.on_despawn(run),
    };
}

const RIGHTS: &str = "[permissions]\nread = [\"game:Velocity\"]\n\
    write = [\"game:Position\", \"game:Mood\", \"game:Species\", \"game:Sheep\"]\nspawn = true\ndespawn = true\n";

const MOOD: (&str, &[u8]) = (Mood::ID, &[7, 0, 0, 0]);
const SPECIES: (&str, &[u8]) = (Species::ID, &[9, 0, 0, 0]);

/// The game's handler of errors outside of mods.
fn give_up(error: BevyError, context: bevy_ecs::error::ErrorContext) {
    panic!("the game gives up: {context}: {error}");
}

fn is_the_games(world: &World) -> bool {
    let ours: ErrorHandler = give_up;
    std::ptr::fn_addr_eq(world.resource::<FallbackErrorHandler>().0, ours)
}

/// A mod triggers the reaction in each way, several times, beside a good mod.
fn trial(when: When, how: Reaction, set_up: fn(&mut World, When), doing: &str) {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    let world = game.world();
    let nobody = world.spawn_empty().id();
    world.despawn(nobody);
    world.insert_resource(FallbackErrorHandler(give_up));
    world.insert_resource(Reacts { how: SpawnMore, another: nobody, nobody });
    set_up(world, when);
    let another = world.spawn((Mood(5), Position::default())).id();
    world.insert_resource(Reacts { how: SpawnMore, another, nobody });
    let it = [0; 6].map(|_| game.world().spawn((Sheep, Position::default())).id());
    let with_mood = [0; 4].map(|_| game.world().spawn((Mood(5), Sheep, Position::default())).id());
    let witness = game.world().spawn(Position::default()).id();
    game.world().resource_mut::<Reacts>().how = how;
    let mut script = Script::new();
    for tick in 1..=3 {
        let at = tick as usize;
        script = script.in_tick(tick).reserve(0, 1).send(&[
            Cmd::Spawn(0, &[MOOD, SPECIES]),
            Cmd::Insert(it[at].to_bits(), &[MOOD]),
            Cmd::Insert(it[at].to_bits(), &[MOOD, SPECIES]),
            Cmd::Remove(it[at].to_bits(), &[Mood::ID, Sheep::ID]),
            Cmd::Despawn(with_mood[at].to_bits()),
            Cmd::Spawn(reserved(0), &[MOOD, SPECIES]),
            Cmd::Insert(reserved(0), &[SPECIES]),
            Cmd::Despawn(reserved(0)),
            Cmd::Spawn(0, &[SPECIES]),
        ]);
    }
    game.write("script", &script.mod_with(RIGHTS, ""));
    let context = format!("{how:?} when a mood is {when:?}, {doing}");
    for frame in 1..=6 {
        game.frame();
        assert_eq!(game.x(witness), frame as f32, "{context}: the good mod moves it");
        assert!(is_the_games(game.world()), "{context}: the game's handler is back");
    }
    assert_eq!(game.told("script"), [0; 6], "{context}");
    for id in ["mover", "script"] {
        assert_eq!((game.status(id), game.stats(id).faults), (ModStatus::Live, 0), "{context}");
    }
    assert_eq!((game.stats("mover").game_errors, game.stats("mover").writes_skipped), (0, 0), "{context}");
    let errors = (game.stats("script").game_errors, game.reports("script", ModReportKind::GameError));
    match FAILURES.contains(&how) {
        true => {
            assert!(errors.0 >= 3, "{context}: each tick sets some off: {errors:?}");
            assert_eq!(errors.1.len(), 3, "{context}: they are told once in a tick: {errors:?}");
        }
        false => assert_eq!(errors, (0, Vec::new()), "{context}"),
    }
    let mut values = game.world().query::<(Option<&Mood>, Option<&Species>)>();
    for (mood, species) in values.iter(game.app.world()) {
        assert!(mood.is_none_or(|mood| [5, 7].contains(&mood.0)), "{context}: {mood:?}");
        assert!(species.is_none_or(|species| species.0 == 9), "{context}: {species:?}");
    }
    let mut alone = game.world().query_filtered::<&Species, Without<Mood>>();
    assert!(alone.iter(game.app.world()).count() >= 3, "{context}: what comes after it is done");
}

#[test]
fn observers_may_do_and_fail_as_they_like() {
    for when in WHEN {
        for how in REACTIONS {
            trial(when, how, observe, "in an observer");
        }
    }
}

#[test]
fn hooks_may_do_and_fail_as_they_like() {
    for when in WHEN {
        for how in REACTIONS {
            trial(when, how, hook, "in a hook");
        }
    }
}

#[test]
fn what_fails_is_told_in_the_name_of_the_mod_with_what_it_was() {
    for (how, words) in [
        (CommandFails, "the command fails"),
        (CommandPanics, "panicked: the command panics"),
        (Fail, "the observer fails"),
        (Panic, "an observer or a hook of a spawn panicked: the observer panics"),
    ] {
        let mut game = Game::new(&[]);
        let another = game.spawn_at(0.0);
        game.world().insert_resource(Reacts { how, another, nobody: another });
        observe(game.world(), When::Added);
        let script =
            Script::new().send(&[Cmd::Spawn(0, &[MOOD]), Cmd::Spawn(0, &[MOOD]), Cmd::Spawn(0, &[MOOD])]);
        game.write("script", &script.mod_with(RIGHTS, ""));
        game.frames(2);
        let text = game.report("script", ModReportKind::GameError);
        assert!(text.contains(words) && text.ends_with("; 2 more failed after it"), "{text}");
        assert_eq!(game.stats("script").game_errors, 3);
        let mut moods = game.world().query::<&Mood>();
        assert_eq!(moods.iter(game.app.world()).count(), 3, "they were spawned before anything failed");
    }
}

#[test]
fn a_handler_that_the_game_sets_meanwhile_stays() {
    fn quiet(_: BevyError, _: bevy_ecs::error::ErrorContext) {}
    let mut game = Game::new(&[]);
    game.world().add_observer(|_: On<Insert<Mood>>, mut commands: Commands| {
        commands.insert_resource(FallbackErrorHandler(quiet));
    });
    game.write("script", &Script::new().send(&[Cmd::Spawn(0, &[MOOD])]).mod_with(RIGHTS, ""));
    game.frames(2);
    let ours: ErrorHandler = quiet;
    assert!(std::ptr::fn_addr_eq(game.world().resource::<FallbackErrorHandler>().0, ours));
}

#[test]
fn a_conversion_that_panics_counts_as_one_that_refuses() {
    let mut game = Game::new(&[]);
    game.app.expose_component_as::<Third, ThirdNumber>();
    let value = |number: u32| number.to_le_bytes();
    let (good, bad) = (value(2), value(3));
    let script = Script::new()
        .send(&[Cmd::Spawn(0, &[(ThirdNumber::ID, &good)])])
        .send(&[Cmd::Spawn(0, &[(ThirdNumber::ID, &bad)])]);
    game.write("script", &script.mod_with("[permissions]\nwrite = [\"game:Third\"]\nspawn = true\n", ""));
    game.frames(2);
    assert_eq!(game.told("script"), [0, -4]);
    let mut all = game.world().query::<&Third>();
    assert_eq!(all.iter(game.app.world()).count(), 1);
}

/// One of three.
#[derive(Component, Clone, Copy)]
struct Third(usize);

#[mod_type("game:Third")]
struct ThirdNumber(u32);

impl From<&Third> for ThirdNumber {
    fn from(third: &Third) -> ThirdNumber {
        ThirdNumber(third.0 as u32)
    }
}

impl TryFrom<ThirdNumber> for Third {
    type Error = ();

    fn try_from(number: ThirdNumber) -> Result<Third, ()> {
        // As in a game that does not consider untrusted mods.
        Ok(Third([0, 1, 2][number.0 as usize]))
    }
}

#[test]
fn what_the_plugin_keeps_in_the_world_may_be_taken_from_it() {
    for way in 0..6 {
        let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
        let witness = game.spawn_at(0.0);
        game.frame();
        let world = game.world();
        match way {
            0 => drop(world.remove_resource::<tinkerbox::ModTime>()),
            1 => drop(world.remove_resource::<tinkerbox::Mods>()),
            2 => drop(world.remove_resource::<tinkerbox::ModReloads>()),
            3 => drop(world.remove_resource::<FallbackErrorHandler>()),
            4 => drop(world.remove_resource::<Messages<ModReport>>()),
            _ => {
                let mods: Vec<Entity> = world.query_filtered::<Entity, With<ModInfo>>().iter(world).collect();
                mods.into_iter().for_each(|it| {
                    world.entity_mut(it).clear();
                });
            }
        }
        let world = game.world();
        // The clock of these tests needs these resources.
        world.init_resource::<tinkerbox::ModTime>();
        world.init_resource::<Messages<ModReport>>();
        game.frames(3);
        assert_eq!(game.x(witness), 4.0, "in way {way}");
    }
}
