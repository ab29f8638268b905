//! Tells a game in development what was built here: which content of a mod is the author's own, and what a compiler found
//! wrong. The game reads it from one file beside the installed mods, whose form is in `tinkerbox`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use tinkerbox::{BuildError, DevBuild, DevBuilds, content_hash};

use crate::build::compile_error::CompileError;
use crate::build::console::{Console, Tone};
use crate::build::made::Made;
use crate::install;
use crate::project::MANIFEST;

/// Writes what was made into the files beside the folders that mods are installed into, which stand before each. It comes
/// before they are installed, so that a game which finds new content finds out as well that it was built here.
///
/// A game that is not in development needs none of this, so a file that can't be written is no failure of the build.
pub(crate) fn tell<'m, 's: 'm>(made: impl Iterator<Item = (&'m Path, &'m Made<'s>)>, console: Console) {
    let mut by_folder: BTreeMap<&Path, Vec<&Made>> = BTreeMap::new();
    made.for_each(|(folder, of_mod)| by_folder.entry(folder).or_default().push(of_mod));
    for (folder, made) in by_folder {
        if let Err(error) = tell_in(folder, &made) {
            let file = folder.join(DevBuilds::FILE);
            let text =
                format!("{} can't be written, so games do not show what was built: {error}", file.display());
            console.say(Tone::Bad, "warning", &text);
        }
    }
}

fn tell_in(folder: &Path, made: &[&Made]) -> io::Result<()> {
    let _lock = install::lock(folder)?;
    let file = folder.join(DevBuilds::FILE);
    let before = fs::read_to_string(&file).unwrap_or_default();
    let mut builds = DevBuilds::parse(&before).unwrap_or_default();
    // An error in a file of a mod whose sources are gone is of no use to anyone.
    for build in builds.mods.values_mut() {
        build.errors.retain(|error| error.file.as_ref().is_none_or(|file| Path::new(file).exists()));
    }
    let is_new = |name: &String| made.iter().any(|of_mod| of_mod.source.name == *name);
    // What is not installed any more can be forgotten.
    builds.mods.retain(|name, build| {
        let was_never_installed = build.content.is_none() && !build.errors.is_empty();
        is_new(name) || was_never_installed || folder.join(name).join(MANIFEST).is_file()
    });
    for of_mod in made {
        let build = builds.mods.entry(of_mod.source.name.clone()).or_default();
        update(build, of_mod);
    }
    let text = builds.text();
    if text != before {
        let own = file.parent().unwrap_or(folder);
        fs::create_dir_all(own)?;
        // What a link leads to is not ours to write, and games do not read through it.
        if fs::symlink_metadata(own)?.is_symlink() {
            return Err(io::Error::other(format!("{} is a link; remove it", own.display())));
        }
        install::write(own, "builds.toml", text.as_bytes())?;
    }
    Ok(())
}

fn update(build: &mut DevBuild, made: &Made) {
    build.errors = made.errors.iter().map(told).collect();
    if let Ok(files) = &made.files
        && let (Some(manifest), Some(wasm)) =
            (files.get(MANIFEST), files.get(&install::wasm_name(made.source)))
    {
        build.content = Some(content_hash(manifest, wasm));
    }
}

fn told(error: &CompileError) -> BuildError {
    let CompileError { file, line, column, text } = error;
    let file = file.as_ref().map(|file| file.display().to_string());
    BuildError { file, line: *line, column: *column, text: text.clone() }
}
