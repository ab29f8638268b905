//! `tinkerbox check`: says what a game would say of a mod, and what the mod asks for.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use tinkerbox::{Interface, ModDetails};

use super::freshly_built::FreshlyBuilt;
use crate::build::console::{Console, Tone};
use crate::check::{Candidate, Checked, check};
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
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox check                                  the mod of this folder
  tinkerbox check --interface meadow.interface.toml
  tinkerbox check --with ~/game/mods/wolves        with another mod of the game

Exit codes:
  0  a game with this interface would load the mod
  1  it would not, or the mod can't be built
  2  the command line is wrong";

/// Builds, and loads what was built into a stand-in for the game.
///
/// # Errors
/// If a mod can't be built, or a game would refuse it.
pub(super) fn run(arguments: Check) -> anyhow::Result<()> {
    let Check { folder, interface, with } = arguments;
    let built = FreshlyBuilt::new(&project::folder(folder.as_deref())?)?;
    let mut refused = Vec::new();
    for of_mod in &built.mods {
        let interface = interface_of(interface.as_deref(), &of_mod.source)?;
        let candidate = Candidate {
            built: &of_mod.folder,
            source: &of_mod.source,
            interface: interface.as_ref(),
            with: &with,
        };
        match check(candidate)? {
            Ok(checked) => {
                print(&checked, interface.as_ref());
                if !checked.refusals.is_empty() {
                    refused.push(of_mod.name.clone());
                }
            }
            Err(why) => {
                Console::StandardError.say(Tone::Bad, "refused", &format!("{}: {why}", of_mod.name));
                refused.push(of_mod.name.clone());
            }
        }
    }
    match refused.is_empty() {
        true => Ok(()),
        false => bail!("a game would not load: {}. See the reasons above", refused.join(", ")),
    }
}

/// The interface that was named, or that the mod's manifest names.
pub(super) fn interface_of(named: Option<&Path>, source: &Path) -> anyhow::Result<Option<Interface>> {
    let file = match named {
        Some(file) => Some(file.to_owned()),
        None => project::Manifest::read(source)?.dev.interface.map(|file| source.join(file)),
    };
    Ok(file.map(|file| Interface::read(&file)).transpose()?)
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

fn print(checked: &Checked, interface: Option<&Interface>) {
    let Checked { details, facts, refusals } = checked;
    let out = Console::StandardError;
    out.line(&describe(details, interface));
    out.line(&format!("  instructions: {}", facts.features()));
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

/// What a mod is and may do, in words.
pub(super) fn describe(details: &ModDetails, interface: Option<&Interface>) -> String {
    let mut lines = vec![format!("{} {} ({} bytes)", details.title, details.version, details.wasm_bytes)];
    if !details.authors.is_empty() {
        lines.push(format!("  by {}", details.authors.join(", ")));
    }
    lines.push(format!(
        "  asks for {} units of fuel in each frame and {} bytes of memory",
        details.fuel, details.memory_bytes
    ));
    lines.push(match details.permissions.is_empty() {
        true => "  asks to be allowed nothing".to_owned(),
        false => "  asks to be allowed what it needs, since it:".to_owned(),
    });
    for permission in &details.permissions {
        let about = permission.id().and_then(|id| interface?.shared(id));
        let about = about.and_then(|ty| ty.docs.lines().next()).filter(|line| !line.is_empty());
        let about = about.map(|line| format!(" ({line})")).unwrap_or_default();
        lines.push(format!("    - {}{about}", permission.words()));
    }
    lines.push("  its systems, in the order in which they run:".to_owned());
    for system in &details.systems {
        let mut does: Vec<String> =
            system.handles_removed.iter().map(|id| format!("is told when {id} is removed")).collect();
        let mut add = |what: &str, ids: &[String]| {
            if !ids.is_empty() {
                does.push(format!("{what} {}", ids.join(", ")));
            }
        };
        add("on", system.handles.as_slice());
        add("reads", &system.reads);
        add("writes", &system.writes);
        add("sends", &system.sends);
        does.extend(system.commands.then(|| "spawns, despawns, inserts or removes".to_owned()));
        lines.push(format!("    - {}: {}", system.name, does.join("; ")));
    }
    lines.push(format!("  hash {}", details.hash));
    lines.join("\n")
}
