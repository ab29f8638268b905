//! Tells the developer of a game whose debug build does not optimise its dependencies, once: the compiler for mods is among
//! them.
//!
//! What is known is how this crate was built, which the lines below optimise as well.

use std::sync::Once;

/// What to add to the `Cargo.toml` of the game's workspace. The guide has the same lines.
const LINES: &str = "[profile.dev.package.\"*\"]\nopt-level = 3";

/// Says so if this build is not optimised.
pub(crate) fn tell_once() {
    static TOLD: Once = Once::new();
    if let Some(text) = notice(env!("TINKERBOX_OPT_LEVEL")) {
        TOLD.call_once(|| tracing::warn!("{text}"));
    }
}

fn notice(opt_level: &str) -> Option<String> {
    (opt_level == "0").then(|| {
        format!(
            "this build of the game does not optimise its dependencies, so mods take about twenty times as long to compile. \
             Add these lines to the Cargo.toml of its workspace:\n\n{LINES}\n"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_build_without_optimisation_is_told() {
        for level in ["1", "2", "3", "s", "z"] {
            assert_eq!(notice(level), None);
        }
        assert!(notice("0").is_some_and(|text| text.contains(LINES)));
    }

    #[test]
    fn the_guide_has_the_same_lines() {
        assert!(include_str!("../README.md").contains(LINES));
    }
}
