//! What a mod in Rust says when it panics reaches the report, with the file and the line.

use tinkerbox::ModReportKind;

use super::built::built;
use super::sources::{HEAD, PANICS};
use crate::modding::games::game::*;

const RIGHTS: &str = "[permissions]\nread = [\"game:Position\", \"game:Weather\"]\n";

/// The line of some code in the mod.
fn line_of(code: &str) -> usize {
    let text = format!("{HEAD}{PANICS}");
    1 + text.lines().position(|line| line.contains(code)).unwrap()
}

#[test]
fn every_panic_is_told_with_its_place() {
    let cases = [
        ("literal", "literal"),
        ("formatted 1.0", "formatted"),
        ("a maximum", "a maximum"),
        ("of two numbers", "of two numbers"),
        ("capacity overflow", "usize::MAX"),
    ];
    for (number, (message, code)) in cases.into_iter().enumerate() {
        let mut game = Game::new(&[]);
        game.write_file("panics", "mod.toml", (head("panics") + RIGHTS).as_bytes());
        game.write_file("panics", "panics.wasm", built("panics"));
        game.spawn_at(number as f32);
        game.frame();
        let fault = game.report("panics", ModReportKind::Faulted);
        let first = fault.lines().next().unwrap();
        assert!(
            first.contains(&format!("it panicked: {}", if number == 3 { "" } else { message })),
            "{fault}"
        );
        assert!(fault.contains(message), "{fault}");
        let place = format!("src/lib.rs:{}:", line_of(code));
        assert!(first.contains(&place) || number == 4 && first.contains("raw_vec"), "no {place} in {fault}");
    }
}

#[test]
fn a_panic_of_the_sdk_is_told_with_its_reason() {
    let mut game = Game::new(&[]);
    game.write_file("panics", "mod.toml", (head("panics") + RIGHTS).as_bytes());
    game.write_file("panics", "panics.wasm", built("panics"));
    game.frame();
    let fault = game.report("panics", ModReportKind::Faulted);
    let reason = "it panicked: the game does not have the resource `game:Weather` at the moment";
    assert!(fault.contains(reason) && fault.contains("resource.rs:"), "{fault}");
}
