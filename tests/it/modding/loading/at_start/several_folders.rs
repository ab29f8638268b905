//! Mods in several folders, and mods that the game has in memory.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tinkerbox::{ModInfo, ModReloads, ModReportKind, ModStatus, Mods};

use crate::modding::games::game::*;

/// Two further folders, of the player and of the world.
struct Folders(TempDir);

impl Folders {
    fn new() -> Folders {
        let disk = tempfile::tempdir().unwrap();
        ["user", "world"].iter().for_each(|folder| fs::create_dir(disk.path().join(folder)).unwrap());
        Folders(disk)
    }

    fn path(&self, folder: &str) -> PathBuf {
        self.0.path().join(folder)
    }

    fn write(&self, folder: &str, text: &ModText) {
        let folder = self.path(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("mod.toml"), &text.manifest).unwrap();
        fs::write(folder.join("mod.wasm"), wat::parse_str(&text.wat).unwrap()).unwrap();
    }

    fn game(&self, mods: &[(&str, &ModText)]) -> Game {
        Game::with(mods, |plugin| plugin.also(self.path("user")).also(self.path("world")))
    }
}

fn version(id: &str, version: &str) -> ModText {
    let mut text = mover(id, 1.0);
    text.manifest = text.manifest.replace("0.1.0", version);
    text
}

fn wasm(text: &ModText) -> Vec<u8> {
    wat::parse_str(&text.wat).unwrap()
}

fn add(game: &mut Game, name: &str, text: &ModText) {
    let mut mods = game.world().resource_mut::<Mods>();
    mods.add_bytes(name, text.manifest.as_str(), wasm(text));
}

/// Waits until what was asked for is built, and runs the frames that load it.
fn settle(game: &mut Game) {
    game.frame();
    game.world().resource_mut::<ModReloads>().finish_builds();
    game.frame();
}

/// The live mod with this id: its version.
fn running(game: &mut Game, id: &str) -> Option<String> {
    let world = game.world();
    let mut mods = world.query::<(&ModInfo, &ModStatus)>();
    let mut live = mods.iter(world).filter(|(info, status)| info.id == id && **status == ModStatus::Live);
    let found = live.next().map(|(info, _)| info.version.clone());
    assert!(live.next().is_none(), "only one runs");
    found
}

#[test]
fn the_folder_that_was_added_last_takes_precedence() {
    // Whatever the names of the mods' folders are.
    for names in [["a", "b", "c"], ["c", "b", "a"]] {
        let folders = Folders::new();
        let [own, user, world] = names;
        folders.write(&format!("user/{user}"), &version("twin", "2.0.0"));
        folders.write(&format!("world/{world}"), &version("twin", "3.0.0"));
        folders.write("user/other", &version("other", "2.0.0"));
        let mut game = folders.game(&[(own, &version("twin", "1.0.0"))]);
        game.frame();
        assert_eq!(
            (running(&mut game, "twin"), running(&mut game, "other")),
            (Some("3.0.0".into()), Some("2.0.0".into()))
        );
        let refused = game.reports("twin", ModReportKind::Refused);
        let names_it = |text: &&String| text.contains(&*folders.path("world").join(world).to_string_lossy());
        assert_eq!(refused.iter().filter(names_it).count(), 2, "{refused:#?}");
        // Each is followed like the first.
        fs::remove_dir_all(folders.path("world").join(world)).unwrap();
        game.changed_path(&folders.path("world").join(world));
        assert_eq!(running(&mut game, "twin"), Some("2.0.0".into()));
        folders.write(&format!("world/{world}"), &version("twin", "4.0.0"));
        game.changed_path(&folders.path("world"));
        assert_eq!(running(&mut game, "twin"), Some("4.0.0".into()));
        fs::remove_dir_all(folders.path("user")).unwrap();
        game.changed_path(&folders.path("user"));
        assert_eq!((running(&mut game, "twin"), running(&mut game, "other")), (Some("4.0.0".into()), None));
    }
}

#[test]
fn a_folder_that_appears_later_is_noticed() {
    let folders = Folders::new();
    fs::remove_dir(folders.path("user")).unwrap();
    let mut game = folders.game(&[]);
    game.frame();
    folders.write("user/late", &version("late", "1.0.0"));
    game.changed_path(&folders.path("user"));
    assert_eq!(running(&mut game, "late"), Some("1.0.0".into()));
}

#[test]
fn a_mod_is_loaded_from_any_of_them_and_from_nowhere_else() {
    let folders = Folders::new();
    folders.write("user/late", &version("late", "1.0.0"));
    folders.write("elsewhere/other", &version("other", "1.0.0"));
    let mut game = folders.game(&[]);
    game.frame();
    let unload = |game: &mut Game| {
        let mut mods = game.world().resource_mut::<Mods>();
        let entity = mods.entity("late").unwrap();
        mods.unload(entity);
    };
    unload(&mut game);
    settle(&mut game);
    assert_eq!(running(&mut game, "late"), None);
    for folder in ["user/late", "elsewhere/other"] {
        game.world().resource_mut::<Mods>().load(folders.path(folder));
    }
    settle(&mut game);
    assert_eq!((running(&mut game, "late"), running(&mut game, "other")), (Some("1.0.0".into()), None));
}

