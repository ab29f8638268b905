//! Makes the folder of a new mod, which builds as it is.
//!
//! ```text
//! templates/<language> ─┐
//! sdk (in this binary)  ├─> files -> a hidden folder beside the new one -> renamed into place when all is written
//! interface file        ─┘
//! ```
//!
//! The SDK is put into the mod's own folder, `.tinkerbox/sdk`, and not into one for all mods of a user: so the mod builds
//! wherever its folder is copied or cloned, with its language's tools alone, and another version of this tool does not change
//! what it is built against.

mod blanks;
mod game;
mod new_mod;
mod others;
mod rust;
mod sdk;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tinkerbox_abi::names::{MOD_ID_RULE, is_mod_id};

use crate::project::MANIFEST;
use blanks::{Blanks, filled};
use game::{Example, Game};
use new_mod::Files;
use others::Kit;
use sdk::{EMBEDDED, Sdk};

pub use new_mod::{Language, NewMod};

/// What has to be run in a new mod's folder before it can be built.
pub(crate) fn first_command(language: Language) -> Option<&'static str> {
    others::kit(language).and_then(|kit| kit.first)
}

/// Makes the folder of a mod and returns its path.
///
/// # Errors
/// If the id is not valid, the folder exists, there is no SDK for the language, or something can't be read or written.
/// Nothing is left then.
pub fn make(new: &NewMod) -> anyhow::Result<PathBuf> {
    make_with(new, EMBEDDED)
}

fn make_with(new: &NewMod, embedded: Sdk) -> anyhow::Result<PathBuf> {
    check_id(new)?;
    let folder = new.parent.join(&new.id);
    if fs::symlink_metadata(&folder).is_ok() {
        bail!("{} exists already. Choose another id, or move it away", folder.display());
    }
    let game = new.interface.as_deref().map(Game::read).transpose()?;
    let blanks = Blanks::new(new, game.as_ref());
    let kit = others::kit(new.language);
    let mut files = match &kit {
        None => rust::files(new, &blanks, embedded)?,
        Some(kit) => others::files(new, kit, &blanks, embedded)?,
    };
    files.push((MANIFEST.to_owned(), manifest(game.as_ref(), kit.as_ref(), &blanks)));
    let (with_game, without) =
        (include_str!("../../templates/game.toml.in"), include_str!("../../templates/hello.toml.in"));
    let scenario = if blanks.has_game() { with_game } else { without };
    files.push(("tests/hello.toml".to_owned(), filled(scenario, &blanks, &[])));
    files.extend(game.into_iter().flat_map(Game::files));
    write(&new.parent, &folder, &files)
        .with_context(|| format!("{} can't be made; nothing was left there", folder.display()))?;
    Ok(folder)
}

fn check_id(new: &NewMod) -> anyhow::Result<()> {
    let id = &new.id;
    if !is_mod_id(id) {
        bail!("`{id}` is not a valid id of a mod: use {MOD_ID_RULE}");
    }
    let game = new.interface.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
    if game.is_some_and(|name| name.split('.').next() == Some(id)) {
        bail!("`{id}` is the name of the game, and its types have files of that name. Choose another id");
    }
    if new.language == Language::Rust && rust::WORDS.contains(&id.as_str()) {
        bail!("`{id}` is a word of Rust, so no package can have this name. Choose another id");
    }
    Ok(())
}

/// The only interface file in a folder.
pub(crate) fn interface_in(folder: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let is_interface = |file: &PathBuf| file.to_string_lossy().ends_with(".interface.toml");
    let mut found = files.filter(is_interface);
    found.next().filter(|_| found.next().is_none())
}

/// The text of `mod.toml`.
fn manifest(game: Option<&Game>, kit: Option<&Kit>, blanks: &Blanks) -> String {
    let example = game.and_then(|game| game.example.as_ref());
    let entry = |example: &Example| format!("{}:{}", example.game, example.component);
    let read = match example {
        Some(example) => format!("read = [\"{}\"]", entry(example)),
        None => "# read = [\"game:Position\"]    # to see components and resources".to_owned(),
    };
    let entry = example.map_or_else(|| "game:Velocity".to_owned(), entry);
    let mut dev = String::new();
    let mut add = |key: &str, value: String| dev += &format!("{key} = {}\n", toml::Value::from(value));
    if let Some(kit) = kit {
        add("build", kit.build(blanks));
    }
    match game {
        Some(game) => add("interface", game.file.clone()),
        None => dev += "# interface = \"game.interface.toml\"   # what the game exposes\n",
    }
    if let (Some(example), Some(kit)) = (example, kit) {
        dev +=
            &format!("bindings = \"{}\"   # made from it before each build\n", kit.bindings(&example.game));
    }
    dev += "# mods = \"../game/mods\"                 # the folder that the game loads mods from\n\
            # game = \"../game/game --windowed\"       # the command that starts the game";
    let blanks_here = [("dev", dev.as_str()), ("read", &read), ("example", &entry)];
    filled(include_str!("../../templates/mod.toml.in"), blanks, &blanks_here)
}

