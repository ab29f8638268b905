//! Where the player is asked, nothing of a mod runs that was not granted: whatever is done to folders, ids and files.

use tinkerbox::{Consent, LogLevel, ModGrants, ModPermissions, ModReportKind, ModStatus, Mods, Permission};

use crate::modding::games::game::*;

const LOOK: &str = "[permissions]\nread = [\"game:Position\"]\n";
const TOUCH: &str = "[permissions]\nwrite = [\"game:Position\"]\nspawn = true\n";

/// A mod that tells its number when it is initialised and in each tick.
fn version(id: &str, number: u32, rest: &str) -> ModText {
    let tell = format!("(call $tell (i32.const {number}))");
    ModText {
        manifest: head(id) + rest + &plain_system("run"),
        wat: module(&format!(
            "{TELL} (func (export \"tb_init\") (param i32) {tell}) (func (export \"sys_run\") {tell})"
        )),
    }
}

fn asking(mods: &[(&str, &ModText)]) -> Game {
    let mut game = Game::with(mods, |plugin| plugin.game("pasture").consent(Consent::Ask));
    game.frame();
    game
}

fn permissions(game: &mut Game, id: &str) -> ModPermissions {
    let entity = game.entity(id);
    game.world().get::<ModPermissions>(entity).unwrap().clone()
}

fn ask(game: &mut Game, id: &str, request: fn(&mut Mods, bevy_ecs::entity::Entity)) {
    let entity = game.entity(id);
    request(&mut game.world().resource_mut::<Mods>(), entity);
    game.frame();
}

fn grant(game: &mut Game, id: &str) {
    ask(game, id, Mods::grant);
}

