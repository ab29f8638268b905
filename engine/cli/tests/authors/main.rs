//! A new author, with the real tool and the running game, in an empty folder: from `new` to a change that is live, a mistake,
//! and its correction. The same in every language; where its compiler is missing, a line says what is skipped.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod author;
mod language;
#[path = "../programs/mod.rs"]
mod programs;

use std::process::ExitCode;

use author::{Author, Dev};
use language::Language;
use libtest_mimic::Trial;
use programs::save;

/// Whether a test may be skipped for want of a compiler: not where everything is to be tested.
fn is_skipped(language: &Language) -> bool {
    let Some(missing) = language.missing() else { return false };
    assert!(std::env::var_os("CI").is_none(), "{missing} is missing: {} can't be tested", language.name);
    eprintln!("skipped: {missing} is not installed, so {} is not tested", language.name);
    true
}

/// A new mod for Meadow: checked, tested, built on every save, and seen in the running game.
#[track_caller]
fn a_mod_is_made_and_changed_while_the_game_runs(language: &Language) {
    if is_skipped(language) {
        return;
    }
    let author = Author::new();
    author.write_interface();
    let said = author.tinkerbox(".", &["new", "gale", "--lang", language.name]);
    assert!(said.contains("created") && said.contains("meadow.interface.toml"), "{said}");
    language.prepare(&author, "gale");

    let said = author.tinkerbox("gale", &["check"]);
    assert!(said.contains("reads `meadow:Energy`") && said.contains("`meadow` would load it"), "{said}");
    let said = author.tinkerbox("gale", &["test"]);
    assert!(said.contains("passed") && said.contains("tests/hello.toml"), "{said}");

    // The folder of the game's mods is made by the first build, and the game started after that.
    let mut dev = Dev::start(&author, "gale");
    let source = author.folder().join("gale").join(language.source);
    let good = std::fs::read_to_string(&source).unwrap();
    dev.game.wait("gale says: hello from gale to ");

    save(&source, &good.replace("hello from", "greetings from"));
    dev.game.wait("gale reloaded: ");
    dev.game.wait("gale says: greetings from gale to ");

    let (broken, line) = language.broken(&good);
    save(&source, &broken);
    let place = format!("{}:{line}", language.source);
    dev.tool.wait("not built gale");
    let told = dev.game.wait("gale build failed: ");
    assert!(told.contains(&place), "{told} does not name {place}");
    // The version before goes on.
    dev.game.wait("gale says: greetings from gale to ");

    save(&source, &good.replace("hello from", "good day from"));
    dev.game.wait("gale build repaired: ");
    dev.game.wait("gale says: good day from gale to ");

    // What the game would refuse is not installed either.
    let manifest = author.folder().join("gale/mod.toml");
    let asked = std::fs::read_to_string(&manifest).unwrap();
    save(&manifest, &asked.replace("read = [\"meadow:Energy\"]", "read = []"));
    dev.tool.wait("refused gale: not installed");
    dev.game.wait("gale build failed: ");
    save(&manifest, &asked);
    dev.game.wait("gale build repaired: ");
    dev.end();
}

/// A mod for no game: `new` asks for nothing but a name.
#[track_caller]
fn a_mod_needs_no_more_than_a_name(language: &Language) {
    if is_skipped(language) {
        return;
    }
    let author = Author::new();
    let arguments: &[&str] = match language.name {
        "rust" => &["new", "gust"],
        name => &["new", "gust", "--lang", name],
    };
    author.tinkerbox(".", arguments);
    language.prepare(&author, "gust");
    let said = author.tinkerbox("gust", &["check"]);
    assert!(said.contains("asks to be allowed nothing"), "{said}");
    let said = author.tinkerbox("gust", &["test"]);
    assert!(said.contains("passed"), "{said}");
    let said = author.tinkerbox("gust", &["pack"]);
    assert!(said.contains("gust-0.1.0.zip"), "{said}");
    let said = author.tinkerbox("gust", &["inspect", "gust-0.1.0.zip"]);
    assert!(said.contains("gust 0.1.0"), "{said}");
}

fn main() -> ExitCode {
    if let Some(ended) = author::play_if_asked() {
        return ended;
    }
    let languages = [&language::RUST, &language::C, &language::ZIG, &language::ASSEMBLYSCRIPT];
    let trials = languages.into_iter().flat_map(|language| {
        let test = |name: &str, run: fn(&Language)| {
            let run = move || {
                run(language);
                Ok(())
            };
            Trial::test(format!("{}_{name}", language.name), run)
        };
        [
            test("is_live", a_mod_is_made_and_changed_while_the_game_runs),
            test("needs_a_name", a_mod_needs_no_more_than_a_name),
        ]
    });
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials.collect()).exit_code()
}
