//! `tinkerbox check`: says what a game would say of a mod, and what the mod asks for.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use tinkerbox::Interface;

use crate::build::console::{Console, Tone};
use crate::build::{BuildRequest, build};
use crate::check::{CheckSettings, Checked, describe, json};
use crate::project;

/// The arguments of `tinkerbox check`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Check {
    /// The folder of a mod, or a folder that contains folders of mods [default: the mod that the current folder is in]
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// What the game exposes [default: `interface` under `[dev]` in mod.toml]
    #[arg(long, value_name = "FILE")]
    pub interface: Option<PathBuf>,
    /// The folder of another mod of the game, as it is installed; may be given several times
    #[arg(long, value_name = "FOLDER")]
    pub with: Vec<PathBuf>,
    /// Print what was found as JSON to standard output, a line for each mod
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox check                                  the mod of this folder
  tinkerbox check --interface meadow.interface.toml
  tinkerbox check --with ~/game/mods/wolves        with another mod of the game
  tinkerbox check --json | jq .refusals            for another program

Exit codes:
  0  a game with this interface would load the mod
  1  it would not, or the mod can't be built
  2  the command line is wrong";

/// Builds into a folder that is thrown away, and prints what a game would say.
///
/// # Errors
/// If a mod can't be built, or a game would refuse it.
pub(super) fn run(arguments: Check) -> anyhow::Result<()> {
    let Check { folder, interface, with, json: as_json } = arguments;
    let nowhere = tempfile::tempdir().context("no folder can be made for the built mods")?;
    let request = BuildRequest {
        folder: project::folder(folder.as_deref())?,
        to: Some(nowhere.path().to_owned()),
        check: CheckSettings { interface, with },
        ..BuildRequest::default()
    };
    let report = build(&request, Console::StandardError)?;
    let mut refused = Vec::new();
    for of_mod in &report.mods {
        match &of_mod.checked {
            Some(checked) if as_json => anstream::println!("{}", json(checked)),
            Some(checked) => print(checked),
            None => bail!("{} was not checked, since it was not built: see the reason above", of_mod.name),
        }
        let is_refused = of_mod.checked.as_ref().is_some_and(|checked| !checked.refusals.is_empty());
        refused.extend(is_refused.then(|| of_mod.name.clone()));
    }
    match refused.is_empty() {
        true => Ok(()),
        false => bail!("a game would not load: {}. See the reasons above", refused.join(", ")),
    }
}

/// The interface that was named, or that of the mod that the current folder is in; and its file.
pub(super) fn interface_here(named: Option<PathBuf>) -> anyhow::Result<(PathBuf, Interface)> {
    let file = match named {
        Some(file) => file,
        None => {
            let source = project::one_mod(None).context("which interface? Name its file with --interface")?;
            let file = project::Manifest::read(&source)?.dev.interface;
            source.join(file.with_context(|| {
                format!(
                    "which interface? Name its file with --interface, or as `interface` under [dev] in {}",
                    source.join(project::MANIFEST).display()
                )
            })?)
        }
    };
    let interface = Interface::read(&file)?;
    Ok((file, interface))
}

fn print(checked: &Checked) {
    let Checked { about, interface, refusals } = checked;
    let out = Console::StandardError;
    if let Some((details, facts)) = about {
        out.line(&describe(details, facts, interface.as_ref()));
    }
    for why in refusals {
        out.say(Tone::Bad, "refused", why);
    }
    match (refusals.is_empty(), interface) {
        (false, _) => {}
        (true, Some(interface)) => out.say(Tone::Good, "ok", &format!("`{}` would load it", interface.game)),
        (true, None) => out.say(
            Tone::Plain,
            "not checked",
            "whether the game has what it names: name the game's interface file with --interface, or as `interface` \
             under [dev] in mod.toml",
        ),
    }
}
