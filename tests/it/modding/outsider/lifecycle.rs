//! What mods are told of components, whose entities are whose, and mods that wait in the middle of a system.

use bevy_ecs::entity_disabling::Disabled;
use bevy_ecs::prelude::*;
use bevy_ecs::resource::IsResource;
use tinkerbox::{Expose, ModInfo, ModReportKind, ModStats, ModStatus, Mods, SpawnedBy, WhenGone};
use tinkerbox_abi::{command, component_key};
use tinkerbox_macros::mod_type;

use super::*;
use crate::modding::games::log_lines::log_lines;
use crate::modding::lifecycle::{TELL_EACH, ids, mourner, teller};

/// The sides of a rectangle.
#[derive(Component, Clone)]
struct Field {
    width: u32,
    height: u32,
}

#[mod_type("game:Sides")]
struct Sides {
    width: u32,
    height: u32,
}

#[mod_type("game:Width")]
struct Width {
    width: u32,
}

impl From<&Field> for Sides {
    fn from(field: &Field) -> Sides {
        Sides { width: field.width, height: field.height }
    }
}

impl From<Sides> for Field {
    fn from(Sides { width, height }: Sides) -> Field {
        Field { width, height }
    }
}

impl From<&Field> for Width {
    fn from(field: &Field) -> Width {
        Width { width: field.width }
    }
}

impl From<Width> for Field {
    fn from(Width { width }: Width) -> Field {
        Field { width, height: width }
    }
}

#[test]
fn of_two_mirrors_each_is_told_once() {
    for what in ["added", "removed", "despawned"] {
        let sides = teller("sides", what, "game:Sides", TELL_EACH);
        let width = teller("width", what, "game:Width", TELL_EACH);
        let mut game = Game::new(&[("s", &sides), ("w", &width)]);
        game.app.expose_component_as::<Field, Sides>().expose_component_as::<Field, Width>();
        game.frame();
        let entity = game.world().spawn(Field { width: 1, height: 2 }).id();
        if what == "removed" {
            game.world().entity_mut(entity).remove::<Field>();
        } else if what == "despawned" {
            game.world().despawn(entity);
        }
        game.frames(2);
        let expected = ids(&[entity]);
        assert_eq!((game.told("sides"), game.told("width")), (expected.clone(), expected), "{what}");
    }
}

#[test]
fn a_refused_folder_that_goes_takes_nothing_from_the_mod_with_its_id() {
    let it = mourner("aaa", "game:Mood", TELL_EACH);
    let mut game = Game::new(&[("a", &it), ("b", &it)]);
    game.frame();
    game.report("aaa", ModReportKind::Refused);
    let entity = game.world().spawn(Mood(1)).id();
    game.frame();
    game.world().entity_mut(entity).remove::<Mood>();
    game.take_out("b");
    game.frames(2);
    assert_eq!(game.told("aaa"), ids(&[entity]));
}

#[test]
fn mods_are_told_after_the_game_has_despawned_all_its_entities() {
    let mut game = Game::new(&[("a", &teller("aaa", "added", "game:Mood", TELL_EACH))]);
    game.frame();
    let mut entity = Entity::PLACEHOLDER;
    let lines = log_lines(|| {
        // A new level.
        let all: Vec<Entity> = game
            .world()
            .query_filtered::<Entity, (Without<IsResource>, Without<ModInfo>)>()
            .iter(game.app.world())
            .collect();
        all.into_iter().for_each(|entity| _ = game.world().despawn(entity));
        game.frame();
        entity = game.world().spawn(Mood(1)).id();
        game.frames(2);
    });
    assert!(
        game.told("aaa") == ids(&[entity]) || !lines.is_empty(),
        "it is never told again, and nothing is said"
    );
}

