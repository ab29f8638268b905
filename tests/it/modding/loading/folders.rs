//! Which entries of the mods' folder are mods, at the start and later; and the folder itself, which may appear,
//! vanish and be a link.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tinkerbox::{ModInfo, ModReloads, ModReportKind, ModStatus};

use crate::modding::games::game::*;

fn count(game: &mut Game) -> usize {
    let world = game.world();
    world.query::<&ModInfo>().iter(world).count()
}

/// The folder is prepared before the start, or later: the result is the same.
fn both(prepare: &dyn Fn(&Game), check: &dyn Fn(&mut Game, &str)) {
    let mut game = Game::new(&[("good", &mover("good", 1.0))]);
    prepare(&game);
    game.frame();
    check(&mut game, "at the start");
    let mut game = Game::new(&[("good", &mover("good", 1.0))]);
    game.frame();
    prepare(&game);
    let entries: Vec<_> = fs::read_dir(game.folder("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.iter().for_each(|path| game.changed_path(path));
    check(&mut game, "later");
    game.changed("");
    check(&mut game, "looked at again");
}

#[test]
fn hidden_folders_files_and_links_to_nowhere_are_not_mods_and_nothing_is_said_of_them() {
    let prepare = |game: &Game| {
        game.write(".hidden", &mover("hidden", 1.0));
        game.write_file(".git", "index", b"");
        game.write_file(".git/objects", "x.wasm", b"");
        game.write_file("", "notes.txt", b"");
        game.write_file("", "loose.wasm", b"");
        link("nowhere", &game.folder("lost"));
        link("round", &game.folder("round"));
    };
    both(&prepare, &|game, when| {
        assert_eq!(count(game), 1, "{when}");
        let others = game.all_reports().iter().filter(|report| report.mod_id != "good");
        assert_eq!(others.count(), 0, "{when}");
    });
}

#[test]
fn what_only_looks_like_the_wasm_does_not_count() {
    let prepare = |game: &Game| {
        game.write("mover", &mover("mover", 1.0));
        game.write_file("mover", "._mod.wasm", b"resource fork");
        game.write_file("mover/folder.wasm", "x", b"");
        link("nowhere.wasm", &game.folder("mover/dangling.wasm"));
    };
    both(&prepare, &|game, when| assert_eq!(game.status("mover"), ModStatus::Live, "{when}"));
}

#[test]
fn what_is_there_in_place_of_the_wasm_is_named() {
    let prepare = |game: &Game| {
        game.write_file("bad", "mod.toml", head("bad").as_bytes());
        game.write_file("bad", "._mod.wasm", b"");
        game.write_file("bad/folder.wasm", "x", b"");
        link("nowhere.wasm", &game.folder("bad/mod.wasm"));
    };
    both(&prepare, &|game, when| {
        let refusals = game.reports("bad", ModReportKind::Refused);
        let refusal = refusals.last().unwrap();
        let expected = "there is no .wasm file: `folder.wasm` is a folder, `mod.wasm` is a link to a file that is missing.";
        assert!(refusal.contains(expected), "{when}: {refusal}");
    });
}

#[cfg(unix)]
#[test]
fn a_mods_folder_and_its_wasm_may_be_links() {
    let elsewhere = tempfile::tempdir().unwrap();
    let wasm = |step| wat::parse_str(mover("mover", step).wat).unwrap();
    fs::create_dir(elsewhere.path().join("mover")).unwrap();
    fs::write(elsewhere.path().join("mover/mod.toml"), mover("mover", 1.0).manifest).unwrap();
    fs::write(elsewhere.path().join("built.wasm"), wasm(1.0)).unwrap();
    std::os::unix::fs::symlink("../built.wasm", elsewhere.path().join("mover/mod.wasm")).unwrap();
    let mut game = Game::new(&[]);
    let entity = game.spawn_at(0.0);
    game.frame();
    std::os::unix::fs::symlink(elsewhere.path().join("mover"), game.folder("mover")).unwrap();
    game.changed("mover");
    assert_eq!(game.x(entity), 1.0);
    fs::write(elsewhere.path().join("built.wasm"), wasm(10.0)).unwrap();
    game.changed("mover");
    assert_eq!(game.x(entity), 11.0);
    // A link whose target is gone is a removed folder.
    fs::rename(elsewhere.path().join("mover"), elsewhere.path().join("moved")).unwrap();
    game.changed("mover");
    assert_eq!(count(&mut game), 0);
    fs::rename(elsewhere.path().join("moved"), elsewhere.path().join("mover")).unwrap();
    game.changed("mover");
    assert_eq!(game.status("mover"), ModStatus::Live);
}

#[test]
fn the_mods_folder_is_replaced_goes_and_comes_again() {
    let mut game = Game::new(&[("a", &mover("mover", 1.0)), ("b", &mover("other", 0.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    let old = game.folder("").with_extension("old");
    fs::rename(game.folder(""), &old).unwrap();
    game.write("a", &mover("mover", 10.0));
    game.changed("");
    assert_eq!(game.x(entity), 11.0, "the new one is read");
    assert!(game.report("other", ModReportKind::Removed).contains("folder is gone"));
    game.take_out("");
    assert_eq!(count(&mut game), 0);
    fs::rename(&old, game.folder("")).unwrap();
    game.changed("");
    assert_eq!((game.x(entity), count(&mut game)), (12.0, 2));
}

#[test]
fn a_mods_folder_that_is_not_there_yet_is_waited_for() {
    let mut game = Game::new(&[]);
    game.remove_folder("");
    let entity = game.spawn_at(0.0);
    game.frames(2);
    game.write("mover", &mover("mover", 1.0));
    game.changed("");
    assert_eq!(game.x(entity), 1.0);
}

#[test]
fn a_mods_folder_that_can_not_be_read_takes_no_mod_away() {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    // A file in its place is not a removed folder.
    let aside = game.folder("").with_extension("aside");
    fs::rename(game.folder(""), &aside).unwrap();
    let root = aside.with_extension("");
    fs::write(&root, "").unwrap();
    for _ in 0..2 {
        game.changed_path(&root);
    }
    assert_eq!((game.x(entity), count(&mut game)), (3.0, 1));
    let failure = game.world().resource::<ModReloads>().watch_failure().unwrap().to_owned();
    assert!(failure.contains("can't be read") && failure.contains("make it readable"), "{failure}");
    fs::remove_file(&root).unwrap();
    fs::rename(&aside, &root).unwrap();
    game.rewrite("mover", &mover("mover", 10.0));
    assert_eq!(game.x(entity), 13.0);
    assert_eq!(game.world().resource::<ModReloads>().watch_failure(), None);
}

#[test]
fn a_root_told_as_a_relative_path_stays_where_it_was() {
    let disk = tempfile::tempdir().unwrap();
    let folder = disk.path().join("mods/mover");
    let write = |step| {
        let text = mover("mover", step);
        fs::create_dir_all(&folder).unwrap();
        fs::write(
            folder.join("mod.toml"),
            text.manifest.replace("[permissions]\nwrite = [\"game:Position\"]", ""),
        )
        .unwrap();
        fs::write(folder.join("mod.wasm"), b"").unwrap();
    };
    write(1.0);
    // From here up to the root, and down again.
    let here = std::env::current_dir().unwrap();
    let up: std::path::PathBuf = here.components().skip(1).map(|_| "..").collect();
    let given = up.join(folder.parent().unwrap().strip_prefix("/").unwrap());
    let mut app = bevy_app::App::new();
    app.add_plugins(tinkerbox::ModdingPlugin::new(&given).wait_for_mods(true).watch(false));
    app.update();
    let world = app.world_mut();
    let info = world.query::<&ModInfo>().single(world).unwrap();
    assert!(info.folder.is_absolute(), "{}", info.folder.display());
    // Reported with the path that the game was given, or with the full path: it is the same folder.
    for root in [given.clone(), std::path::absolute(&given).unwrap()] {
        fs::remove_dir_all(&folder).unwrap();
        let mut tell = |after: Duration| {
            let mut reloads = app.world_mut().resource_mut::<ModReloads>();
            reloads.record(&root.join("mover/mod.toml"), after);
            reloads.settle(after + Duration::from_secs(1));
            reloads.finish_builds();
            app.update();
            let world = app.world_mut();
            world.query::<&ModInfo>().iter(world).count()
        };
        assert_eq!(tell(Duration::ZERO), 0, "{}", root.display());
        write(2.0);
        assert_eq!(tell(Duration::from_secs(9)), 1, "{}", root.display());
    }
}

/// Runs frames until a condition holds. This takes as long as the system needs to deliver its events.
fn until(game: &mut Game, what: &str, holds: &dyn Fn(&mut Game) -> bool) {
    let patience = Instant::now() + Duration::from_secs(120);
    while !holds(game) {
        assert!(Instant::now() < patience, "{what}");
        game.frame();
        std::thread::yield_now();
    }
}

#[test]
fn what_the_system_tells_reaches_the_game() {
    let mut game = Game::with(&[], |plugin| plugin.watch(true));
    game.remove_folder("");
    game.frame();
    let has = |count_of: usize| move |game: &mut Game| count(game) == count_of;
    game.write("mover", &mover("mover", 1.0));
    until(&mut game, "the mods' folder has come late", &has(1));
    until(&mut game, "its mod runs", &|game| game.status("mover") == ModStatus::Live);
    game.write("mover", &mover("mover", 2.0));
    until(&mut game, "new code", &|game| game.stats("mover").generation == 2);
    fs::rename(game.folder("mover"), game.folder("a_mover")).unwrap();
    until(&mut game, "a renamed folder", &|game| {
        let world = game.world();
        let mut mods = world.query::<(&ModInfo, &ModStatus)>();
        mods.iter(world).any(|(info, status)| info.folder.ends_with("a_mover") && *status == ModStatus::Live)
    });
    until(&mut game, "the old name is gone", &has(1));
    let aside = game.folder("").with_extension("aside");
    fs::rename(game.folder(""), &aside).unwrap();
    until(&mut game, "the mods' folder has gone", &has(0));
    fs::rename(&aside, game.folder("")).unwrap();
    until(&mut game, "it is back", &has(1));
    assert_eq!(game.world().resource::<ModReloads>().watch_failure(), None);
}

fn link(to: &str, from: &Path) {
    #[cfg(unix)]
    std::os::unix::fs::symlink(to, from).unwrap();
    #[cfg(not(unix))]
    let _ = (to, from);
}
