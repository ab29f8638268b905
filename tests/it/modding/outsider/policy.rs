//! What the game allows of what it exposes, in ways that a game may write it.

use bevy_ecs::prelude::*;
use tinkerbox::{Expose, ModStatus};
use tinkerbox_macros::mod_type;

use super::*;

#[mod_type("rules:Hull")]
#[derive(Component)]
struct Hull {
    planks: u32,
}

#[mod_type("rules:Sunk")]
#[derive(Message)]
struct Sunk {
    ship: u32,
}

fn text(id: &str, permissions: &str, systems: &str) -> ModText {
    ModText {
        manifest: format!("{}[permissions]\n{permissions}\n{systems}", head(id)),
        wat: module("(func (export \"sys_run\"))"),
    }
}

#[test]
fn what_is_for_no_mod_is_for_none() {
    let mut game = Game::new(&[("a", &text("aaa", "read = [\"rules:Hull\"]", &plain_system("run")))]);
    // A list that the game has read from its settings.
    let trusted: Vec<&str> = Vec::new();
    game.app.expose_component::<Hull>().only_for(&trusted);
    game.frames(2);
    assert_eq!(game.status("aaa"), ModStatus::Refused);
}

#[test]
fn a_second_restriction_takes_nothing_back() {
    let sender = text("aaa", "send = [\"rules:Sunk\"]", &plain_system("run"));
    let mut game = Game::new(&[("a", &sender)]);
    let both = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        game.app.expose_event::<Sunk>().hear_only().send_only();
    }));
    if both.is_ok() {
        game.frames(2);
        assert_eq!(game.status("aaa"), ModStatus::Refused, "mods may only hear it, and then only send it");
    }
}

/// What a game is told by a panic.
fn told(done: impl FnOnce()) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(done)).expect_err("it must not pass");
    panic.downcast_ref::<String>().expect("the panic has a text").clone()
}

#[test]
fn a_rule_that_mods_were_built_without_comes_too_late() {
    let mut game = Game::new(&[("a", &mover("aaa", 1.0))]);
    game.app.expose_component::<Hull>().only_for(&["bbb"]);
    game.frames(2);
    let text = told(|| _ = game.app.expose_component::<Position>().read_only());
    assert!(text.contains("`game:Position` comes too late"), "{text}");
    let text = told(|| _ = game.app.expose_component::<Position>().only_for(&["bbb"]));
    assert!(text.contains("`game:Position` comes too late"), "{text}");
    // Two plugins may say the same.
    game.app.expose_component::<Hull>().only_for(&["bbb"]);
    let text = told(|| _ = game.app.expose_component::<Hull>().only_for(&["aaa"]));
    assert!(text.contains("restricted twice: only_for `bbb`, and only_for `aaa`"), "{text}");
    game.frames(2);
    assert_eq!(game.status("aaa"), ModStatus::Live);
}

#[test]
fn what_is_exposed_later_has_the_rule_that_it_is_exposed_with() {
    let mods = ["aaa", "bbb"].map(|id| text(id, "read = [\"rules:Hull\"]", &plain_system("run")));
    let mut game = Game::new(&[("a", &mods[0]), ("b", &mods[1])]);
    game.frames(2);
    game.app.expose_component::<Hull>().only_for(&["bbb"]);
    game.frames(3);
    assert_eq!([game.status("aaa"), game.status("bbb")], [ModStatus::Refused, ModStatus::Live]);
}
