//! A game in development: it shows what compilers find wrong, and content that was built on this machine may ask for more
//! without a question. No folder of a stranger's can make use of that.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use bevy_ecs::entity::Entity;
use tinkerbox::{BuildError, DevBuild, DevBuilds, ModReportKind, content_hash};

use crate::modding::games::game::*;
use crate::modding::games::log_lines::log_lines;

const LITTLE: &str = "[permissions]\nread = [\"game:Position\"]\n";
const MORE: &str = "[permissions]\nread = [\"game:Position\"]\nwrite = [\"game:Velocity\"]\nspawn = true\n";

/// A mod that tells its number in each tick.
fn version(id: &str, number: u32, rest: &str) -> ModText {
    ModText {
        manifest: head(id) + rest + &plain_system("run"),
        wat: module(&format!("{TELL} (func (export \"sys_run\") (call $tell (i32.const {number})))")),
    }
}

fn content(text: &ModText) -> Option<String> {
    Some(content_hash(text.manifest.as_bytes(), &wat::parse_str(&text.wat).unwrap()))
}

fn in_development(mods: &[(&str, &ModText)]) -> Game {
    Game::with(mods, |plugin| plugin.development(true))
}

fn error(line: u32, text: &str) -> BuildError {
    let file = Some("src/lib.rs".to_owned());
    BuildError { file, line: Some(line), column: Some(5), text: text.to_owned() }
}

/// Says what was built, in the right place, and lets the game notice.
fn tell(game: &mut Game, builds: &[(&str, Option<String>, &[BuildError])]) {
    write_builds(&game.folder(DevBuilds::FILE), builds);
    let file = game.folder(DevBuilds::FILE);
    game.changed_path(&file);
}

fn write_builds(file: &Path, builds: &[(&str, Option<String>, &[BuildError])]) {
    let mods = builds.iter().map(|(name, content, errors)| {
        (name.to_string(), DevBuild { content: content.clone(), errors: errors.to_vec() })
    });
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, DevBuilds { mods: mods.collect() }.text()).unwrap();
}

fn runs(game: &mut Game, id: &str) -> i64 {
    game.frame();
    *game.told(id).last().unwrap()
}

#[test]
fn what_was_built_here_asks_for_more_without_a_question_and_the_report_says_so() {
    let (first, second) = (version("aaa", 1, LITTLE), version("aaa", 2, MORE));
    let mut game = in_development(&[("a", &first)]);
    game.frame();
    tell(&mut game, &[("a", content(&second), &[])]);
    game.rewrite("a", &second);
    assert_eq!(runs(&mut game, "aaa"), 2);
    assert!(game.reports("aaa", ModReportKind::AsksForMore).is_empty());
    let report = game.report("aaa", ModReportKind::Reloaded);
    let words = "it asks for more than before: read game:Velocity, write game:Velocity, spawn; allowed, since it was built on this machine";
    assert!(report.contains(words), "{report}");
    // Its like was not built here. It asks for no more, and needs no word.
    game.rewrite("a", &version("aaa", 3, MORE));
    assert_eq!(runs(&mut game, "aaa"), 3);
    assert!(!game.reports("aaa", ModReportKind::Reloaded)[1].contains("built on this machine"));
}

#[test]
fn what_waits_for_permissions_runs_once_it_is_known_that_it_was_built_here() {
    let (first, second) = (version("aaa", 1, LITTLE), version("aaa", 2, MORE));
    let mut game = in_development(&[("a", &first)]);
    game.frame();
    game.rewrite("a", &second);
    assert_eq!(runs(&mut game, "aaa"), 1);
    tell(&mut game, &[("a", content(&second), &[])]);
    assert_eq!(runs(&mut game, "aaa"), 2);
    // The same for a mod of which nothing runs.
    game.take_out("a");
    let third = version("aaa", 3, &(MORE.to_owned() + "despawn = true\n"));
    game.rewrite("a", &third);
    assert_eq!(runs(&mut game, "aaa"), 2, "nothing runs");
    tell(&mut game, &[("a", content(&third), &[])]);
    assert_eq!(runs(&mut game, "aaa"), 3);
}

