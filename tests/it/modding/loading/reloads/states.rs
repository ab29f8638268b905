//! Real mods in Rust whose state's type changes: what fits is kept, the rest is named, and a migration that panics leaves the
//! old version running. The rules themselves are tested in the SDK.

use std::fs;
use std::sync::LazyLock;

use tinkerbox::{LogLevel, ModReportKind, ModStatus};

use crate::cargo_mods;
use crate::modding::games::game::*;

const VERSIONS: [(&str, &str); 4] = [
    (
        "first",
        r#"
            #[derive(Serialize, Deserialize, Debug)]
            enum Mood { Calm, Angry }
            #[derive(Serialize, Deserialize, Debug)]
            struct Home { x: f32, size: u32 }
            #[state]
            #[derive(Debug)]
            struct Diary { days: u32, feet: u32, inches: u32, mood: Mood, home: Home, storms: Vec<u32> }
            impl Default for Diary {
                fn default() -> Diary {
                    let home = Home { x: 1.5, size: 900 };
                    Diary { days: 0, feet: 10, inches: 5, mood: Mood::Angry, home, storms: vec![5, 300] }
                }
            }"#,
    ),
    (
        "second",
        r#"
            #[derive(Serialize, Deserialize, Debug)]
            enum Mood { Calm, Sleepy }
            #[derive(Serialize, Deserialize, Debug)]
            struct Home { x: f64, size: u8, doors: u8 }
            #[state(migrate = from_older)]
            #[derive(Debug)]
            struct Diary { #[was("days")] nights: i64, metres: f64, mood: Mood, home: Home, storms: Vec<u8> }
            impl Default for Diary {
                fn default() -> Diary {
                    let home = Home { x: 0.0, size: 3, doors: 1 };
                    Diary { nights: 0, metres: 0.0, mood: Mood::Sleepy, home, storms: Vec::new() }
                }
            }
            fn from_older(older: &Older, diary: &mut Diary) {
                if let (Some(feet), Some(inches)) = (older.get::<u32>("feet"), older.get::<u32>("inches")) {
                    diary.metres = f64::from(feet * 12 + inches) / 100.0;
                }
            }
            #[system]
            fn write_diary(diary: &mut Diary) { diary.nights += 1; info!("{diary:?}"); }"#,
    ),
    (
        "panicking",
        r#"
            #[state(migrate = from_older)]
            #[derive(Debug, Default)]
            struct Diary { days: u32 }
            fn from_older(older: &Older, _: &mut Diary) {
                let pages: u32 = older.get("pages").expect("every diary has pages");
                info!("{pages}");
            }"#,
    ),
    (
        "without_default",
        r#"
            #[state]
            #[derive(Debug)]
            struct Diary { days: u32, pages: u32 }
            impl Default for Diary {
                fn default() -> Diary { panic!("nobody knows how many pages a diary has") }
            }"#,
    ),
];

const HEAD: &str = "use serde::{Deserialize, Serialize}; use tinkerbox_sdk::prelude::*;";
const SYSTEM: &str = "#[system] fn write_diary(diary: &mut Diary) { diary.days += 1; info!(\"{diary:?}\"); }";

/// The versions as WebAssembly, built together; their dependencies are kept between runs.
static BUILT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mods = VERSIONS.iter().map(|(name, code)| {
        let system = if code.contains("#[system]") { "" } else { SYSTEM };
        (*name, format!("#![allow(unused)]\n{HEAD}\n{code}\n{system}"))
    });
    let profiles = "[profile.release]\nlto = true\npanic = \"abort\"\n";
    let serde = "serde = { version = \"1\", features = [\"derive\"] }\n";
    let workspace = cargo_mods::workspace(mods, profiles, serde);
    let built = cargo_mods::build(workspace.path(), "states", "release", &[]);
    VERSIONS.iter().map(|(name, _)| fs::read(built.join(format!("{name}.wasm"))).unwrap()).collect()
});

fn write(game: &Game, version: usize) {
    game.write_file("diary", "mod.toml", head("diary").as_bytes());
    game.write_file("diary", "diary.wasm", &BUILT[version]);
}

/// The first version, which has run for three ticks.
fn first() -> Game {
    let mut game = Game::new(&[]);
    write(&game, 0);
    game.frames(3);
    game
}

fn last_line(game: &Game) -> String {
    game.reports("diary", ModReportKind::Log(LogLevel::Info)).pop().unwrap()
}

#[test]
fn what_fits_is_kept_and_what_does_not_is_named() {
    let mut game = first();
    write(&game, 1);
    game.changed("diary");
    let home = "home: Home { x: 1.5, size: 3, doors: 1 }";
    assert_eq!(
        last_line(&game),
        format!("Diary {{ nights: 4, metres: 1.25, mood: Sleepy, {home}, storms: [5] }}"),
        "{:#?}",
        game.all_reports()
    );
    game.report("diary", ModReportKind::Reloaded);
    let warnings = game.reports("diary", ModReportKind::Log(LogLevel::Warn));
    let expected = [
        "`Diary::mood` has its default: the value that the old code saved does not fit: expected a variant of `Mood`, found \"Angry\"",
        "`Diary::home.size` has its default: the value that the old code saved does not fit: expected a u8, found 900",
        "`Diary::storms[1]` is left out: the value that the old code saved does not fit: expected a u8, found 300",
    ];
    assert_eq!(warnings, expected.map(|text| format!("the state's field {text}")));
    // Back again: what the first version has saved is gone, and has its default.
    write(&game, 0);
    game.changed("diary");
    assert!(
        last_line(&game).starts_with("Diary { days: 1, feet: 10, inches: 5, mood: Angry"),
        "{}",
        last_line(&game)
    );
}

#[test]
fn a_version_that_can_not_take_the_state_leaves_the_old_one_running() {
    for (version, message) in [(2, "every diary has pages"), (3, "nobody knows how many pages a diary has")] {
        let mut game = first();
        write(&game, version);
        game.changed("diary");
        let refusal = game.report("diary", ModReportKind::ReloadRefused);
        for part in [message, "before its first tick", "The old code continues"] {
            assert!(refusal.contains(part), "{part}: {refusal}");
        }
        assert!(last_line(&game).starts_with("Diary { days: 4, feet: 10"), "{}", last_line(&game));
        assert_eq!(game.status("diary"), ModStatus::Live);
    }
}
