//! Mirrors whose way back asks the world: which values there are depends on a resource, when a mod writes and when it lands.

use bevy_ecs::prelude::*;
use tinkerbox::{Expose, FromMirror, ModStatus};
use tinkerbox_abi::ModType;
use tinkerbox_macros::mod_type;

use crate::modding::games::game::*;
use crate::modding::games::script::{Cmd, Script};

/// A portrait by its name; there are as many as the gallery has, of which mods know the numbers.
#[derive(Component, Clone, Debug, PartialEq)]
struct Portrait(String);

/// The same in a sparse set.
#[derive(Component, Clone, Debug, PartialEq)]
#[component(storage = "SparseSet")]
struct Sketch(String);

#[mod_type("game:Gallery")]
#[derive(Resource)]
struct Gallery {
    size: u32,
}

#[mod_type("game:Portrait")]
struct PortraitSeen {
    number: u32,
}

#[mod_type("game:Sketch")]
struct SketchSeen {
    number: u32,
}

fn name(number: u32) -> String {
    format!("portrait {number}")
}

fn number(name: &str) -> u32 {
    name.rsplit(' ').next().unwrap().parse().unwrap()
}

impl From<&Portrait> for PortraitSeen {
    fn from(it: &Portrait) -> PortraitSeen {
        PortraitSeen { number: number(&it.0) }
    }
}

impl FromMirror<PortraitSeen> for Portrait {
    fn from_mirror(seen: PortraitSeen, world: &World) -> Option<Portrait> {
        (seen.number < world.get_resource::<Gallery>()?.size).then(|| Portrait(name(seen.number)))
    }
}

impl From<&Sketch> for SketchSeen {
    fn from(it: &Sketch) -> SketchSeen {
        SketchSeen { number: number(&it.0) }
    }
}

impl FromMirror<SketchSeen> for Sketch {
    fn from_mirror(seen: SketchSeen, world: &World) -> Option<Sketch> {
        (seen.number < world.get_resource::<Gallery>()?.size).then(|| Sketch(name(seen.number)))
    }
}

/// A game with a gallery of three, and an entity with both components.
fn game() -> (Game, Entity) {
    let mut game = Game::new(&[]);
    game.app
        .expose_component_by_world::<Portrait, PortraitSeen>()
        .expose_component_by_world::<Sketch, SketchSeen>()
        .expose_resource::<Gallery>();
    game.world().insert_resource(Gallery { size: 3 });
    let entity = game.world().spawn((Portrait(name(0)), Sketch(name(0)))).id();
    (game, entity)
}

/// A mod that runs `first`, and writes a number into all rows of a component.
fn writer(component: &str, number: u32, first: &str) -> ModText {
    let body = format!("(i32.store (local.get $a) (i32.const {number}))");
    let rows = each_row("run", [4, 0], 1_024, &body);
    let rows = rows.replacen("(loop $chunks", &format!("{first} (loop $chunks"), 1);
    ModText {
        manifest: head("aaa")
            + "[permissions]\nwrite = [\"game:Portrait\", \"game:Sketch\", \"game:Gallery\"]\n"
            + "[[system]]\nname = \"run\"\n"
            + &format!(
                "[[system.query]]\ncolumns = [{{ component = \"game:{component}\", access = \"write\", \
                 layout = \"{{ number: u32 }}\" }}]\n"
            )
            + "[[system.resource]]\nresource = \"game:Gallery\"\naccess = \"write\"\nlayout = \"{ size: u32 }\"\n",
        wat: module(&rows),
    }
}

fn held(game: &Game, entity: Entity) -> [String; 2] {
    let entity = game.app.world().entity(entity);
    [entity.get::<Portrait>().unwrap().0.clone(), entity.get::<Sketch>().unwrap().0.clone()]
}

#[test]
fn which_values_there_are_depends_on_the_world() {
    for (column, component) in ["Portrait", "Sketch"].into_iter().enumerate() {
        for size in 0..5 {
            for written in 1..6 {
                let (mut game, entity) = game();
                game.world().insert_resource(Gallery { size });
                game.write("a", &writer(component, written, ""));
                game.frame();
                let is_one = written < size;
                let status = game.status("aaa");
                assert_eq!(status == ModStatus::Live, is_one, "{component} {size} {written}: {status:?}");
                let mut expected = [name(0), name(0)];
                expected[column] = name(if is_one { written } else { 0 });
                assert_eq!(held(&game, entity), expected, "{size} {written}");
            }
        }
    }
}

#[test]
fn a_value_that_is_none_any_more_when_it_lands_is_not_written() {
    let empty =
        "(i32.store (i32.const 128) (i32.const 0)) (drop (call $resource_set (i32.const 0) (i32.const 128)))";
    for component in ["Portrait", "Sketch"] {
        let (mut game, entity) = game();
        game.world().spawn((Portrait(name(1)), Sketch(name(1))));
        game.write("a", &writer(component, 2, empty));
        game.frame();
        assert_eq!(game.world().resource::<Gallery>().size, 0, "it is written first");
        assert_eq!(held(&game, entity), [name(0), name(0)], "{component}");
        let stats = game.stats("aaa");
        assert_eq!((stats.faults, stats.writes_skipped), (0, 2), "{component}");
    }
}

#[test]
fn what_is_spawned_and_inserted_asks_the_world_too() {
    for (number, answer) in [(2u32, 0), (3, -4)] {
        let (mut game, entity) = game();
        let bytes = number.to_le_bytes();
        let parts: [(&str, &[u8]); 2] = [("game:Portrait", &bytes), ("game:Sketch", &bytes)];
        let commands = [Cmd::Spawn(0, &parts), Cmd::Insert(entity.to_bits(), &parts)];
        let rights = "[permissions]\nwrite = [\"game:Portrait\", \"game:Sketch\"]\nspawn = true\n";
        game.write("script", &Script::new().send(&commands).mod_with(rights, ""));
        game.frame();
        assert_eq!(game.told("script"), [answer], "{number}");
        let is_one = answer == 0;
        assert_eq!(held(&game, entity), [(); 2].map(|()| name(if is_one { number } else { 0 })));
        let mut all = game.world().query::<(&Portrait, &Sketch)>();
        assert_eq!(all.iter(game.app.world()).count(), if is_one { 2 } else { 1 });
    }
}

#[test]
fn a_spawn_whose_value_is_none_any_more_when_it_lands_is_skipped_whole() {
    let (mut game, _) = game();
    // Each portrait that is hung makes the gallery smaller.
    game.world().add_observer(
        |_: On<bevy_ecs::lifecycle::Insert<Portrait>>, mut gallery: ResMut<Gallery>| {
            gallery.size = 0;
        },
    );
    let parts: [(&str, &[u8]); 1] = [("game:Portrait", &[2, 0, 0, 0])];
    let after: [(&str, &[u8]); 1] = [(Position::ID, &[0; 8])];
    let commands = [Cmd::Spawn(0, &parts), Cmd::Spawn(0, &parts), Cmd::Spawn(0, &after)];
    let rights = "[permissions]\nwrite = [\"game:Portrait\", \"game:Position\"]\nspawn = true\n";
    game.write("script", &Script::new().send(&commands).mod_with(rights, ""));
    game.frame();
    assert_eq!((game.told("script"), game.stats("script").writes_skipped), (vec![0], 1));
    let mut all = game.world().query::<&Portrait>();
    assert_eq!(all.iter(game.app.world()).filter(|it| it.0 == name(2)).count(), 1);
    let mut all = game.world().query::<&Position>();
    assert_eq!(all.iter(game.app.world()).count(), 1, "the one after it is made");
}