#[test]
fn each_folder_has_its_own_file_of_what_was_built() {
    let folders = Folders::new();
    folders.write("user/one", &version("one", "1.0.0"));
    folders.write("world/two", &version("two", "1.0.0"));
    let mut game = Game::with(&[], |plugin| {
        plugin.development(true).also(folders.path("user")).also(folders.path("world"))
    });
    game.frame();
    let failed = |folder: &str, name: &str| {
        let text = format!("[mods.{name}]\n[[mods.{name}.errors]]\ntext = \"no such thing\"\n");
        fs::create_dir_all(folders.path(folder).join(".tinkerbox")).unwrap();
        fs::write(folders.path(folder).join(".tinkerbox/builds.toml"), text).unwrap();
    };
    for (folder, name) in [("user", "one"), ("world", "two")] {
        failed(folder, name);
        game.changed_path(&folders.path(folder).join(".tinkerbox/builds.toml"));
        assert!(game.report(name, ModReportKind::BuildFailed).contains("no such thing"));
    }
    assert!(
        game.reports("one", ModReportKind::BuildRepaired).is_empty(),
        "the other folder says nothing of it"
    );
}

#[test]
fn the_same_folder_counts_once() {
    let folders = Folders::new();
    folders.write("user/one", &version("one", "1.0.0"));
    let mut game = Game::with(&[], |plugin| plugin.also(folders.path("user")).also(folders.path("user")));
    game.frame();
    assert_eq!(running(&mut game, "one"), Some("1.0.0".into()));
    assert!(game.reports("one", ModReportKind::Refused).is_empty());
}

#[test]
fn a_mod_in_memory_is_like_one_in_a_folder() {
    let mut game = Game::new(&[]);
    add(&mut game, "early", &version("early", "1.0.0"));
    let entity = game.spawn_at(0.0);
    game.frame();
    assert_eq!(
        (game.x(entity), running(&mut game, "early")),
        (1.0, Some("1.0.0".into())),
        "it is there at the start"
    );
    add(&mut game, "late", &version("late", "1.0.0"));
    settle(&mut game);
    assert_eq!(running(&mut game, "late"), Some("1.0.0".into()));
    let it = game.entity("late");
    let folder = game.world().get::<ModInfo>(it).unwrap().folder.clone();
    assert_eq!(folder, Path::new("(embedded)/late"), "and nowhere on disk");
    // The same name is the same mod in a new version.
    add(&mut game, "late", &version("late", "2.0.0"));
    settle(&mut game);
    assert_eq!((running(&mut game, "late"), game.stats("late").generation), (Some("2.0.0".into()), 2));
    let mut mods = game.world().resource_mut::<Mods>();
    let entity = mods.entity("late").unwrap();
    mods.unload(entity);
    settle(&mut game);
    assert_eq!(running(&mut game, "late"), None);
    add(&mut game, "late", &version("late", "2.0.0"));
    settle(&mut game);
    assert_eq!(running(&mut game, "late"), Some("2.0.0".into()));
    // All mods are looked at again, and it is in none of the folders.
    game.changed("");
    assert_eq!(running(&mut game, "late"), Some("2.0.0".into()));
}

#[test]
fn a_mod_in_a_folder_replaces_one_in_memory() {
    let mut game = Game::new(&[("zzz", &version("twin", "2.0.0"))]);
    add(&mut game, "aaa", &version("twin", "1.0.0"));
    game.frame();
    assert_eq!(running(&mut game, "twin"), Some("2.0.0".into()));
    game.take_out("zzz");
    assert_eq!(running(&mut game, "twin"), Some("1.0.0".into()));
}

#[test]
fn a_mod_in_memory_is_checked_like_one_in_a_folder() {
    let good = version("good", "1.0.0");
    let cases: [(&str, &[u8], &[u8], &str); 4] = [
        ("manifest", b"[mod]\nid = 7", &wasm(&good), "(embedded)/manifest/mod.toml"),
        ("text", b"\xff", &wasm(&good), "not UTF-8"),
        ("code", good.manifest.as_bytes(), b"no code", "(embedded)/code/mod.wasm"),
        ("long", &vec![b' '; (1 << 20) + 1], &wasm(&good), "has more than"),
    ];
    let mut game = Game::new(&[]);
    game.frame();
    for (name, manifest, wasm, why) in cases {
        game.world().resource_mut::<Mods>().add_bytes(name, manifest, wasm);
        settle(&mut game);
        let mut told = game.all_reports().iter().filter(|report| report.kind == ModReportKind::Refused);
        let told = told.next_back().unwrap_or_else(|| panic!("nothing is said of {name}"));
        assert!(told.text.contains(why), "{name}: {}", told.text);
    }
    for name in ["", ".", "..", "a/b", "../mods", "a\\b"] {
        let add = std::panic::AssertUnwindSafe(|| Mods::default().add_bytes(name, "", ""));
        assert!(std::panic::catch_unwind(add).is_err(), "{name}");
    }
}
