//! Fuel shared by all mods: a mod that asks for little gets it, however many others run.

use tinkerbox::{FuelBudget, ModReportKind, ModStatus};

use crate::modding::games::game::*;

/// A mod that asks for this much fuel in each frame, and uses all that it gets if it never ends.
fn asking(id: &str, fuel: u64, body: &str) -> ModText {
    let mut text = plain(id, body);
    let budget = format!("[budget]\nfuel = {fuel}\nburst = {fuel}\n[[system]]");
    text.manifest = text.manifest.replace("[[system]]", &budget);
    text
}

const ENDLESS: &str = "(loop $for_ever (br $for_ever))";

#[test]
fn the_modest_lose_nothing_and_the_greedy_get_the_rest_in_equal_parts() {
    let greedy = [asking("greedy1", 1_000_000, ENDLESS), asking("greedy2", 3_000_000, ENDLESS)];
    let modest = asking("modest", 500, "(drop (call $fuel_left))");
    let mods = [("a", &greedy[0]), ("b", &greedy[1]), ("c", &modest)];
    let mut game = Game::with(&mods, |plugin| plugin.frame_fuel(20_000));
    for _ in 0..20 {
        game.frame();
        let used = ["greedy1", "greedy2", "modest"].map(|id| game.stats(id).fuel_used);
        assert!(used.iter().sum::<u64>() <= 20_000, "{used:?}");
        assert!(used[0].abs_diff(used[1]) <= 300, "{used:?}");
        assert!(used[0] > 9_000, "what the modest one leaves is theirs: {used:?}");
        assert_eq!(game.status("modest"), ModStatus::Live);
    }
    assert_eq!(game.reports("modest", ModReportKind::Suspended), [""; 0]);
}

#[test]
fn without_a_cap_all_get_what_they_ask_for() {
    let greedy = asking("greedy", 100_000, ENDLESS);
    let mut game = Game::new(&[("a", &greedy)]);
    game.frame();
    assert!(game.stats("greedy").fuel_used.abs_diff(100_000) < 300);
}

#[test]
fn a_game_changes_grants_while_it_runs() {
    let mut game = Game::new(&[("a", &asking("greedy", 10_000, ENDLESS))]);
    game.frame();
    for grant in [10_000, 50_000, 700, 0, 20_000] {
        let entity = game.entity("greedy");
        game.world().entity_mut(entity).insert(FuelBudget { grant, burst: grant });
        game.frame();
        let used = game.stats("greedy").fuel_used;
        assert!(used <= grant && used.abs_diff(grant) < 300, "{used} of {grant}");
    }
}
