//! Bevy's own types as mods see them, in a game with mods that are text.

use bevy_app::{App, FixedUpdate, Update};
use bevy_ecs::prelude::*;
use bevy_ecs::reflect::{AppTypeRegistry, ReflectComponent};
use bevy_input::ButtonState;
use bevy_input::keyboard::{Key, KeyCode, KeyboardInput};
use bevy_reflect::Reflect;
use bevy_state::app::{AppExtStates, StatesPlugin};
use bevy_state::state::{State, States};
use bevy_time::{Fixed, Time};
use bevy_transform::components::Transform;
use std::time::Duration;
use tempfile::TempDir;
use tinkerbox::prelude::*;
use tinkerbox::{LoadMods, interface};

/// A game with one mod.
struct Game {
    app: App,
    _folder: TempDir,
}

impl Game {
    /// The mod has `permissions` and `systems`, and this body of its module, with memory and what of the contract it needs.
    fn new(
        expose: impl FnOnce(&mut App),
        plugin: impl FnOnce(ModdingPlugin) -> ModdingPlugin,
        text: [&str; 2],
    ) -> Game {
        let folder = tempfile::tempdir().unwrap();
        let of_mod = folder.path().join("a");
        std::fs::create_dir(&of_mod).unwrap();
        let [manifest, body] = text;
        let manifest = format!("[mod]\nid = \"aaa\"\nversion = \"0.1.0\"\napi = 1\n{manifest}");
        std::fs::write(of_mod.join("mod.toml"), manifest).unwrap();
        let module = format!(
            r#"(module
                (import "tinkerbox1" "view_next" (func $view_next (param i32 i32 i32 i32) (result i32)))
                (import "tinkerbox1" "command" (func $command (param i32 i32) (result i32)))
                (import "tinkerbox1" "event_next" (func $event_next (param i32 i32) (result i32)))
                (import "tinkerbox1" "resource_get" (func $resource_get (param i32 i32) (result i32)))
                (import "tinkerbox1" "resource_set" (func $resource_set (param i32 i32) (result i32)))
                (import "tinkerbox1" "log" (func $log (param i32 i32 i32)))
                {body})"#
        );
        std::fs::write(of_mod.join("mod.wasm"), wat::parse_str(module).unwrap()).unwrap();
        let mut app = App::new();
        expose(&mut app);
        app.add_plugins(plugin(
            ModdingPlugin::new(folder.path()).wait_for_mods(true).watch(false).threads(1),
        ));
        Game { app, _folder: folder }
    }

    fn frames(&mut self, frames: usize) {
        (0..frames).for_each(|_| self.app.update());
    }

    /// The mod's status, and what was last reported of it.
    fn status(&mut self) -> (ModStatus, String) {
        let world = self.app.world_mut();
        let (status, stats) = world.query::<(&ModStatus, &ModStats)>().single(world).unwrap();
        (*status, stats.last_message.clone())
    }

    #[track_caller]
    fn assert_live(&mut self) {
        let (status, message) = self.status();
        assert_eq!(status, ModStatus::Live, "{message}");
    }
}

const TRANSFORM: &str = "{ translation: Vec3 { x: f32, y: f32, z: f32 }, rotation: Quat { x: f32, y: f32, z: f32, w: f32 }, scale: Vec3 { x: f32, y: f32, z: f32 } }";

/// Moves everything by one to the right, and lists its rows.
const MOVES: &str = r#"(memory (export "memory") 1)
    (func (export "sys_run") (local $rows i32) (local $at i32)
        (local.set $rows (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 8192)))
        (local.set $at (i32.load (i32.const 8)))
        (loop $each
            (if (i32.gt_s (local.get $rows) (i32.const 0)) (then
                (f32.store (local.get $at) (f32.add (f32.load (local.get $at)) (f32.const 1)))
                (local.set $at (i32.add (local.get $at) (i32.const 40)))
                (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
                (br $each)))))"#;

fn moves() -> String {
    format!(
        "[permissions]\nwrite = [\"bevy:Transform\"]\n[[system]]\nname = \"run\"\n[[system.query]]\ncolumns = [{{ component = \
         \"bevy:Transform\", access = \"write\", layout = \"{TRANSFORM}\" }}]\n"
    )
}

