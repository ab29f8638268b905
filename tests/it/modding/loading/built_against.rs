//! A mod that does not fit since it was built against another version of the game's interface: the refusal says so if the mod
//! has noted that version, and does not guess otherwise.

use bevy_ecs::world::World;
use tinkerbox::{ModReportKind, StandIn, inspect, interface};
use tinkerbox_interface::Interface;

use crate::modding::games::game::*;

const OTHER: &str = "00000000000000000000000000000000";
const SAYS_SO: &str = "The mod was built against another version of the interface of `game`";

/// The hash of the interface of the game that these tests run in.
fn current() -> String {
    let mut game = Game::new(&[]);
    interface(game.world(), "game").unwrap().content_hash()
}

/// A mod with these notes that names something that the game has not, or has in another way.
fn refused(notes: &[u8], part: &str, permission: &str, import: &str) -> String {
    let manifest = head("old") + permission + part;
    let notes: String = notes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let wat = module_with(import, "(func (export \"sys_run\"))");
    let end = wat.rfind(')').unwrap();
    let wat = format!("{} (@custom \"tinkerbox.interface\" \"{notes}\"))", &wat[..end]);
    let mut game = Game::new(&[("old", &ModText { manifest, wat })]);
    game.frame();
    game.report("old", ModReportKind::Refused)
}

fn notes(hash: &str) -> Vec<u8> {
    format!("game {hash}\n").into_bytes()
}

fn other_layout(notes: &[u8]) -> String {
    let part = "[[system]]\nname = \"run\"\n[[system.query]]\n\
        columns = [{ component = \"game:Position\", access = \"read\", layout = \"{ x: f64, y: f64 }\" }]\n";
    let refusal = refused(notes, part, "[permissions]\nread = [\"game:Position\"]\n", "");
    assert!(refusal.contains("`x` is f32 in the game and f64 in the mod"), "{refusal}");
    refusal
}

#[test]
fn a_refusal_says_that_the_mod_is_of_another_version() {
    let current = current();
    let refusal = other_layout(&notes(OTHER));
    assert!(refusal.contains(SAYS_SO), "{refusal}");
    assert!(refusal.contains(&current) && refusal.contains(OTHER), "{refusal}");
    assert!(
        refusal.ends_with("Get the game's current interface file, and build the mod with that."),
        "{refusal}"
    );
}

#[test]
fn everything_of_the_interface_that_differs_is_explained() {
    let run = "[[system]]\nname = \"run\"\n";
    let query = |id: &str| {
        format!(
            "{run}[[system.query]]\ncolumns = [{{ component = \"{id}\", access = \"read\", layout = \"{{}}\" }}]\n"
        )
    };
    let resource =
        format!("{run}[[system.resource]]\nresource = \"game:Gone\"\naccess = \"read\"\nlayout = \"{{}}\"\n");
    let event = format!("{run}on = {{ event = \"game:Gone\", layout = \"{{}}\" }}\n");
    let send = format!("{run}[[system.send]]\nevent = \"game:Gone\"\nlayout = \"{{}}\"\n");
    let import = "(import \"game\" \"gone\" (func (param f32)))";
    let cases = [
        (query("game:Gone"), "", ""),
        (query("game:Position"), "[permissions]\nread = [\"game:Gone\"]\n", ""),
        (run.to_owned(), "[permissions]\nevents = [\"game:Gone\"]\n", ""),
        (run.to_owned(), "[permissions]\nfunctions = [\"game:gone\"]\n", ""),
        (resource, "", ""),
        (event, "", ""),
        (send, "", ""),
        (run.to_owned(), "", import),
    ];
    for (part, permission, import) in cases {
        let refusal = refused(&notes(OTHER), &part, permission, import);
        assert!(refusal.contains(SAYS_SO), "{part}{permission}{import}: {refusal}");
        let refusal = refused(&notes(&current()), &part, permission, import);
        assert!(!refusal.contains("another version"), "{part}{permission}{import}: {refusal}");
    }
}

#[test]
fn a_mod_that_does_not_differ_in_version_is_not_said_to() {
    let current = current();
    let both = format!("game {OTHER}\ngame {current}\n");
    let of_another_game = format!("race {OTHER}\n");
    let mut huge = vec![b'\n'; 1 << 20];
    huge.extend(notes(OTHER));
    for noted in [
        &notes(&current)[..],
        both.as_bytes(),
        of_another_game.as_bytes(),
        b"",
        b"game",
        b"\xff\xfe\x00",
        &huge,
    ] {
        let refusal = other_layout(noted);
        assert!(!refusal.contains("another version"), "{refusal}");
        assert!(refusal.ends_with("Build the mod with the game's version of the shared types."), "{refusal}");
    }
    // One that is refused for another reason.
    let refusal = refused(&notes(OTHER), "[[system]]\nname = \"walk\"\n", "", "");
    assert!(!refusal.contains("another version"), "{refusal}");
    // A line that is damaged costs no other one.
    let damaged = [b"game 12\n".to_vec(), notes(OTHER), b"game".to_vec()].concat();
    assert!(other_layout(&damaged).contains(SAYS_SO));
}

/// A stand-in has the hash of the interface that it stands for, not that of what it has registered.
#[test]
fn a_stand_in_has_the_hash_of_its_interface() {
    let file = Interface::parse(
        r#"
        game = "game"
        api = 1
        [[constant]]
        name = "WIDTH"
        type = "f32"
        value = "1.0"
        [[component]]
        id = "game:Position"
        field = [{ name = "x", type = "f32" }]
        "#,
    )
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let text = |hash: &str| {
        format!(
            "(module (memory (export \"memory\") 1) (func (export \"sys_run\"))
            (@custom \"tinkerbox.interface\" \"game {hash}\\n\")
            (@custom \"tinkerbox.schema\" \"[[system]]\\nname = 'run'\\n[[system.query]]\\n\
            columns = [{{ component = 'game:Position', access = 'read', layout = '{{}}' }}]\"))"
        )
    };
    for (hash, says_so) in [(OTHER.to_owned(), true), (file.content_hash(), false)] {
        let mut app = bevy_app::App::new();
        std::fs::create_dir_all(folder.path().join("old")).unwrap();
        std::fs::write(
            folder.path().join("old/mod.toml"),
            head("old") + "[permissions]\nread = [\"game:Position\"]\n",
        )
        .unwrap();
        std::fs::write(folder.path().join("old/old.wasm"), wat::parse_str(text(&hash)).unwrap()).unwrap();
        let world: &mut World = app.world_mut();
        StandIn::new(world, &file, |_, _| anyhow::bail!("no function"));
        app.add_plugins(tinkerbox::ModdingPlugin::new(folder.path()).wait_for_mods(true).watch(false));
        app.update();
        let reports: Vec<tinkerbox::ModReport> = app
            .world_mut()
            .resource_mut::<bevy_ecs::message::Messages<tinkerbox::ModReport>>()
            .drain()
            .collect();
        let refusal = reports.iter().find(|report| report.kind == ModReportKind::Refused).unwrap();
        assert_eq!(refusal.text.contains(SAYS_SO), says_so, "{}", refusal.text);
        let details = inspect(&folder.path().join("old")).unwrap();
        let noted: Vec<(String, String)> =
            details.interfaces.into_iter().map(|it| (it.game, it.hash)).collect();
        assert_eq!(noted, [("game".to_owned(), hash)]);
    }
}