#[test]
fn no_folder_brings_it_along() {
    let (first, wider) = (version("aaa", 1, LITTLE), version("aaa", 2, MORE));
    let of_b = version("bbb", 7, LITTLE);
    type Way = fn(&Game, Option<String>);
    let ways: [(&str, Way); 9] = [
        ("in the mod's folder", |game, content| {
            write_builds(&game.folder("a").join(DevBuilds::FILE), &[("a", content, &[])]);
        }),
        ("in another mod's folder, by a path", |game, content| {
            write_builds(&game.folder("b").join(DevBuilds::FILE), &[("../a", content, &[])]);
        }),
        ("a link to the folder", |game, content| {
            write_builds(&game.folder("b").join("builds.toml"), &[("a", content, &[])]);
            symlink(game.folder("b"), game.folder(".tinkerbox")).unwrap();
        }),
        ("a link to the file", |game, content| {
            write_builds(&game.folder("b").join("builds.toml"), &[("a", content, &[])]);
            fs::create_dir(game.folder(".tinkerbox")).unwrap();
            symlink(game.folder("b").join("builds.toml"), game.folder(DevBuilds::FILE)).unwrap();
        }),
        ("another name", |game, content| {
            write_builds(&game.folder(".tinkerbox/Builds.toml"), &[("a", content, &[])]);
        }),
        ("content of another folder", |game, content| {
            write_builds(&game.folder(DevBuilds::FILE), &[("b", content, &[])]);
        }),
        ("the id of the mod, not its folder", |game, content| {
            write_builds(&game.folder(DevBuilds::FILE), &[("aaa", content, &[])]);
        }),
        ("other content", |game, content| {
            let mut other = content.unwrap();
            other.replace_range(0..1, if other.starts_with('0') { "1" } else { "0" });
            write_builds(&game.folder(DevBuilds::FILE), &[("a", Some(other), &[])]);
        }),
        ("a broken file", |game, content| {
            write_builds(&game.folder(DevBuilds::FILE), &[("a", content, &[])]);
            let text = fs::read_to_string(game.folder(DevBuilds::FILE)).unwrap();
            fs::write(game.folder(DevBuilds::FILE), text + "[").unwrap();
        }),
    ];
    for (name, way) in ways {
        let mut game = in_development(&[("a", &first), ("b", &of_b)]);
        game.frame();
        way(&game, content(&wider));
        game.rewrite("a", &wider);
        let everything = game.folder("");
        game.changed_path(&everything);
        assert_eq!(runs(&mut game, "aaa"), 1, "{name}");
        game.report("aaa", ModReportKind::AsksForMore);
    }
    // The right file, in a game that is not in development.
    let mut game = Game::new(&[("a", &first)]);
    game.frame();
    tell(&mut game, &[("a", content(&wider), &[error(1, "no")])]);
    game.rewrite("a", &wider);
    assert_eq!(runs(&mut game, "aaa"), 1);
    assert!(game.reports("aaa", ModReportKind::BuildFailed).is_empty());
}

#[test]
fn content_built_here_takes_no_id_that_another_mod_runs_under() {
    let (first, other) = (version("aaa", 1, LITTLE), version("bbb", 2, LITTLE));
    let mut game = in_development(&[("a", &first), ("b", &other)]);
    game.frame();
    let thief = version("aaa", 3, MORE);
    tell(&mut game, &[("b", content(&thief), &[])]);
    game.rewrite("b", &thief);
    assert_eq!(runs(&mut game, "aaa"), 1);
}

#[test]
fn what_compilers_find_wrong_is_reported_once_and_until_it_is_repaired() {
    let mut game = in_development(&[("a", &version("aaa", 1, LITTLE))]);
    let errors = [error(3, "mismatched types"), error(9, "a \u{1b}[2Jb")];
    write_builds(&game.folder(DevBuilds::FILE), &[("a", None, &errors), ("c", None, &errors[..1])]);
    // As the game starts, and of a mod that was never installed as well.
    game.frame();
    let text = "src/lib.rs:3:5: mismatched types\nsrc/lib.rs:9:5: a \u{fffd}[2Jb\nThe old code continues.";
    assert_eq!(game.report("aaa", ModReportKind::BuildFailed), text);
    assert_eq!(game.report("c", ModReportKind::BuildFailed), "src/lib.rs:3:5: mismatched types");
    let never = game.all_reports().iter().find(|report| report.mod_id == "c").unwrap().mod_entity;
    assert_eq!(never, Entity::PLACEHOLDER);
    tell(&mut game, &[("a", None, &errors), ("c", None, &[])]);
    game.report("aaa", ModReportKind::BuildFailed);
    game.report("c", ModReportKind::BuildRepaired);
    tell(&mut game, &[("a", None, &errors[1..])]);
    assert_eq!(game.reports("aaa", ModReportKind::BuildFailed).len(), 2);
    tell(&mut game, &[("a", None, &[])]);
    game.report("aaa", ModReportKind::BuildRepaired);
    assert_eq!(runs(&mut game, "aaa"), 1);
}

#[test]
fn a_file_that_can_not_be_used_is_one_warning() {
    let mut game = in_development(&[("a", &version("aaa", 1, LITTLE))]);
    game.frame();
    let lines = log_lines(|| {
        for text in ["[mods", "[mods", "[mods.a]\nx = 1"] {
            game.write_file(".tinkerbox", "builds.toml", text.as_bytes());
            let file = game.folder(DevBuilds::FILE);
            game.changed_path(&file);
        }
    });
    let warnings: Vec<_> = lines.iter().filter(|(_, line)| line.contains("what was built here")).collect();
    assert_eq!(warnings.len(), 2, "{lines:#?}");
    assert_eq!(runs(&mut game, "aaa"), 1);
}
