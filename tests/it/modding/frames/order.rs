//! The systems of all mods run in one order, the same in every run.

use tinkerbox::ModReportKind;

use crate::modding::games::game::*;

/// Sets every x to 10 * x + `digit`.
fn writer(id: &str, digit: u32, order: &str) -> ModText {
    let mut text = mover(id, 0.0);
    text.manifest = text.manifest.replace("name = \"move\"\n", &format!("name = \"move\"\n{order}\n"));
    let body = format!(
        "(f32.store (local.get $a) (f32.add (f32.mul (f32.load (local.get $a)) (f32.const 10)) (f32.const {digit})))"
    );
    text.wat = module(&each_row("move", [8, 0], 4096, &body));
    text
}

fn run(mods: &[(&str, &str)]) -> f32 {
    let texts: Vec<_> =
        mods.iter().enumerate().map(|(number, (id, order))| writer(id, number as u32 + 1, order)).collect();
    // The folders' names do not determine the order.
    let folders: Vec<_> = (0..mods.len()).map(|number| format!("folder{}", mods.len() - number)).collect();
    let mods: Vec<_> = folders.iter().map(String::as_str).zip(&texts).collect();
    let mut game = Game::new(&mods);
    let entity = game.spawn_at(0.0);
    game.frame();
    game.x(entity)
}

#[test]
fn it_is_by_id_unless_somebody_wishes_otherwise() {
    assert_eq!(run(&[("aaa", ""), ("bbb", ""), ("ccc", "")]), 123.0);
    assert_eq!(run(&[("aaa", "after = [\"ccc:move\"]"), ("bbb", ""), ("ccc", "")]), 231.0);
    assert_eq!(run(&[("aaa", ""), ("bbb", ""), ("ccc", "before = [\"aaa:move\", \"gone:move\"]")]), 231.0);
}

#[test]
fn who_closes_a_circle_is_refused_and_the_others_run() {
    let first = writer("aaa", 1, "after = [\"bbb:move\"]");
    let second = writer("bbb", 2, "after = [\"aaa:move\"]");
    let mut game = Game::new(&[("a", &first), ("b", &second)]);
    let entity = game.spawn_at(0.0);
    game.frame();
    assert_eq!(game.x(entity), 1.0);
    let refusal = game.report("bbb", ModReportKind::Refused);
    assert!(refusal.contains("b/mod.wasm"), "{refusal}");
    assert!(refusal.contains("aaa:move waits for bbb:move waits for aaa:move"), "{refusal}");
}
