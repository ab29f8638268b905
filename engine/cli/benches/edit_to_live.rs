//! How long an author waits: from saving a file to the first line that the changed mod says in the running game, and how large
//! the smallest mods are.
//!
//! `cargo bench -p tinkerbox-cli --bench edit_to_live [LANGUAGE]...` prints a row for each language, of the median of some
//! edits:
//!
//! ```text
//! in all       from the saved file to the line that the game prints
//! compiler     what of it the compiler takes: by cargo's own word, or the same command run alone
//! the rest     the difference: noticing, starting the compiler, checking, installing, taking over, and up to two frames
//! ```
//!
//! The game runs 60 frames a second.

#![expect(clippy::unwrap_used, reason = "it ends by it")]

#[expect(dead_code, reason = "the tests need more of it")]
#[path = "../tests/authors/author.rs"]
mod author;
#[expect(dead_code, reason = "the tests need more of it")]
#[path = "../tests/authors/language.rs"]
mod language;
#[path = "../tests/programs/mod.rs"]
mod programs;

use std::fs;
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use author::{Author, Dev};
use language::Language;
use programs::save;
use tinkerbox_cli::project::Manifest;

/// Edits of each mod.
const EDITS: usize = 9;

fn main() -> ExitCode {
    if let Some(ended) = author::play_if_asked() {
        return ended;
    }
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    println!("{:<16} {:>8} {:>10} {:>10} {:>14}", "", "in all", "compiler", "the rest", "smallest mod");
    for language in [&language::RUST, &language::C, &language::ZIG, &language::ASSEMBLYSCRIPT] {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == language.name) {
            continue;
        }
        match language.missing() {
            Some(missing) => println!("{:<16} {missing} is not installed", language.name),
            None => measure(language),
        }
    }
    ExitCode::SUCCESS
}

/// Measures a language, and prints its row.
fn measure(language: &Language) {
    let author = Author::new();
    author.write_interface();
    let assets = author.folder().join("assets");
    fs::create_dir(&assets).unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/meadow/meadow.toml");
    let data = fs::read_to_string(data).unwrap();
    let at_60 = data.lines().map(|line| match line.starts_with("tick_seconds") {
        true => "tick_seconds = 0.016666667\n".to_owned(),
        false => format!("{line}\n"),
    });
    fs::write(assets.join("meadow.toml"), at_60.collect::<String>()).unwrap();
    author.tinkerbox(".", &["new", "gale", "--lang", language.name]);
    language.prepare(&author, "gale");
    let bytes = size(&author);

    let source = author.folder().join("gale").join(language.source);
    let good = fs::read_to_string(&source).unwrap().replace("% 60", "% 1");
    let edit = |number: usize| good.replace("hello from", &format!("edit {number} of"));
    fs::write(&source, edit(0)).unwrap();
    let mut dev = Dev::start_with(&author, "gale", &assets);
    dev.game.wait("gale says: edit 0 of ");
    let (mut all, mut of_cargo) = (Vec::new(), Vec::new());
    for number in 1..=EDITS {
        dev.tool.wait("watching");
        std::thread::sleep(Duration::from_millis(300));
        let saved = Instant::now();
        save(&source, &edit(number));
        dev.game.wait(&format!("gale says: edit {number} of "));
        all.push(saved.elapsed());
        if language.name == "rust" {
            of_cargo.push(cargo_took(&dev.tool.wait("Finished `release` profile")));
        }
    }
    dev.end();
    let alone = match of_cargo.is_empty() {
        true => compiler_alone(&author, |number| save(&source, &edit(number))),
        false => of_cargo,
    };
    let (all, alone) = (median(all), median(alone));
    let rest = all.saturating_sub(alone);
    let ms = |time: Duration| format!("{} ms", time.as_millis());
    println!("{:<16} {:>8} {:>10} {:>10} {bytes:>8} bytes", language.name, ms(all), ms(alone), ms(rest));
}

/// The time in cargo's last line: "... in 0.57s".
fn cargo_took(line: &str) -> Duration {
    let seconds = line.rsplit(' ').next().and_then(|last| last.trim_end_matches('s').parse().ok());
    Duration::from_secs_f64(seconds.unwrap_or_else(|| panic!("there is no time in: {line}")))
}

/// What the compiler of another language takes for such an edit.
fn compiler_alone(author: &Author, edit: impl Fn(usize)) -> Vec<Duration> {
    let folder = author.folder().join("gale");
    let command = Manifest::read(&folder).unwrap().dev.build.expect("cargo does not build it");
    let times = (1..=EDITS).map(|number| {
        edit(number + EDITS);
        let mut process = command.command(&folder);
        let started = Instant::now();
        let ended = process.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert!(ended.success(), "the compiler alone");
        started.elapsed()
    });
    times.collect()
}

/// Bytes of the new mod as players get it.
fn size(author: &Author) -> u64 {
    author.tinkerbox("gale", &["pack", "--out", "gale.zip"]);
    let seen = author.tinkerbox("gale", &["inspect", "gale.zip", "--json"]);
    let json: tinyjson::JsonValue = seen.trim().parse().unwrap();
    *json["wasm_bytes"].get::<f64>().unwrap() as u64
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