/// The mod is the same, whichever way the game exposes the type.
#[test]
fn transforms_are_moved_by_mirror_and_by_reflection() {
    let ways: [fn(&mut App); 2] = [
        |app| {
            app.add_plugins(ExposeBevy::new().transform().global_transform());
        },
        |app| {
            app.expose_reflected::<Transform>("bevy:Transform");
        },
    ];
    for expose in ways {
        let mut game = Game::new(expose, |plugin| plugin, [&moves(), MOVES]);
        let world = game.app.world_mut();
        let start: Vec<Transform> = (0..9)
            .map(|it| {
                let mut transform = Transform::from_xyz(it as f32, 2.0, 3.0);
                transform.rotate_x(0.1 * it as f32);
                transform
            })
            .collect();
        let entities: Vec<Entity> = world.spawn_batch(start.clone()).collect();
        game.frames(3);
        game.assert_live();
        for (entity, start) in entities.into_iter().zip(start) {
            let mut moved = start;
            moved.translation.x += 3.0;
            assert_eq!(*game.app.world().get::<Transform>(entity).unwrap(), moved);
        }
    }
}

#[derive(Resource, Reflect, Clone, Debug, Default, PartialEq)]
struct Weather {
    wind: f32,
    storm: bool,
    #[reflect(ignore)]
    hidden: Vec<u8>,
}

#[test]
fn a_resource_is_read_and_written_by_its_reflection_and_wrong_bytes_are_a_fault() {
    let manifest = "[permissions]\nwrite = [\"game:Weather\"]\n[[system]]\nname = \"run\"\n[[system.resource]]\nresource = \
                    \"game:Weather\"\naccess = \"write\"\nlayout = \"{ wind: f32, storm: bool, pad: [u8; 3] }\"\n";
    let body = |storm: u8| {
        format!(
            r#"(memory (export "memory") 1)
            (func (export "sys_run")
                (drop (call $resource_get (i32.const 0) (i32.const 8)))
                (f32.store (i32.const 8) (f32.mul (f32.load (i32.const 8)) (f32.const 2)))
                (i32.store8 (i32.const 12) (i32.const {storm}))
                (drop (call $resource_set (i32.const 0) (i32.const 8))))"#
        )
    };
    for storm in [0, 1, 2, 255] {
        let expose = |app: &mut App| {
            app.expose_reflected_resource::<Weather>("game:Weather");
            app.insert_resource(Weather { wind: 3.0, storm: true, hidden: vec![1, 2] });
        };
        let mut game = Game::new(expose, |plugin| plugin, [manifest, &body(storm)]);
        game.frames(1);
        let weather = game.app.world().resource::<Weather>().clone();
        let (status, message) = game.status();
        if storm < 2 {
            assert_eq!(weather, Weather { wind: 6.0, storm: storm == 1, hidden: vec![1, 2] }, "{message}");
        } else {
            assert!(matches!(status, ModStatus::Faulted { .. }), "{status:?}");
            assert!(message.contains("its `storm` is") && message.contains("a bool is 0 or 1"), "{message}");
            assert_eq!(weather, Weather { wind: 3.0, storm: true, hidden: vec![1, 2] });
        }
    }
}

#[derive(States, ModMirror, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[mod_mirror("harbor:Screen")]
enum Screen {
    #[default]
    Menu,
    Harbor,
    Sea,
}

