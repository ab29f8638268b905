//! Tests of mods: scenario files beside the mod, the same for all languages, run in the real engine without the game.
//!
//! ```text
//! tests/*.toml -> file -> run (values: TOML <-> bytes) -> compare -> mismatches -> printed, or blessed
//! ```

mod bless;
mod compare;
mod file;
mod run;
mod values;

pub use bless::bless;
pub use compare::{Mismatch, Mismatches};
pub use file::{Scenario, beside, parse};
pub use run::{Subject, run};

#[cfg(test)]
mod tests {
    /// The scenario in the README has every key that there is.
    #[test]
    fn the_scenario_in_the_readme_is_one() {
        let readme = include_str!("../../README.md");
        let (_, rest) = readme.split_once("## Scenarios\n").expect("the README has a part about scenarios");
        let (_, rest) = rest.split_once("```toml\n").expect("it has a scenario");
        let (scenario, _) = rest.split_once("```").expect("the block ends");
        let scenario = super::parse(scenario).unwrap();
        assert_eq!((scenario.seed, scenario.steps[0].ticks), (7, 20));
    }
}