/// Every number that any mod has told.
fn heard(game: &Game) -> Vec<u32> {
    let logs = game.all_reports().iter().filter(|report| report.kind == ModReportKind::Log(LogLevel::Info));
    let mut numbers: Vec<u32> = logs.map(|report| report.text.parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// A game in which version 1 of `aaa` and version 2 of `bbb` were granted and run.
fn granted() -> Game {
    let mut game = asking(&[("a", &version("aaa", 1, LOOK)), ("b", &version("bbb", 2, TOUCH))]);
    grant(&mut game, "aaa");
    grant(&mut game, "bbb");
    assert_eq!(heard(&game), [1, 2]);
    game
}

#[test]
fn nothing_of_a_mod_runs_before_it_is_granted() {
    let mut game = asking(&[("a", &version("aaa", 1, TOUCH))]);
    game.frames(3);
    assert_eq!((heard(&game), game.status("aaa")), (vec![], ModStatus::AwaitsConsent));
    let question = game.report("aaa", ModReportKind::AwaitsConsent);
    assert!(question.contains("version 0.1.0 was not allowed yet: it changes `game:Position`"), "{question}");
    let asked = vec![Permission::Write("game:Position".to_owned()), Permission::Spawn];
    let before = permissions(&mut game, "aaa");
    assert_eq!((&before.asked, &before.pending, before.is_waiting), (&asked, &asked, true));
    assert_eq!(before.granted, []);
    grant(&mut game, "aaa");
    assert_eq!((heard(&game), game.status("aaa")), (vec![1], ModStatus::Live));
    let after = permissions(&mut game, "aaa");
    assert_eq!((&after.granted, after.pending.len(), after.is_waiting), (&asked, 0, false));
}

/// Each way changes files and folders, and must not let the version with the number 3 run.
#[test]
fn no_way_leads_to_rights_without_a_question() {
    type Way = (&'static str, fn(&mut Game));
    let ways: [Way; 14] = [
        ("a new mod", |game| game.rewrite("c", &version("ccc", 3, LOOK))),
        ("a new version", |game| game.rewrite("a", &version("aaa", 3, LOOK))),
        ("a new version that asks for nothing", |game| game.rewrite("a", &version("aaa", 3, ""))),
        ("a new version that asks for more", |game| game.rewrite("a", &version("aaa", 3, TOUCH))),
        ("deleted and put back", |game| {
            game.take_out("a");
            game.rewrite("a", &version("aaa", 3, LOOK));
        }),
        ("unloaded and loaded", |game| {
            ask(game, "aaa", Mods::unload);
            game.write("a", &version("aaa", 3, LOOK));
            let folder = game.folder("a");
            game.world().resource_mut::<Mods>().load(folder);
            game.frame();
            game.world().resource_mut::<tinkerbox::ModReloads>().finish_builds();
        }),
        ("another folder's name", |game| {
            game.take_out("a");
            game.rewrite("z", &version("aaa", 3, LOOK));
        }),
        ("a second folder with the id", |game| game.rewrite("0", &version("aaa", 3, LOOK))),
        ("ids that were swapped", |game| {
            game.write("a", &version("bbb", 3, LOOK));
            game.write("b", &version("aaa", 3, TOUCH));
            game.changed_all(&["a", "b"]);
        }),
        ("a new id in a folder that was granted", |game| game.rewrite("b", &version("ccc", 3, LOOK))),
        ("the manifest of the one and the code of the other", |game| {
            let mixed =
                ModText { manifest: version("aaa", 1, LOOK).manifest, wat: version("bbb", 3, TOUCH).wat };
            game.rewrite("a", &mixed);
        }),
        ("from memory", |game| {
            let ModText { manifest, wat } = version("ccc", 3, LOOK);
            let wasm = wat::parse_str(wat).unwrap();
            game.world().resource_mut::<Mods>().add_bytes("downloaded", manifest, wasm);
            game.frame();
            game.world().resource_mut::<tinkerbox::ModReloads>().finish_builds();
        }),
        ("from memory, under an id that was granted", |game| {
            game.take_out("a");
            let ModText { manifest, wat } = version("aaa", 3, LOOK);
            let wasm = wat::parse_str(wat).unwrap();
            game.world().resource_mut::<Mods>().add_bytes("a", manifest, wasm);
            game.frame();
            game.world().resource_mut::<tinkerbox::ModReloads>().finish_builds();
        }),
        ("a manifest with one more line", |game| {
            let mut other = version("aaa", 3, LOOK);
            other.manifest.push_str("# harmless\n");
            game.rewrite("a", &other);
        }),
    ];
    for (name, way) in ways {
        let mut game = granted();
        way(&mut game);
        game.frames(5);
        assert_eq!(heard(&game), [1, 2], "{name}");
        let world = game.world();
        let mut all = world.query::<&ModPermissions>();
        let waiting = all.iter(world).filter(|permissions| permissions.is_waiting).count();
        let is_taken = name == "a second folder with the id";
        assert_eq!(waiting > 0, !is_taken, "{name}: there is a question to answer");
    }
}

/// Archives are unpacked by players or their tools: what lies in them is not a mod.
#[test]
fn an_archive_brings_no_rights() {
    let zip = |inside: &ModText| [b"PK\x03\x04\x14\0mod.toml", inside.manifest.as_bytes()].concat();
    let inside = version("ccc", 3, TOUCH);
    let places = [("", "c.zip"), ("c", "c.zip"), ("c", "mod.wasm"), ("a", "ccc.zip"), ("a", "mod.wasm")];
    for (folder, file) in places {
        let mut game = granted();
        if (folder, file) == ("c", "mod.wasm") {
            game.write_file("c", "mod.toml", inside.manifest.as_bytes());
        }
        game.write_file(folder, file, &zip(&inside));
        game.changed(if folder.is_empty() { file } else { folder });
        game.frames(5);
        assert_eq!(heard(&game), [1, 2], "{folder}/{file}");
        for id in ["aaa", "bbb"] {
            assert_eq!(game.status(id), ModStatus::Live, "{folder}/{file}");
        }
        let told = game.all_reports().iter().any(|report| report.text.contains("a zip archive"));
        assert_eq!(told, file == "mod.wasm", "{folder}/{file}");
    }
}

#[test]
fn what_was_granted_is_kept_with_its_content_and_for_no_other_game() {
    let mut game = granted();
    let text = toml::to_string(game.world().resource::<ModGrants>()).unwrap();
    let restart = |name: &str, grants: &str, mods: &[(&str, &ModText)]| {
        let mut game = Game::with(mods, |plugin| plugin.game(name).consent(Consent::Ask));
        game.world().insert_resource(toml::from_str::<ModGrants>(grants).unwrap());
        game.frames(3);
        heard(&game)
    };
    let [one, two] = [version("aaa", 1, LOOK), version("bbb", 2, TOUCH)];
    let other = version("aaa", 3, LOOK);
    assert_eq!(restart("pasture", &text, &[("a", &one), ("b", &two)]), [1, 2]);
    assert_eq!(restart("pasture", &text, &[("b", &one), ("x", &two)]), [1, 2], "folders do not count");
    assert_eq!(restart("pasture", &text, &[("a", &other)]), [0; 0]);
    assert_eq!(restart("harbor", &text, &[("a", &one), ("b", &two)]), [0; 0], "another game's grants");
    let nobodys = text.replace("game = \"pasture\"\n", "");
    assert_eq!(restart("pasture", &nobodys, &[("a", &one)]), [0; 0], "nobody's grants");
}

#[test]
fn the_old_version_continues_until_the_new_one_is_granted_or_for_good() {
    let mut game = granted();
    game.rewrite("a", &version("aaa", 3, LOOK));
    game.frames(2);
    let question = game.reports("aaa", ModReportKind::AwaitsConsent).pop().unwrap();
    assert!(question.contains("The old version continues"), "{question}");
    assert_eq!(game.status("aaa"), ModStatus::Live);
    assert!(permissions(&mut game, "aaa").is_waiting && permissions(&mut game, "aaa").pending.is_empty());
    ask(&mut game, "aaa", Mods::refuse);
    assert_eq!(game.reports("aaa", ModReportKind::ConsentRefused).len(), 1);
    assert!(!permissions(&mut game, "aaa").is_waiting);
    game.frames(2);
    assert_eq!(heard(&game), [1, 2]);
    // The player is not asked again, not even after the folder was put back.
    game.take_out("a");
    game.rewrite("a", &version("aaa", 3, LOOK));
    game.frames(2);
    assert_eq!((heard(&game), game.status("aaa")), (vec![1, 2], ModStatus::Refused));
    assert_eq!(game.reports("aaa", ModReportKind::AwaitsConsent).len(), 2);
    // The player may think better of it.
    grant(&mut game, "aaa");
    assert_eq!((heard(&game), game.status("aaa")), (vec![1, 2, 3], ModStatus::Live));
}

#[test]
fn no_question_is_left_when_nothing_waits() {
    let traps = |number| {
        let mut text = version("aaa", number, LOOK);
        text.wat = text.wat.replace(
            "(func (export \"tb_init\") (param i32)",
            "(func (export \"tb_init\") (param i32) unreachable",
        );
        text
    };
    type Way = fn(&mut Game);
    let back: Way = |game| game.rewrite("a", &version("aaa", 1, LOOK));
    let allowed: Way = |game| grant(game, "aaa");
    let refused: Way = |game| ask(game, "aaa", Mods::refuse);
    for (new, way) in
        [(version("aaa", 3, LOOK), back), (traps(3), allowed), (version("aaa", 3, LOOK), refused)]
    {
        let mut game = granted();
        let before = permissions(&mut game, "aaa");
        game.rewrite("a", &new);
        assert!(permissions(&mut game, "aaa").is_waiting);
        way(&mut game);
        let after = permissions(&mut game, "aaa");
        assert!(!after.is_waiting, "{after:?}");
        assert_eq!(
            (&after.granted, heard(&game)),
            (&before.granted, vec![1, 2]),
            "the old version continues"
        );
    }
}

#[test]
fn a_resource_is_asked_about_in_words_of_its_own() {
    let rights = "[permissions]\nwrite = [\"game:Weather\", \"game:Position\"]\nread = [\"game:Season\"]\n";
    let mut game = asking(&[("a", &version("aaa", 1, rights))]);
    let asked = permissions(&mut game, "aaa").asked;
    let words: Vec<String> = asked.iter().map(Permission::words).collect();
    let expected = [
        "reads `game:Season`",
        "changes `game:Position` of any entity, gives it and takes it away",
        "changes `game:Weather`",
    ];
    assert_eq!(words, expected);
}

#[test]
fn what_is_granted_is_what_the_player_has_seen() {
    let mut game = asking(&[("a", &version("aaa", 1, LOOK))]);
    let seen = permissions(&mut game, "aaa");
    game.rewrite("a", &version("aaa", 3, TOUCH));
    let entity = game.entity("aaa");
    for (answer, what) in
        [(Mods::grant_seen as fn(&mut Mods, _, &_), "granted"), (Mods::refuse_seen, "refused")]
    {
        answer(&mut game.world().resource_mut::<Mods>(), entity, &seen);
        game.frames(2);
        assert_eq!((heard(&game), game.status("aaa")), (vec![], ModStatus::AwaitsConsent));
        let warning = game.reports("aaa", ModReportKind::Log(LogLevel::Warn)).pop().unwrap();
        assert!(
            warning
                .contains(&format!("nothing was {what}: its files have changed since the player was asked")),
            "{warning}"
        );
    }
    let seen = permissions(&mut game, "aaa");
    game.world().resource_mut::<Mods>().grant_seen(entity, &seen);
    game.frame();
    assert_eq!(heard(&game), [3]);
    game.rewrite("a", &version("aaa", 4, LOOK));
    let seen = permissions(&mut game, "aaa");
    game.world().resource_mut::<Mods>().refuse_seen(entity, &seen);
    game.frames(2);
    game.report("aaa", ModReportKind::ConsentRefused);
    assert!(!permissions(&mut game, "aaa").is_waiting);
}

#[test]
fn a_new_mod_is_off_until_it_is_enabled_and_then_its_new_versions_are_asked_about() {
    let mods = [("a", &version("aaa", 1, LOOK)), ("b", &version("bbb", 2, LOOK))];
    let mut game = Game::with(&mods, |plugin| plugin.consent(Consent::OffUntilEnabled));
    game.frames(2);
    assert_eq!((heard(&game), game.status("aaa")), (vec![], ModStatus::Disabled));
    assert!(!permissions(&mut game, "aaa").is_waiting, "there is no question");
    ask(&mut game, "aaa", Mods::enable);
    assert_eq!(
        (heard(&game), game.status("aaa"), game.status("bbb")),
        (vec![1], ModStatus::Live, ModStatus::Disabled)
    );
    game.rewrite("b", &version("bbb", 3, LOOK));
    game.rewrite("a", &version("aaa", 4, LOOK));
    game.frames(2);
    assert_eq!(heard(&game), [1], "neither the one that is off, nor the new version of the other");
    grant(&mut game, "aaa");
    assert_eq!(heard(&game), [1, 4]);
}

#[test]
fn a_mod_that_was_turned_off_stays_off_when_it_comes_back() {
    for consent in [Consent::RunAtOnce, Consent::Ask] {
        let mods = [("a", &version("aaa", 1, LOOK))];
        let mut game = Game::with(&mods, |plugin| plugin.game("pasture").consent(consent));
        game.frame();
        if consent == Consent::Ask {
            grant(&mut game, "aaa");
        }
        ask(&mut game, "aaa", Mods::disable);
        let before = game.told("aaa").len();
        game.take_out("a");
        game.rewrite("a", &version("aaa", 1, LOOK));
        game.frames(2);
        assert_eq!(
            (game.told("aaa").len(), game.status("aaa")),
            (before, ModStatus::Disabled),
            "{consent:?}"
        );
        let saved = game.world().resource::<ModGrants>().clone();
        let mut next = Game::with(&mods, |plugin| plugin.game("pasture").consent(consent));
        next.world().insert_resource(saved);
        next.frames(2);
        assert_eq!((heard(&next), next.status("aaa")), (vec![], ModStatus::Disabled), "{consent:?}");
        ask(&mut next, "aaa", Mods::enable);
        assert_eq!((heard(&next), next.status("aaa")), (vec![1], ModStatus::Live), "{consent:?}");
    }
}

#[test]
fn mods_are_managed_while_they_are_paused() {
    let mut game = granted();
    game.world().resource_mut::<Mods>().pause(true);
    game.rewrite("c", &version("ccc", 5, LOOK));
    game.rewrite("b", &version("bbb", 6, TOUCH));
    let ticks = [game.stats("aaa").ticks, game.stats("bbb").ticks];
    assert_eq!(game.status("ccc"), ModStatus::AwaitsConsent);
    grant(&mut game, "ccc");
    grant(&mut game, "bbb");
    assert_eq!(
        (game.status("ccc"), heard(&game)),
        (ModStatus::Live, vec![1, 2, 5, 6]),
        "they are initialised"
    );
    ask(&mut game, "aaa", Mods::disable);
    assert_eq!(game.status("aaa"), ModStatus::Disabled);
    ask(&mut game, "aaa", Mods::enable);
    assert_eq!(game.status("aaa"), ModStatus::Live);
    ask(&mut game, "aaa", Mods::reset);
    ask(&mut game, "ccc", Mods::unload);
    assert_eq!(game.world().resource::<Mods>().entity("ccc"), None);
    game.frames(3);
    assert_eq!([game.stats("aaa").ticks, game.stats("bbb").ticks], ticks, "nothing was ticked");
    game.world().resource_mut::<Mods>().pause(false);
    game.frames(2);
    assert_eq!([game.stats("aaa").ticks, game.stats("bbb").ticks], ticks.map(|ticks| ticks + 2));
}