#[test]
fn states_are_read_and_asked_for() {
    let manifest = "[permissions]\nread = [\"harbor:Screen\"]\nfunctions = [\"harbor:go_to\"]\n[[system]]\nname = \"run\"\n\
                    [[system.resource]]\nresource = \"harbor:Screen\"\naccess = \"read\"\nlayout = \"{ kind: ScreenKind enum u8 \
                    { Menu = 0, Harbor = 1, Sea = 2 } }\"\n";
    // Goes to the next state, up to one that is not there.
    let body = r#"(import "harbor" "go_to" (func $go_to (param i32)))
        (memory (export "memory") 1)
        (func (export "sys_run")
            (drop (call $resource_get (i32.const 0) (i32.const 8)))
            (call $go_to (i32.add (i32.load8_u (i32.const 8)) (i32.const 1))))"#;
    let expose = |app: &mut App| {
        app.add_plugins(StatesPlugin).init_state::<Screen>();
        app.expose_state::<Screen>().expose_next_state::<Screen>("harbor:go_to", 100);
    };
    let mut game = Game::new(expose, |plugin| plugin, [manifest, body]);
    let text = interface(game.app.world(), "harbor").unwrap().to_toml().unwrap();
    assert!(text.contains("Goes to another state: 0 is Menu, 1 is Harbor, 2 is Sea."), "{text}");
    let mut seen = Vec::new();
    for _ in 0..3 {
        game.frames(1);
        seen.push(*game.app.world().resource::<State<Screen>>().get());
    }
    assert_eq!(seen, [Screen::Menu, Screen::Harbor, Screen::Sea]);
    let (status, message) = game.status();
    assert!(matches!(status, ModStatus::Faulted { .. }), "{status:?}");
    assert!(message.contains("there is no state of `harbor:Screen` with this number"), "{message}");
}

#[test]
fn keys_are_events_with_their_names() {
    let layout = "{ key: text[30], pressed: bool, repeat: bool }";
    let manifest = format!(
        "[permissions]\nevents = [\"bevy:KeyboardInput\"]\n[[system]]\nname = \"run\"\non = {{ event = \"bevy:KeyboardInput\", \
         layout = \"{layout}\" }}\n"
    );
    // Writes the name of each key into the log.
    let body = r#"(memory (export "memory") 1)
        (func (export "sys_run") (local $events i32) (local $at i32)
            (local.set $events (call $event_next (i32.const 64) (i32.const 4096)))
            (local.set $at (i32.const 64))
            (loop $each
                (if (i32.gt_s (local.get $events) (i32.const 0)) (then
                    (call $log (i32.const 2) (local.get $at) (i32.const 8))
                    (local.set $at (i32.add (local.get $at) (i32.const 32)))
                    (local.set $events (i32.sub (local.get $events) (i32.const 1)))
                    (br $each)))))"#;
    let expose = |app: &mut App| {
        app.add_plugins(ExposeBevy::new().input());
    };
    let mut game = Game::new(expose, |plugin| plugin, [&manifest, body]);
    game.frames(1);
    let key = |key_code| KeyboardInput {
        key_code,
        logical_key: Key::Space,
        state: ButtonState::Pressed,
        text: None,
        repeat: false,
        window: Entity::PLACEHOLDER,
    };
    let world = game.app.world_mut();
    world.write_message_batch([key(KeyCode::ArrowUp), key(KeyCode::Space)]);
    let mut reports = world.resource::<Messages<ModReport>>().get_cursor_current();
    game.frames(1);
    let reports = reports.read(game.app.world().resource::<Messages<ModReport>>());
    let logged: Vec<String> = reports
        .filter(|report| matches!(report.kind, ModReportKind::Log(_)))
        .map(|report| report.text.trim_end_matches('\0').to_owned())
        .collect();
    assert_eq!(logged.len(), 2, "{logged:?}");
    assert!(logged[0].starts_with("ArrowUp") && logged[1].starts_with("Space"), "{logged:?}");
}

