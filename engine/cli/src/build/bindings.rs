//! Keeps the bindings of a mod as its game's interface is: the file that `bindings` under `[dev]` names.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use tinkerbox_bindings::Language;
use tinkerbox_interface::Interface;

use super::sources::{OfGame, Source};
use crate::install;
use crate::project::MANIFEST;

/// Writes the bindings of a mod anew, if they are not what they should be.
///
/// # Errors
/// If the interface can't be read, there are no bindings for it, or the file can't be written.
pub(super) fn refresh(source: &Source) -> anyhow::Result<()> {
    let OfGame { interface, bindings, .. } = &source.game;
    let Some(bindings) = bindings else { return Ok(()) };
    let manifest = || source.folder.join(MANIFEST).display().to_string();
    let Some(interface) = interface else {
        bail!("{}: [dev] has `bindings` and no `interface` to make them from. Add it", manifest());
    };
    let language = language(bindings).with_context(|| {
        format!("{}: `bindings` under [dev] has to end in .h, .zig, .ts or .rs", manifest())
    })?;
    let text = language.bindings(&Interface::read(interface)?);
    let text = text.with_context(|| format!("no bindings can be made of {}", interface.display()))?;
    match fs::read_to_string(bindings) {
        // A file that is only written again would be built again.
        Ok(before) if before == text => return Ok(()),
        Ok(before) if !before.is_empty() && !tinkerbox_bindings::is_generated(&before) => bail!(
            "{} was not made by this tool, so it is not replaced. Move it away, or correct `bindings` under [dev] in {}",
            bindings.display(),
            manifest()
        ),
        _ => {}
    }
    let cannot = || format!("the bindings {} can't be written", bindings.display());
    fs::create_dir_all(bindings.parent().with_context(cannot)?).with_context(cannot)?;
    // In the mod's folder, which may be all that can be written to.
    install::write_beside(bindings, text.as_bytes()).with_context(cannot)
}

fn language(bindings: &Path) -> Option<Language> {
    let extension = bindings.extension()?.to_str()?;
    Language::ALL.into_iter().map(|(_, language)| language).find(|of| of.extension() == extension)
}
