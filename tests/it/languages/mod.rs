//! Mods in other languages than Rust: a broad mod, which uses everything that a mod can do, has to behave as the same mod
//! in Rust does, to the last bit of the world.

pub mod assemblyscript;
pub mod c;
mod compilers;
mod contract;
mod examples;
mod parity;
mod rust;
mod scenario;
mod snippets;
mod state;
pub mod zig;

use std::sync::LazyLock;

use tinkerbox::{LogLevel, ModReportKind, ModStatus};

use crate::modding::games::game::*;
use crate::modding::games::snapshot::assert_same;

/// What the broad mod in Rust does.
static EXPECTED: LazyLock<scenario::Told> =
    LazyLock::new(|| scenario::story(&rust::BROAD[0], &rust::BROAD[1]));

/// Checks that the two versions of the broad mod do what those in Rust do.
#[track_caller]
fn assert_like_rust(first: &[u8], second: &[u8]) {
    for ((frame, told), (_, expected)) in scenario::story(first, second).iter().zip(&*EXPECTED) {
        assert_same(told, expected, &format!("frame {frame}"));
    }
}

/// The same if only one of them is in another language, and takes over the state of the other.
#[track_caller]
fn assert_state_like_rust(first: &[u8], second: &[u8]) {
    assert_like_rust(&rust::BROAD[0], second);
    assert_like_rust(first, &rust::BROAD[1]);
}

/// What a mod with this code and these sections of its manifest logs in some frames.
#[track_caller]
fn said(wasm: &[u8], sections: &str, frames: usize) -> Vec<String> {
    let mut game = Game::new(&[]);
    game.write_file("told", "mod.toml", (head("told") + sections).as_bytes());
    game.write_file("told", "told.wasm", wasm);
    game.frames(frames);
    assert_eq!(game.status("told"), ModStatus::Live, "{:?}", game.all_reports());
    game.reports("told", ModReportKind::Log(LogLevel::Info))
}

/// The story itself, so that a mod that does nothing is not compared with another that does nothing.
#[test]
fn the_story_reaches_everything() {
    let lines = EXPECTED.iter().flat_map(|(_, text)| text.lines());
    let whole: Vec<&str> =
        lines.filter(|line| !line.starts_with("entity ") && !line.starts_with("next is ")).collect();
    let whole = whole.join("\n");
    for part in [
        "Info: bell 1 of 7, 0.33",
        "Bell { number: 101, ringer: 7",
        "Info: 1205 things, 3 still",
        "moods changed, 0 sheep",
        "follows nobody",
        "moods changed, 61 sheep",
        "Error: commands were refused: DENIED (-1)",
        "Info: no season",
        "Info: luck ",
        "born, one has the mood ",
        "Info: wind ",
        "Info: 1 days, 1.16, [0.00, 0.00], day 1, cold, -300",
        "Warn: the state's field `diary::warmth` has its default",
        "Info: the state's field `diary::nights` is new",
        "Info: 9 days, 1.00, [",
        "fault: system `fail` ended in a fault at tick 11: it panicked: 3 are doomed, -0.3",
    ] {
        assert!(whole.contains(part), "{part} is missing in {whole}");
    }
}