/// Writes the files into a hidden folder, which becomes the mod's when it is complete.
fn write(parent: &Path, folder: &Path, files: &Files) -> anyhow::Result<()> {
    fs::create_dir_all(parent)?;
    let hidden = tempfile::Builder::new().prefix(".tinkerbox-new-").tempdir_in(parent)?;
    let made = hidden.path().join("mod");
    for (name, text) in files {
        let file = made.join(name);
        fs::create_dir_all(file.parent().expect("it is in the folder"))?;
        fs::write(&file, text)?;
    }
    fs::rename(&made, folder)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(parent: &Path, id: &str) -> NewMod {
        NewMod {
            parent: parent.to_owned(),
            id: id.to_owned(),
            language: Language::Rust,
            interface: None,
            checkout: None,
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_mod_is_a_folder_of_its_own() {
        let parent = tempfile::tempdir().unwrap();
        let folder = make(&new(parent.path(), "gale")).unwrap();
        assert_eq!(names(parent.path()), ["gale"]);
        let expected = [
            ".cargo",
            ".gitignore",
            ".tinkerbox",
            "Cargo.lock",
            "Cargo.toml",
            "README.md",
            "mod.toml",
            "src",
            "tests",
        ];
        assert_eq!(names(&folder), expected);
        let manifest = crate::project::Manifest::read(&folder).unwrap();
        assert_eq!(manifest.id.as_deref(), Some("gale"));
        for file in ["Cargo.toml", "mod.toml", "README.md", "src/lib.rs", ".cargo/config.toml"] {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            assert!(!text.contains("{{") || file.ends_with(".rs"), "{file}: {text}");
        }
    }

    #[test]
    fn without_the_sdk_in_the_tool_a_mod_depends_on_the_published_one() {
        let parent = tempfile::tempdir().unwrap();
        let folder = make_with(&new(parent.path(), "gale"), Sdk::NONE).unwrap();
        let expected = [".cargo", ".gitignore", "Cargo.toml", "README.md", "mod.toml", "src", "tests"];
        assert_eq!(names(&folder), expected);
        let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
        assert_eq!(manifest["dependencies"]["tinkerbox-sdk"].as_str(), Some(env!("CARGO_PKG_VERSION")));
        let hail = NewMod { language: Language::C, ..new(parent.path(), "hail") };
        let error = make_with(&hail, Sdk::NONE).unwrap_err().to_string();
        assert!(error.contains("no SDK for c. It has: rust"), "{error}");
        assert_eq!(names(parent.path()), ["gale"]);
    }

    #[test]
    fn what_fails_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("a.interface.toml");
        fs::write(&file, "[broken").unwrap();
        let error = |new: NewMod| make(&new).unwrap_err().to_string();
        for id in ["", "G", "1a", "a", "a-b", "../gale", "x y", &"a".repeat(33)] {
            assert!(
                error(new(parent.path(), id)).contains("is not a valid id of a mod: use 2 to 32"),
                "{id}"
            );
        }
        assert!(error(new(parent.path(), "fn")).contains("a word of Rust"));
        let with = |interface: &str| NewMod {
            interface: Some(parent.path().join(interface)),
            ..new(parent.path(), "gale")
        };
        assert!(error(with("none.toml")).contains("can't be read"));
        assert!(
            error(with("a.interface.toml")).contains("a.interface.toml: line 1"),
            "{}",
            error(with("a.interface.toml"))
        );
        let checkout = NewMod { checkout: Some("/nowhere".into()), ..new(parent.path(), "gale") };
        assert!(error(checkout).contains("/nowhere"));
        assert_eq!(names(parent.path()), ["a.interface.toml"]);
        fs::create_dir(parent.path().join("gale")).unwrap();
        assert!(error(new(parent.path(), "gale")).contains("exists already"));
        assert_eq!(names(&parent.path().join("gale")), [""; 0]);
    }

    #[test]
    fn the_interface_is_copied_and_named() {
        let parent = tempfile::tempdir().unwrap();
        assert_eq!(interface_in(parent.path()), None);
        let file = parent.path().join("meadow.interface.toml");
        fs::write(&file, "game = \"meadow\"\napi = 1\n").unwrap();
        assert_eq!(interface_in(parent.path()), Some(file.clone()));
        let folder = make(&NewMod { interface: Some(file), ..new(parent.path(), "gale") }).unwrap();
        let dev = crate::project::Manifest::read(&folder).unwrap().dev;
        assert_eq!(
            fs::read_to_string(folder.join(dev.interface.unwrap())).unwrap(),
            "game = \"meadow\"\napi = 1\n"
        );
        fs::write(parent.path().join("other.interface.toml"), "").unwrap();
        assert_eq!(interface_in(parent.path()), None);
    }
}
