//! A mod sees and changes what its manifest permits and the game exposes, and nothing else.

use tinkerbox::{ModLimits, ModReportKind, ModStatus};

use crate::modding::games::game::*;

fn refusal(manifest_rest: &str) -> String {
    let text = ModText { manifest: head("bad") + manifest_rest, wat: module("(func (export \"sys_run\"))") };
    let mut game = Game::new(&[("bad", &text)]);
    game.frame();
    assert_eq!(game.status("bad"), ModStatus::Refused);
    game.report("bad", ModReportKind::Refused)
}

fn query(column: &str, access: &str, layout: &str) -> String {
    system("run", &[(column, access, layout)])
}

const READ_ALL: &str = "[permissions]\nread = [\"game:Position\", \"game:Species\"]\n\
    write = [\"game:Mood\", \"game:Species\"]\n";

#[test]
fn a_system_does_no_more_than_the_manifest_permits() {
    let text = refusal(
        &(String::from("[permissions]\nread = [\"game:Position\"]\n")
            + &query("game:Position", "write", "{ x: f32, y: f32 }")
            + "with = [\"game:Sheep\"]\nwithout = [\"game:Mood\"]\n"),
    );
    for part in [
        "bad/mod.toml",
        "`write game:Position`",
        "`read game:Sheep`",
        "`read game:Mood`",
        "Write under [permissions]: `read = [\"game:Mood\", \"game:Sheep\"]`, `write = [\"game:Position\"]`, or take",
    ] {
        assert!(text.contains(part), "`{part}` is missing in: {text}");
    }
}

#[test]
fn a_right_to_write_includes_reading() {
    let text = ModText {
        manifest: head("good") + READ_ALL + &query("game:Mood", "read", "{ 0: u32 }"),
        wat: module("(func (export \"sys_run\"))"),
    };
    let mut game = Game::new(&[("good", &text)]);
    game.frame();
    assert_eq!(game.status("good"), ModStatus::Live);
}

#[test]
fn what_is_not_exposed_is_listed_with_what_is() {
    let exposed = "This game exposes `game:Door`, `game:Follows`, `game:Lamp`, `game:Mood`, `game:Position`, \
        `game:Season`, `game:Sheep`, `game:Species`, `game:Velocity` and `game:Weather`.";
    let text = refusal(&(READ_ALL.to_owned() + &query("game:Secret", "read", "{}")));
    assert!(text.contains("system `run` asks for `game:Secret`") && text.ends_with(exposed), "{text}");
    let text = refusal(
        &("[permissions]\nread = [\"game:Secret\", \"game:Other\"]\n".to_owned() + &plain_system("run")),
    );
    assert!(
        text.contains("[permissions] names") && text.contains("`game:Other` and `game:Secret`"),
        "{text}"
    );
    assert!(text.ends_with(exposed), "{text}");
}

#[test]
fn another_layout_is_refused_field_by_field() {
    let cases = [
        ("{ x: f64, y: f64 }", "`x` is f32 in the game and f64 in the mod; `y` is f32 in the game"),
        ("{ x: f32 }", "the game's has `y`: f32, the mod's has not"),
        ("{ x: f32, y: f32, z: f32 }", "the mod's has `z`: f32, the game's has not"),
        ("{ y: f32, x: f32 }", "the fields of it are in the order x, y in the game and y, x in the mod"),
        ("{ x: f32, y }", "the mod's layout is \"{ x: f32, y }\": at character"),
        ("u32", "it is { x: f32, y: f32 } in the game and u32 in the mod"),
    ];
    for (layout, expected) in cases {
        let text = refusal(&(READ_ALL.to_owned() + &query("game:Position", "read", layout)));
        assert!(text.contains("system `run` was built for another `game:Position`: "), "{text}");
        assert!(text.contains(expected), "{layout}: {text}");
    }
    // However many there are, the message stays short.
    let many: Vec<String> = (0..10_000).map(|at| format!("f{at}: u8")).collect();
    let layout = format!("{{ {} }}", many.join(", "));
    let text = refusal(&(READ_ALL.to_owned() + &query("game:Position", "read", &layout)));
    assert!(text.contains("; and 9997 more") && text.len() < 1000, "{text}");
}

#[test]
fn immutable_components_are_not_written() {
    let text = refusal(&(READ_ALL.to_owned() + &query("game:Species", "write", "{ 0: u32 }")));
    assert!(text.contains("`game:Species`, which is immutable"), "{text}");
}

#[test]
fn a_query_for_everything_is_refused() {
    let text = refusal(&(READ_ALL.to_owned() + &system("run", &[]) + "without = [\"game:Mood\"]\n"));
    assert!(text.contains("needs no component"), "{text}");
}

#[test]
fn the_game_caps_what_mods_get() {
    let text = ModText {
        manifest: head("bad") + "[budget]\nfuel = 1_000\n" + &plain_system("run"),
        wat: module("(func (export \"sys_run\"))"),
    };
    let mut game = Game::with(&[("bad", &text)], |plugin| {
        plugin.limits(ModLimits { fuel: 1_999, ..ModLimits::default() })
    });
    game.frame();
    let refusal = game.report("bad", ModReportKind::Refused);
    assert!(refusal.contains("2000 units") && refusal.contains("at most 1999"), "{refusal}");
}
