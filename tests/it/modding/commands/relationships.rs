//! Relationships that mods create and remove, and what is despawned together with an entity.

use bevy_ecs::hierarchy::{ChildOf, Children};
use bevy_ecs::prelude::*;
use tinkerbox::{Expose, ModReportKind, ModStatus};
use tinkerbox_abi::{ModEntity, ModType};
use tinkerbox_macros::mod_type;

use crate::modding::games::game::*;
use crate::modding::games::script::{Cmd, Script, reserved};

/// The type as which a child's parent crosses.
#[mod_type("game:ChildOf")]
struct FlatChildOf {
    parent: ModEntity,
}

/// A relationship that does not despawn its sources with the target.
#[derive(Component)]
#[relationship(relationship_target = LikedBy)]
struct Likes(Entity);

#[derive(Component)]
#[relationship_target(relationship = Likes)]
struct LikedBy(Vec<Entity>);

#[mod_type("game:Likes")]
struct FlatLikes {
    whom: ModEntity,
}

/// The list on a parent, as a game may expose it.
#[mod_type("game:Children")]
struct ChildCount(u32);

macro_rules! crosses {
    ($($flat:ident $field:ident $ty:ident)*) => {
        $(
            impl From<&$ty> for $flat {
                fn from(it: &$ty) -> $flat {
                    $flat { $field: ModEntity::from_bits(it.0.to_bits()) }
                }
            }

            impl TryFrom<$flat> for $ty {
                type Error = ();

                fn try_from(flat: $flat) -> Result<$ty, ()> {
                    Entity::try_from_bits(flat.$field.to_bits()).map($ty).ok_or(())
                }
            }
        )*
    };
}

crosses!(FlatChildOf parent ChildOf FlatLikes whom Likes);

impl From<&Children> for ChildCount {
    fn from(children: &Children) -> ChildCount {
        ChildCount(children.len() as u32)
    }
}

impl TryFrom<ChildCount> for Children {
    type Error = ();

    fn try_from(_: ChildCount) -> Result<Children, ()> {
        Ok(Children::default())
    }
}

const RIGHTS: &str = "[permissions]\n\
    write = [\"game:Position\", \"game:Mood\", \"game:ChildOf\", \"game:Likes\", \"game:Children\"]\n\
    spawn = true\ndespawn = true\n";

/// Without the components of children and parents.
const NO_RELATIONS: &str =
    "[permissions]\nwrite = [\"game:Position\", \"game:Mood\"]\nspawn = true\ndespawn = true\n";

const MOOD: (&str, &[u8]) = (Mood::ID, &[7, 0, 0, 0]);

fn game() -> Game {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    game.app
        .expose_component_as::<ChildOf, FlatChildOf>()
        .expose_component_as::<Likes, FlatLikes>()
        .expose_component_as::<Children, ChildCount>();
    game
}

/// Runs a script's first tick beside a good mod; returns the host's answers.
fn run(game: &mut Game, script: Script) -> Vec<i64> {
    run_with(game, script, RIGHTS)
}

fn run_with(game: &mut Game, script: Script, rights: &str) -> Vec<i64> {
    let witness = game.spawn_at(0.0);
    game.write("script", &script.mod_with(rights, ""));
    game.frame();
    assert_eq!((game.x(witness), game.status("script")), (1.0, ModStatus::Live));
    game.told("script")
}

fn child_of(parent: u64) -> [u8; 8] {
    parent.to_le_bytes()
}

fn parent(game: &Game, child: Entity) -> Option<Entity> {
    game.app.world().get::<ChildOf>(child).map(ChildOf::parent)
}

#[test]
fn a_parent_is_one_that_the_mod_could_name() {
    let mut game = game();
    let [seen, other] = [0, 1].map(|x| game.spawn_at(x as f32));
    let hidden = game.world().spawn(Secret).id();
    let gone = game.spawn_at(0.0);
    game.world().despawn(gone);
    for (id, target) in [("ChildOf", FlatChildOf::ID), ("Likes", FlatLikes::ID)] {
        for nobody in [Entity::from_bits(123_456), hidden, gone, Entity::PLACEHOLDER] {
            let mut game = self::game();
            let [_, child] = [0, 1].map(|x| game.spawn_at(x as f32));
            assert_eq!((game.world().spawn(Secret).id(), child), (hidden, other));
            assert_eq!(game.spawn_at(0.0), gone);
            game.world().despawn(gone);
            let bytes = child_of(nobody.to_bits());
            let commands = [
                Cmd::Spawn(0, &[MOOD, (target, &bytes)]),
                Cmd::Insert(child.to_bits(), &[MOOD, (target, &bytes)]),
                Cmd::Insert(child.to_bits(), &[(target, &bytes)]),
            ];
            assert_eq!(run(&mut game, Script::new().send(&commands)), [0]);
            assert_eq!(game.stats("script").writes_skipped, 3, "{id} {nobody}");
            assert!(game.app.world().get::<Mood>(child).is_none() && parent(&game, child).is_none());
            let text = game.report("script", ModReportKind::GameError);
            assert!(text.contains("the mod may not name that entity, or it does not exist"), "{text}");
        }
    }
    let bytes = child_of(seen.to_bits());
    let commands = [
        Cmd::Spawn(0, &[MOOD, (FlatChildOf::ID, &bytes)]),
        Cmd::Insert(other.to_bits(), &[(FlatChildOf::ID, &bytes)]),
    ];
    assert_eq!(run(&mut game, Script::new().send(&commands)), [0]);
    assert_eq!(game.app.world().get::<Children>(seen).unwrap().len(), 2);
    assert_eq!(game.stats("script").writes_skipped, 0);
}

