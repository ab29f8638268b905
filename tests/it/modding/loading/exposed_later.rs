//! Types exposed after mods were loaded, and a plugin added after the first update: neither is missed.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use bevy_app::{App, Update};
use bevy_ecs::prelude::*;
use tinkerbox::{Expose, ModReportKind, ModStatus, ModTime, ModdingPlugin, TickMods};
use tinkerbox_macros::mod_type;
use tracing::Level;

use crate::modding::games::game::*;
use crate::modding::games::log_lines::log_lines;

macro_rules! flat {
    ($name:ident, $id:literal, $derive:ident) => {
        #[mod_type($id)]
        #[derive($derive, Debug, Default)]
        struct $name {
            x: f32,
        }
    };
}

flat!(Heat, "later:Heat", Component);
flat!(Wind, "later:Wind", Resource);
flat!(Thunder, "later:Thunder", Message);

/// Mods that each need one item that is not exposed yet.
fn wanting() -> [(&'static str, ModText); 4] {
    let plain_run = "(func (export \"sys_run\"))";
    let text = |id: &str, rights: &str, declared: &str, wat: &str| ModText {
        manifest: head(id) + "[permissions]\n" + rights + "\n" + &plain_system("run") + declared,
        wat: wat.to_owned(),
    };
    [
        (
            "heat",
            text(
                "heat",
                "read = [\"later:Heat\"]",
                "[[system.query]]\ncolumns = [{ component = \"later:Heat\", access = \"read\", layout = \"{ x: f32 }\" }]\n",
                &module(plain_run),
            ),
        ),
        (
            "wind",
            text(
                "wind",
                "read = [\"later:Wind\"]",
                "resource = [{ resource = \"later:Wind\", access = \"read\", layout = \"{ x: f32 }\" }]\n",
                &module(plain_run),
            ),
        ),
        (
            "thunder",
            text(
                "thunder",
                "events = [\"later:Thunder\"]",
                "on = { event = \"later:Thunder\", layout = \"{ x: f32 }\" }\n",
                &module(plain_run),
            ),
        ),
        (
            "square",
            text(
                "square",
                "functions = [\"later:square\"]",
                "",
                r#"(module (import "later" "square" (func $square (param f32) (result f32)))
                    (memory (export "memory") 1)
                    (func (export "sys_run") (drop (call $square (f32.const 2)))))"#,
            ),
        ),
    ]
}

fn expose_one(app: &mut App, id: &str) {
    match id {
        "heat" => {
            app.expose_component::<Heat>();
        }
        "wind" => {
            app.insert_resource(Wind::default()).expose_resource::<Wind>();
        }
        "thunder" => {
            app.expose_event::<Thunder>();
        }
        _ => {
            app.expose_function("later:square", 1, |x: f32| x * x);
        }
    }
}

#[test]
fn what_is_exposed_later_is_taken_over_and_said() {
    let mods = wanting();
    let mut game = Game::new(&mods.each_ref().map(|(folder, text)| (*folder, text)));
    let good = mover("good", 1.0);
    game.write("good", &good);
    let entity = game.spawn_at(0.0);
    game.frames(3);
    for (id, _) in &mods {
        assert_eq!(game.status(id), ModStatus::Refused);
        let refusal = game.report(id, ModReportKind::Refused);
        assert!(refusal.contains("later:") || refusal.contains("later.square"), "{refusal}");
    }
    for (at, (id, _)) in mods.iter().enumerate() {
        expose_one(&mut game.app, id);
        let lines = log_lines(|| game.frame());
        let told = lines.iter().find(|(_, text)| text.contains("the game exposes `later:"));
        let (level, text) = told.unwrap_or_else(|| panic!("nothing is said of {id}: {lines:#?}"));
        assert_eq!(*level, Level::INFO);
        assert!(text.contains("after its mods were loaded") && text.contains("LoadMods"), "{text}");
        assert_eq!(game.status(id), ModStatus::Live, "{id}: {:#?}", game.all_reports());
        // Each of the others waits for its own item.
        for (other, _) in &mods[at + 1..] {
            assert_eq!(game.status(other), ModStatus::Refused);
        }
    }
    game.frames(3);
    assert_eq!((game.x(entity), game.status("square")), (10.0, ModStatus::Live));
    // Exposing the same again has no effect.
    game.app.expose_component::<Heat>();
    let lines = log_lines(|| game.frames(2));
    assert!(!lines.iter().any(|(_, text)| text.contains("exposes")), "{lines:#?}");
}

