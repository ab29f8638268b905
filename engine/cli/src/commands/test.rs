//! `tinkerbox test`: runs the scenarios beside a mod.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use tinkerbox::Interface;

use super::freshly_built::{Fresh, FreshlyBuilt};
use crate::build::console::{Console, Tone};
use crate::check::CheckSettings;
use crate::project;
use crate::scenario::{self, Subject};

/// The arguments of `tinkerbox test`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Test {
    /// The folder of a mod, or a folder that contains folders of mods [default: the mod that the current folder is in]
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Run only the scenario in this file, or of this name; may be given several times
    #[arg(long, value_name = "FILE")]
    pub only: Vec<PathBuf>,
    /// What the game exposes [default: `interface` under `[dev]` in mod.toml]
    #[arg(long, value_name = "FILE")]
    pub interface: Option<PathBuf>,
    /// Write what is into the scenarios, in place of what was expected
    #[arg(long)]
    pub bless: bool,
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox test                                all scenarios in tests/*.toml of this mod
  tinkerbox test --only tests/wind.toml         one of them
  tinkerbox test --bless                        take what is as what is expected

Exit codes:
  0  everything is as expected
  1  something is not, or the mod can't be built or loaded
  2  the command line is wrong";

/// How the scenarios went.
#[derive(Default)]
struct Tally {
    passed: u32,
    failed: Vec<PathBuf>,
}

/// Builds the mods and runs their scenarios.
///
/// # Errors
/// If a scenario fails, or there is none.
pub(super) fn run(arguments: Test) -> anyhow::Result<()> {
    let folder = project::folder(arguments.folder.as_deref())?;
    let only = arguments.only.iter().map(|file| {
        // Or by its name alone.
        let named = || folder.join("tests").join(file).with_extension("toml").canonicalize();
        let found = file.canonicalize().or_else(|_| named());
        found.with_context(|| format!("the scenario {} can't be found", file.display()))
    });
    let only = only.collect::<anyhow::Result<Vec<_>>>()?;
    let check = CheckSettings { interface: arguments.interface, with: Vec::new() };
    let built = FreshlyBuilt::new(&folder, check)?;
    let mut tally = Tally::default();
    for of_mod in &built.mods {
        let mut files = scenario::beside(&of_mod.source)?;
        files.retain(|file| only.is_empty() || file.canonicalize().is_ok_and(|file| only.contains(&file)));
        if files.is_empty() {
            continue;
        }
        let interface = of_mod.interface.clone().map_or_else(no_game, Ok)?;
        for file in files {
            run_file(of_mod, &interface, &file, arguments.bless, &mut tally)?;
        }
    }
    match (tally.passed, tally.failed.is_empty()) {
        (0, true) => bail!("there is no scenario: a mod has them in tests/*.toml beside its mod.toml"),
        (_, true) => Ok(()),
        (passed, false) => {
            bail!("{} of {} scenarios failed", tally.failed.len(), passed as usize + tally.failed.len())
        }
    }
}

/// What a game exposes that exposes nothing: enough for a mod that names no game.
fn no_game() -> anyhow::Result<Interface> {
    Ok(Interface::parse("game = \"no_game\"\napi = 1\n")?)
}

fn run_file(
    of_mod: &Fresh,
    interface: &Interface,
    file: &Path,
    bless: bool,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let out = Console::StandardError;
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            out.say(Tone::Bad, "failed", &format!("{}: it can't be read: {error}", file.display()));
            tally.failed.push(file.to_owned());
            return Ok(());
        }
    };
    let subject = Subject { folder: &of_mod.alone, id: &of_mod.id, interface };
    let outcome = scenario::parse(&text).and_then(|scenario| scenario::run(subject, &scenario));
    let name = file.display();
    let mismatches = match outcome {
        Ok(mismatches) => mismatches.0,
        Err(why) => {
            out.say(Tone::Bad, "failed", &format!("{name}: {why}"));
            tally.failed.push(file.to_owned());
            return Ok(());
        }
    };
    let mut left: Vec<_> = mismatches.iter().collect();
    if bless && !mismatches.is_empty() {
        let (blessed, remaining) =
            scenario::bless(&text, &mismatches).map_err(|why| anyhow!("{name}: {why}"))?;
        fs::write(file, blessed).with_context(|| format!("{name} can't be written"))?;
        out.say(Tone::Plain, "blessed", &format!("{name}: {} changes", mismatches.len() - remaining.len()));
        left = remaining;
    }
    if left.is_empty() {
        out.say(Tone::Good, "passed", &name.to_string());
        tally.passed += 1;
        return Ok(());
    }
    out.say(Tone::Bad, "failed", &name.to_string());
    for mismatch in left {
        out.line(&format!("    {mismatch}"));
    }
    out.line(&format!("    to repeat it: tinkerbox test {} --only {name}", of_mod.source.display()));
    tally.failed.push(file.to_owned());
    Ok(())
}