#[test]
fn no_entity_is_related_to_itself() {
    let mut game = game();
    let it = game.spawn_at(0.0);
    let (own, new) = (child_of(it.to_bits()), child_of(reserved(0)));
    let script = Script::new().reserve(0, 1).send(&[
        Cmd::Insert(it.to_bits(), &[(FlatChildOf::ID, &own)]),
        Cmd::Insert(it.to_bits(), &[(FlatLikes::ID, &own)]),
        Cmd::Spawn(reserved(0), &[MOOD, (FlatChildOf::ID, &new)]),
    ]);
    run(&mut game, script);
    assert_eq!(game.stats("script").writes_skipped, 3);
    assert_eq!(parent(&game, it), None);
}

#[test]
fn circles_are_refused_where_lives_are_tied() {
    for len in 2..=6 {
        let mut game = game();
        let ring: Vec<Entity> = (0..len).map(|x| game.spawn_at(x as f32)).collect();
        let next = |at: usize| child_of(ring[(at + 1) % len].to_bits());
        let values: Vec<[u8; 8]> = (0..len).map(next).collect();
        let of = |id: &'static str| values.iter().map(move |value| [(id, &value[..])]);
        let parts: Vec<_> = of(FlatChildOf::ID).chain(of(FlatLikes::ID)).collect();
        let commands: Vec<_> =
            (0..2 * len).map(|at| Cmd::Insert(ring[at % len].to_bits(), &parts[at])).collect();
        run(&mut game, Script::new().send(&commands));
        assert_eq!(game.stats("script").writes_skipped, 1, "the last one would have closed it");
        let tied = ring.iter().filter(|it| parent(&game, **it).is_some()).count();
        assert_eq!(tied, len - 1);
        let liked = ring.iter().filter(|it| game.app.world().get::<Likes>(**it).is_some()).count();
        assert_eq!(liked, len, "liking goes round");
        let text = game.report("script", ModReportKind::GameError);
        assert!(text.contains("it closes a cycle"), "{text}");
    }
}

#[test]
fn a_row_of_lives_is_no_longer_than_the_game_can_take_down() {
    let mut game = game();
    let root = game.spawn_at(0.0);
    let values: Vec<[u8; 8]> =
        (0..200).map(|at| child_of(if at == 0 { root.to_bits() } else { reserved(at - 1) })).collect();
    let parts: Vec<_> = values.iter().map(|value| [MOOD, (FlatChildOf::ID, &value[..])]).collect();
    let commands: Vec<_> = (0..200).map(|at| Cmd::Spawn(reserved(at as u32), &parts[at])).collect();
    assert_eq!(run(&mut game, Script::new().reserve(0, 200).send(&commands)), [0, 0]);
    let mut moods = game.world().query::<&Mood>();
    assert_eq!(moods.iter(game.app.world()).count(), 64);
    assert_eq!(game.stats("script").writes_skipped, 136);
    game.world().despawn(root);
    assert_eq!(moods.iter(game.app.world()).count(), 0);
    game.frames(3);
}

#[test]
fn what_the_mod_may_not_see_is_not_despawned_with_what_it_may() {
    let mut game = game();
    let [root, child, alone] = [0, 1, 2].map(|x| game.spawn_at(x as f32));
    let hidden = game.world().spawn((Secret, ChildOf(child))).id();
    game.world().entity_mut(child).insert(ChildOf(root));
    let grandchild = game.world().spawn((Mood(1), ChildOf(alone))).id();
    let admirer = game.world().spawn((Secret, Likes(alone))).id();
    let despawns = [root, child, alone].map(|it| Cmd::Despawn(it.to_bits()));
    assert_eq!(run_with(&mut game, Script::new().send(&despawns), NO_RELATIONS), [0]);
    let is_there = |it: Entity| game.app.world().get_entity(it).is_ok();
    assert_eq!([root, child, hidden].map(is_there), [true; 3]);
    assert_eq!([alone, grandchild, admirer].map(is_there), [false, false, true]);
    assert_eq!(game.stats("script").writes_skipped, 2);
    let text = game.report("script", ModReportKind::GameError);
    assert!(text.contains("would also despawn entities that this mod may not name"), "{text}");
}

