//! One mod in an endless loop beside 99 good ones: these lose nothing, and the loop gets no more than its budget.

use tinkerbox::{ModReportKind, ModStatus};

use crate::modding::games::game::*;

const GOOD: usize = 99;
const LOOP_FUEL: u64 = 10_000;

/// Writes all positions, as do all 99 mods: a lost turn of any of them would show in the result.
fn good(number: usize) -> (String, ModText) {
    let id = format!("good{number}");
    let text = mover(&id, 1.0);
    (id, text)
}

fn endless() -> ModText {
    let mut text = plain("endless", "(loop $for_ever (br $for_ever))");
    let budget = format!("[budget]\nfuel = {LOOP_FUEL}\nburst = {LOOP_FUEL}\n[[system]]");
    text.manifest = text.manifest.replace("[[system]]", &budget);
    text
}

/// The effects and the fuel of the good mods after n frames.
fn history(mods: &[(String, ModText)], frames: usize) -> (Game, Vec<(f32, u64, u64, u64)>) {
    let mods: Vec<_> = mods.iter().map(|(id, text)| (id.as_str(), text)).collect();
    let mut game = Game::new(&mods);
    let entity = game.spawn_at(0.0);
    let mut history = Vec::new();
    for _ in 0..frames {
        game.app.world_mut().resource_mut::<tinkerbox::ModTime>().tick += 1;
        game.frame();
        let x = game.x(entity);
        history.extend((0..GOOD).map(|number| {
            let stats = game.stats(&format!("good{number}"));
            (x, stats.fuel_used, stats.suspensions, stats.faults)
        }));
    }
    (game, history)
}

#[test]
fn ninety_nine_good_mods_lose_nothing() {
    const FRAMES: usize = 70;
    let good: Vec<_> = (0..GOOD).map(good).collect();
    let (_, alone) = history(&good, FRAMES);
    assert_eq!(alone.last().map(|(x, ..)| *x), Some((GOOD * FRAMES) as f32));
    let (mut game, beside) = history(&[&good[..], &[("endless".to_owned(), endless())]].concat(), FRAMES);
    assert_eq!(alone, beside);
    game.report("endless", ModReportKind::Faulted);
    let stats = game.stats("endless");
    assert!(stats.suspensions > 60 && stats.fuel_total <= LOOP_FUEL * FRAMES as u64, "{stats:?}");
}

#[test]
fn a_loop_uses_its_budget_and_ends_in_quarantine() {
    let mut game = Game::new(&[("endless", &endless())]);
    game.spawn_at(0.0);
    for _ in 0..2_000 {
        game.frame();
        assert!(game.stats("endless").fuel_used <= LOOP_FUEL);
        if game.status("endless") == ModStatus::Quarantined {
            let used = game.stats("endless").fuel_total;
            game.frames(10);
            assert_eq!(game.stats("endless").fuel_total, used);
            return;
        }
    }
    panic!("it should be in quarantine by now: {:?}", game.stats("endless"));
}