#[test]
fn the_time_of_mods_follows_bevys_clocks() {
    let idle = ["[[system]]\nname = \"run\"\n", r#"(memory (export "memory") 1) (func (export "sys_run"))"#];
    // Clocks that the test sets.
    let with_time = |app: &mut App| {
        app.init_resource::<Time>().insert_resource(Time::<Fixed>::from_hz(64.0));
    };
    let mut game = Game::new(with_time, |it| it.clock(ModClock::Time), idle);
    let mut expected = 0;
    for milliseconds in [0, 16, 0, 20] {
        game.app.world_mut().resource_mut::<Time>().advance_by(Duration::from_millis(milliseconds));
        game.frames(1);
        expected += u64::from(milliseconds > 0);
        let time = *game.app.world().resource::<ModTime>();
        assert_eq!(time.tick, expected, "a clock that stands does not advance it");
        if milliseconds > 0 {
            assert_eq!(time.delta, milliseconds as f32 / 1000.0);
        }
    }

    let fixed = |it: ModdingPlugin| it.clock(ModClock::Fixed).schedule(FixedUpdate);
    let mut game = Game::new(with_time, fixed, idle);
    game.app.add_systems(Update, |world: &mut World| (0..3).for_each(|_| world.run_schedule(FixedUpdate)));
    game.frames(2);
    assert_eq!(*game.app.world().resource::<ModTime>(), ModTime { tick: 6, delta: 1.0 / 64.0 });

    // Without the clock no time passes, and the game runs.
    let mut game = Game::new(|_| {}, |it| it.clock(ModClock::Time), idle);
    game.frames(3);
    assert_eq!(game.app.world().resource::<ModTime>().tick, 0);
}

#[test]
fn no_time_passes_for_mods_that_rest() {
    #[derive(Resource)]
    struct Sails;

    let idle = ["[[system]]\nname = \"run\"\n", r#"(memory (export "memory") 1) (func (export "sys_run"))"#];
    let sail = |app: &mut App| {
        app.insert_resource(Time::<Fixed>::from_hz(64.0));
        app.configure_sets(Update, TickMods.run_if(resource_exists::<Sails>));
    };
    let mut game = Game::new(sail, |it| it.clock(ModClock::Fixed), idle);
    let passed = |game: &mut Game| {
        let tick = |game: &Game| game.app.world().resource::<ModTime>().tick;
        let before = tick(game);
        game.frames(3);
        tick(game) - before
    };
    assert_eq!(passed(&mut game), 0, "the set does not run");
    game.app.insert_resource(Sails);
    assert_eq!(passed(&mut game), 3);
    game.app.world_mut().resource_mut::<Mods>().pause(true);
    assert_eq!(passed(&mut game), 0, "mods are paused");
    game.app.world_mut().resource_mut::<Mods>().pause(false);
    assert_eq!(passed(&mut game), 3);
}

#[test]
fn mods_have_names_and_reflected_components() {
    let idle = [
        "title = \"A mod\"\n[[system]]\nname = \"run\"\n",
        r#"(memory (export "memory") 1) (func (export "sys_run"))"#,
    ];
    let mut game = Game::new(|_| {}, |plugin| plugin, idle);
    game.frames(2);
    let world = game.app.world_mut();
    let (entity, name) = world.query::<(Entity, &Name)>().single(world).unwrap();
    assert_eq!(name.as_str(), "A mod");
    let registry = world.resource::<AppTypeRegistry>().read();
    for component in ["ModInfo", "ModStatus", "ModStats", "FuelBudget", "ModPermissions"] {
        let registration = registry.get_with_short_type_path(component).unwrap();
        let reflect = registration.data::<ReflectComponent>().unwrap();
        assert!(reflect.reflect(world.entity(entity)).is_some(), "{component}");
    }
}

#[test]
fn everything_of_bevys_has_bindings_for_all_languages() {
    let mut app = App::new();
    let all = ExposeBevy::new().transform().global_transform().name().hierarchy().time().input();
    app.add_plugins((all, ModdingPlugin::new("none").watch(false)));
    app.add_plugins(StatesPlugin).init_state::<Screen>().expose_state::<Screen>();
    app.configure_sets(bevy_app::Startup, LoadMods);
    let interface = interface(app.world(), "harbor").unwrap();
    let ids: Vec<&str> = interface.components.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["bevy:ChildOf", "bevy:Children", "bevy:GlobalTransform", "bevy:Name", "bevy:Transform"]);
    assert_eq!(interface.events.len(), 4);
    assert_eq!(interface.resources.len(), 2);
    // Reading it again checks every name and layout.
    let text = interface.to_toml().unwrap();
    assert_eq!(tinkerbox::Interface::parse(&text).unwrap().content_hash(), interface.content_hash());
}
