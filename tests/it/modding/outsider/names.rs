//! Entities that are not the game's own: those of mods, and what a mod may do to them where the game exposes a type that
//! they have.

use bevy_ecs::prelude::*;
use tinkerbox::{ExposeBevy, ModStatus, Mods};
use tinkerbox_abi::{command, component_key};

use super::*;

/// Gives a command for each entity that has a name; `words` begin with a record for the entity 0x7777.
fn for_each_name(id: &str, permissions: &str, words: &[u64]) -> ModText {
    let at = words.iter().position(|word| *word == 0x7777).unwrap() * 8 + 40_000;
    let bytes = escaped(words.iter().flat_map(|word| word.to_le_bytes()));
    let code = format!(
        "(i64.store (i32.const {at}) (i64.load (local.get $a)))
         (drop (call $command (i32.const 40000) (i32.const {})))",
        words.len() * 8
    );
    let system = "[[system]]\nname = \"run\"\ncommands = true\n[[system.query]]\ncolumns = [{ component = \"entity\", \
                  access = \"read\", layout = \"u64\" }]\nwith = [\"bevy:Name\"]\n";
    ModText {
        manifest: head(id) + permissions + system,
        wat: module(&format!(
            "(data (i32.const 40000) \"{bytes}\") {}",
            each_row("run", [8, 0], 4096, &code)
        )),
    }
}

fn game(attacker: &ModText) -> Game {
    let mut game = Game::new(&[("v", &mover("victim", 1.0)), ("k", attacker)]);
    game.app.add_plugins(ExposeBevy::new().name());
    game
}

#[test]
fn no_mod_despawns_another_mod() {
    let mut words = Vec::new();
    command::push_despawn(&mut words, 0x7777);
    let killer = for_each_name("killer", "[permissions]\nread = [\"bevy:Name\"]\ndespawn = true\n", &words);
    let mut game = game(&killer);
    let witness = game.spawn_at(0.0);
    game.frames(4);
    assert!(game.world().resource::<Mods>().entity("victim").is_some(), "{:#?}", game.all_reports());
    assert_eq!(game.x(witness), 4.0);
}

#[test]
fn no_mod_takes_another_mods_name() {
    let mut words = Vec::new();
    command::push_insert(&mut words, 0x7777, 1);
    let mut name = [0; 64];
    name[..9].copy_from_slice(b"Official!");
    command::push_component(&mut words, component_key("bevy:Name"), &name);
    let liar = for_each_name("liar", "[permissions]\nwrite = [\"bevy:Name\"]\n", &words);
    let mut game = game(&liar);
    game.frames(3);
    let victim = game.entity("victim");
    assert_eq!(game.world().get::<Name>(victim).unwrap().as_str(), "victim");
}

/// A component that hides entities, kept in a sparse set.
#[derive(Component)]
#[component(storage = "SparseSet")]
struct Hidden;

#[test]
fn a_game_may_hide_entities_by_a_component_in_a_sparse_set() {
    let mut game = Game::new(&[("a", &mover("aaa", 1.0))]);
    game.world().register_disabling_component::<Hidden>();
    let entity = game.spawn_at(0.0);
    game.frames(3);
    assert_eq!((game.x(entity), game.status("aaa")), (3.0, ModStatus::Live));
}

#[test]
fn no_mod_gives_components_to_another_mod() {
    let mut words = Vec::new();
    command::push_insert(&mut words, 0x7777, 1);
    command::push_component(&mut words, component_key("game:Mood"), &[1, 0, 0, 0]);
    let marker =
        for_each_name("marker", "[permissions]\nread = [\"bevy:Name\"]\nwrite = [\"game:Mood\"]\n", &words);
    let mut game = game(&marker);
    game.frames(3);
    let victim = game.entity("victim");
    assert!(
        game.world().get::<Mood>(victim).is_none(),
        "a mod has given a component to another mod's entity"
    );
}

/// Gives commands about the entity with these bits, which it knows from elsewhere.
fn by_bits(id: &str, permissions: &str, words: &[u64]) -> ModText {
    let bytes = escaped(words.iter().flat_map(|word| word.to_le_bytes()));
    let system = "[[system]]\nname = \"run\"\ncommands = true\n";
    let code = format!("(drop (call $command (i32.const 40000) (i32.const {})))", words.len() * 8);
    ModText {
        manifest: head(id) + permissions + system,
        wat: module(&format!("(data (i32.const 40000) \"{bytes}\") (func (export \"sys_run\") {code})")),
    }
}

#[test]
fn no_mod_despawns_what_it_can_not_see_by_its_number() {
    let played = |bits: u64| {
        let mut words = Vec::new();
        command::push_despawn(&mut words, bits);
        let permissions = "[permissions]\nread = [\"bevy:Name\"]\ndespawn = true\n";
        let mut game = game(&by_bits("killer", permissions, &words));
        game.app.world_mut().spawn(Name::new("first"));
        game.frames(3);
        game
    };
    let bits = |game: &mut Game, name: &str| {
        let mut named = game.world().query::<(Entity, &Name)>();
        let mut all = named.iter(game.app.world());
        all.find(|(_, is)| is.as_str() == name).map(|(entity, _)| entity.to_bits())
    };
    let mut probe = played(Entity::PLACEHOLDER.to_bits());
    let (first, victim) = (bits(&mut probe, "first").unwrap(), bits(&mut probe, "victim").unwrap());
    assert_eq!(bits(&mut played(first), "first"), None, "entities have the same numbers in each game");
    let mut game = played(victim);
    assert_eq!(bits(&mut game, "victim"), Some(victim));
    assert_eq!((game.status("victim"), game.status("killer")), (ModStatus::Live, ModStatus::Live));
}

#[test]
fn no_mod_despawns_another_mod_with_its_parent() {
    let mut words = Vec::new();
    command::push_despawn(&mut words, 0x7777);
    let killer = for_each_name("killer", "[permissions]\nread = [\"bevy:Name\"]\ndespawn = true\n", &words);
    let mut game = game(&killer);
    game.frame();
    let (parent, other) =
        (game.world().spawn(Name::new("folder")).id(), game.world().spawn(Name::new("x")).id());
    let victim = game.entity("victim");
    game.world().entity_mut(victim).insert(ChildOf(parent));
    game.frames(3);
    assert!(game.world().get_entity(other).is_err(), "it despawns what it sees");
    assert!(game.world().get_entity(parent).is_ok(), "with it the mod would go");
    assert_eq!(game.status("victim"), ModStatus::Live);
}