/// A mod that spawns an entity with a mood in its first tick.
fn spawner(id: &str) -> ModText {
    let mut words = Vec::new();
    command::push_spawn(&mut words, 0, 1);
    command::push_component(&mut words, component_key(<Mood as tinkerbox_abi::ModType>::ID), &[1, 0, 0, 0]);
    let (bytes, len) = (escaped(words.iter().flat_map(|word| word.to_le_bytes())), words.len() * 8);
    ModText {
        manifest: head(id)
            + "[permissions]\nwrite = [\"game:Mood\"]\nspawn = true\n"
            + &plain_system("run")
            + "commands = true\n",
        wat: module(&format!(
            "(data (i32.const 1024) \"{bytes}\") (global $is_done (mut i32) (i32.const 0))
             (func (export \"sys_run\")
                (if (i32.eqz (global.get $is_done)) (then
                    (drop (call $command (i32.const 1024) (i32.const {len})))))
                (global.set $is_done (i32.const 1)))"
        )),
    }
}

#[test]
fn what_the_game_has_given_away_meanwhile_is_not_taken_back() {
    for to in [Some("bbb"), None] {
        let mut game = Game::new(&[("a", &spawner("aaa")), ("b", &plain("bbb", ""))]);
        game.frames(2);
        let entity = game.world().query_filtered::<Entity, With<Mood>>().single(game.app.world()).unwrap();
        game.take_out("a");
        // The game decides whose it is from now on.
        let new = to.map(|id| game.entity(id));
        match new {
            Some(new) => drop(game.world().entity_mut(entity).insert(SpawnedBy::new(new))),
            None => drop(game.world().entity_mut(entity).remove::<SpawnedBy>()),
        }
        game.rewrite("a", &spawner("aaa"));
        game.frame();
        let owner = game.world().get::<SpawnedBy>(entity).map(SpawnedBy::mod_entity);
        assert_eq!(owner, new, "{to:?}");
    }
}

/// A component that hides entities in this game, kept in a sparse set.
#[derive(Component)]
#[component(storage = "SparseSet")]
struct Hidden;

#[test]
fn what_is_hidden_when_its_mod_goes_is_its_own_all_the_same() {
    type Hide = fn(&mut EntityWorldMut<'_>);
    let ways: [Hide; 2] = [|entity| _ = entity.insert(Disabled), |entity| _ = entity.insert(Hidden)];
    for (when_gone, hide) in
        [WhenGone::Keep, WhenGone::Despawn].into_iter().flat_map(|gone| ways.map(|way| (gone, way)))
    {
        let mut game = Game::with(&[("a", &spawner("aaa"))], |plugin| plugin.when_gone(when_gone));
        game.world().register_disabling_component::<Hidden>();
        game.frames(2);
        let entity = game.world().query_filtered::<Entity, With<Mood>>().single(game.app.world()).unwrap();
        hide(&mut game.world().entity_mut(entity));
        game.take_out("a");
        if when_gone == WhenGone::Despawn {
            assert!(game.world().get_entity(entity).is_err(), "it is still there");
            continue;
        }
        game.rewrite("a", &spawner("aaa"));
        game.frame();
        let (owner, new) =
            (game.world().get::<SpawnedBy>(entity).map(SpawnedBy::mod_entity), game.entity("aaa"));
        assert_eq!(owner, Some(new));
    }
}

#[test]
fn what_is_so_now_survives_the_loss_of_a_mods_statistics() {
    let mut game = Game::new(&[("a", &spawner("aaa"))]);
    game.frames(2);
    let entity = game.entity("aaa");
    game.world().entity_mut(entity).insert(ModStats::default());
    game.frames(2);
    assert_eq!(
        (game.stats("aaa").spawned, game.stats("aaa").generation),
        (1, 1),
        "one lives, of the first version"
    );
    // Meanwhile the one that lives goes.
    game.world().entity_mut(entity).remove::<ModStats>();
    let spawned = game.world().query_filtered::<Entity, With<Mood>>().single(game.app.world()).unwrap();
    game.world().despawn(spawned);
    game.world().entity_mut(entity).insert(ModStats { spawned: 7, ..ModStats::default() });
    assert_eq!(game.stats("aaa").spawned, 0);
}

/// A mod that is suspended for some frames, and tells its number at the end.
fn slow(number: u32) -> ModText {
    ModText {
        manifest: head("aaa") + "[budget]\nfuel = 2000\nburst = 2000\n" + &plain_system("run"),
        wat: module(&format!(
            "{TELL} (func (export \"sys_run\") (local $i i32) {} (call $tell (i32.const {number})))",
            ado(3_000)
        )),
    }
}

fn suspended() -> Game {
    let mut game = Game::new(&[("a", &slow(1))]);
    game.frames(3);
    assert!(matches!(game.status("aaa"), ModStatus::Suspended { .. }));
    game
}

#[test]
fn a_suspended_mod_is_reloaded_while_mods_are_paused_or_that_is_said() {
    let mut game = suspended();
    game.world().resource_mut::<Mods>().pause(true);
    let before = game.all_reports().len();
    game.rewrite("a", &slow(2));
    game.frames(100);
    assert!(game.all_reports().len() > before, "the pause menu shows nothing at all");
    game.world().resource_mut::<Mods>().pause(false);
    game.frames(20);
    assert!(heard(&game).contains(&2), "it takes over when the system has finished");
}

#[test]
fn a_suspended_mod_that_is_off_is_reloaded_or_that_is_said() {
    let mut game = suspended();
    ask(&mut game, "a", Mods::disable);
    let before = game.all_reports().len();
    game.rewrite("a", &slow(2));
    game.frames(100);
    assert_eq!(game.all_reports().len(), before + 1, "the new version waits, and that is said once");
    // A reset ends the system, too.
    ask(&mut game, "a", Mods::reset);
    game.frames(2);
    assert_eq!(game.reports("aaa", ModReportKind::Reloaded).len(), 1);
}

#[test]
fn a_mod_that_is_off_does_not_keep_another_one_from_being_reloaded() {
    // The new version of `bbb` is ordered by a system of the new version of `aaa`, which is off in the middle of a system.
    let b = |number, after: &str| {
        let mut text = version("bbb", number, "");
        text.manifest = text.manifest.replace("name = \"run\"\n", &format!("name = \"run\"\n{after}"));
        text
    };
    let mut game = Game::new(&[("a", &slow(1)), ("b", &b(7, ""))]);
    game.frames(3);
    ask(&mut game, "a", Mods::disable);
    let mut renamed = slow(2);
    renamed.manifest = renamed.manifest.replace("name = \"run\"", "name = \"walk\"");
    renamed.wat = renamed.wat.replace("sys_run", "sys_walk");
    game.write("a", &renamed);
    game.write("b", &b(8, "after = [\"aaa:walk\"]\n"));
    let before = game.all_reports().len();
    game.changed_all(&["a", "b"]);
    game.frames(100);
    let said = game.all_reports()[before..]
        .iter()
        .any(|report| report.mod_id == "bbb" && !matches!(report.kind, ModReportKind::Log(_)));
    assert!(heard(&game).contains(&8) || said, "bbb waits for a mod that is off, and nothing is said");
    assert!(!heard(&game).contains(&8));
    ask(&mut game, "a", Mods::enable);
    game.frames(20);
    assert!(
        [2, 8].iter().all(|number| heard(&game).contains(number)),
        "both take over: {:#?}",
        game.all_reports()
    );
}