#[test]
fn the_lists_of_relationships_are_for_reading() {
    let mut game = game();
    let root = game.spawn_at(0.0);
    let child = game.world().spawn((Secret, ChildOf(root))).id();
    let empty: (&str, &[u8]) = (ChildCount::ID, &[0; 4]);
    let script = Script::new()
        .send(&[Cmd::Insert(root.to_bits(), &[empty])])
        .send(&[Cmd::Spawn(0, &[empty])])
        .send(&[Cmd::Remove(root.to_bits(), &[ChildCount::ID])]);
    assert_eq!(run(&mut game, script), [-1; 3]);
    assert_eq!(parent(&game, child), Some(root));
    let writes = "{ component = \"game:Children\", access = \"write\", layout = \"{ 0: u32 }\" }";
    let mut text = plain("writer", "");
    text.manifest =
        head("writer") + RIGHTS + &plain_system("run") + &format!("[[system.query]]\ncolumns = [{writes}]\n");
    game.rewrite("writer", &text);
    assert!(game.report("writer", ModReportKind::Refused).contains("immutable in this game"));
}

/// A stream of numbers from a seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }
}

#[test]
fn in_any_world_any_mod_leaves_what_it_may_not_see_alone_and_a_forest_behind() {
    for seed in 0..60 {
        let mut numbers = Numbers(seed);
        let mut game = game();
        let has_relations = seed % 2 == 0;
        let mut all = Vec::new();
        let mut hidden = Vec::new();
        for at in 0..14 {
            let is_hidden = numbers.below(4) == 0;
            let is_child = at > 0 && numbers.below(3) > 0 && !(is_hidden && has_relations);
            let parent = is_child.then(|| all[numbers.below(at)]);
            let mut it = game.world().spawn_empty();
            if is_hidden {
                it.insert(Secret);
            } else {
                it.insert(Position::default());
            }
            if let Some(parent) = parent {
                it.insert(ChildOf(parent));
            }
            let it = it.id();
            all.push(it);
            hidden.extend(is_hidden.then_some((it, parent)));
        }
        let mut script = Script::new();
        for tick in 1..=4 {
            script = script.in_tick(tick).reserve(0, 4);
            for _ in 0..10 {
                let it = match numbers.below(6) {
                    0 => reserved(numbers.below(4) as u32),
                    1 => numbers.below(200_000) as u64,
                    _ => all[numbers.below(all.len())].to_bits(),
                };
                let bytes = child_of(all[numbers.below(all.len())].to_bits());
                let own = child_of(reserved(numbers.below(4) as u32));
                let id = [FlatChildOf::ID, FlatLikes::ID][numbers.below(2)];
                let link: (&str, &[u8]) = (id, if numbers.below(4) == 0 { &own } else { &bytes });
                script = match numbers.below(8) {
                    0 => script.send(&[Cmd::Despawn(it)]),
                    1 => script.send(&[Cmd::Remove(it, &[id])]),
                    2 => script.send(&[Cmd::Spawn(reserved(numbers.below(4) as u32), &[MOOD, link])]),
                    3 => script.send(&[Cmd::Spawn(0, &[MOOD, link])]),
                    _ if !has_relations => script.send(&[Cmd::Despawn(it)]),
                    _ => script.send(&[Cmd::Insert(it, &[link])]),
                };
            }
        }
        let with_relations = RIGHTS.replace(", \"game:Children\"", "");
        run_with(&mut game, script, if has_relations { &with_relations } else { NO_RELATIONS });
        for _ in 0..5 {
            for (it, parent) in &hidden {
                let there =
                    game.app.world().get_entity(*it).unwrap_or_else(|_| panic!("seed {seed}: {it} has gone"));
                assert_eq!(there.get::<ChildOf>().map(ChildOf::parent), *parent, "seed {seed}");
            }
            check_forest(&mut game, seed);
            game.frame();
        }
        assert_eq!(game.stats("script").game_errors, 0, "seed {seed}: {:?}", game.all_reports());
        assert_eq!((game.status("script"), game.stats("mover").faults), (ModStatus::Live, 0), "seed {seed}");
    }
}

/// Every child is in the list of an existing parent, and the chain of parents ends.
fn check_forest(game: &mut Game, seed: u64) {
    let mut children = game.world().query::<(Entity, &ChildOf)>();
    let world = game.app.world();
    for (child, child_of) in children.iter(world) {
        let list = world.get::<Children>(child_of.parent()).unwrap_or_else(|| panic!("seed {seed}: {child}"));
        assert!(list.contains(&child), "seed {seed}");
        let (mut at, mut steps) = (child, 0);
        while let Some(parent) = world.get::<ChildOf>(at) {
            (at, steps) = (parent.parent(), steps + 1);
            assert!(steps < 100, "seed {seed}: a circle");
        }
    }
}