#[test]
fn a_reload_sees_what_was_exposed_later() {
    let [(_, heat), ..] = wanting();
    let mut game = Game::new(&[("heat", &plain("heat", ""))]);
    game.frames(2);
    game.app.expose_component::<Heat>();
    game.frame();
    let mut wider = heat;
    wider.manifest = wider.manifest.replace("0.1.0", "0.2.0");
    game.rewrite("heat", &wider);
    let told = game.report("heat", ModReportKind::AsksForMore);
    assert!(told.contains("asks for more"), "it is known, and only not permitted yet: {told}");
}

#[test]
fn a_plugin_that_is_added_after_the_first_update_loads_its_mods() {
    let source = Game::new(&[("a", &mover("aaa", 1.0))]);
    let mut app = App::new();
    app.update();
    app.update();
    app.expose_component::<Position>()
        .add_plugins(ModdingPlugin::new(source.folder("")).watch(false))
        .add_systems(Update, (|mut time: ResMut<ModTime>| time.advance(0.5)).before(TickMods));
    let entity = app.world_mut().spawn(Position::default()).id();
    (0..3).for_each(|_| app.update());
    assert_eq!(app.world().get::<Position>(entity).unwrap().x, 3.0);
    assert!(fs::exists(source.folder("a")).unwrap());
}

/// The location that a panic reports.
fn panic_place(cause: impl FnOnce()) -> (String, String) {
    // Panic hooks belong to the process: one test at a time.
    static HOOK: Mutex<()> = Mutex::new(());
    let _one = HOOK.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let place = std::sync::Arc::new(Mutex::new((String::new(), String::new())));
    let (ours, thread) = (std::sync::Arc::clone(&place), std::thread::current().id());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == thread {
            let file = info.location().map(|location| location.file().to_owned()).unwrap_or_default();
            *ours.lock().unwrap() = (file, info.to_string());
        }
    }));
    let result = catch_unwind(AssertUnwindSafe(cause));
    std::panic::set_hook(before);
    assert!(result.is_err(), "it did not panic");
    std::mem::take(&mut place.lock().unwrap())
}

#[mod_type("later:Heat")]
#[derive(Component)]
struct Twin {
    x: u32,
}

#[mod_type("later:Heat")]
#[derive(Resource)]
struct TwinResource {
    x: u32,
}

#[mod_type("later:Empty")]
#[derive(Message)]
struct Empty;

/// The message about it, and how to cause it.
type Mistake = (&'static str, fn(&mut World));

#[test]
fn a_mistake_in_exposing_points_at_the_games_own_line() {
    let mistakes: [Mistake; 7] = [
        ("same id", |world| {
            world.expose_component::<Twin>();
        }),
        ("same id", |world| {
            world.expose_resource::<TwinResource>();
        }),
        ("has no bytes", |world| {
            world.expose_event::<Empty>();
        }),
        ("invalid function id", |world| {
            world.expose_function("square", 1, |x: f32| x);
        }),
        ("exposed twice", |world| {
            world.expose_function("later:square", 1, |x: f32| x);
            world.expose_function("later:square", 1, |x: f32| x);
        }),
        ("the contract's", |world| {
            world.expose_function("tinkerbox1:log", 1, |x: f32| x);
        }),
        ("the contract's", |world| {
            world.expose_function("tinkerbox9:anything", 1, |x: f32| x);
        }),
    ];
    for (told, mistake) in mistakes {
        let mut world = World::new();
        world.expose_component::<Heat>();
        let (file, text) = panic_place(|| mistake(&mut world));
        assert!(text.contains(told), "{told}: {text}");
        assert!(file.ends_with("exposed_later.rs"), "{told}: {file}");
    }
}

#[test]
fn lines_of_the_log_say_what_happened_to_whom() {
    let mut game = Game::new(&[("a", &plain("aaa", "")), ("b", &plain("bbb", "unreachable"))]);
    game.write_file("c", "mod.toml", b"");
    let lines = log_lines(|| game.frames(2));
    let has = |level: Level, start: &str| {
        assert!(
            lines.iter().any(|(it, text)| *it == level && text.starts_with(start)),
            "`{start}` is missing in {lines:#?}"
        );
    };
    has(Level::INFO, "mod `aaa` loaded: version 0.1.0");
    has(Level::WARN, "mod `bbb` faulted: system `run` ended in a fault at tick 1");
    has(Level::WARN, "mod `c` refused: ");
}
