//! Builds of small workspaces with the real cargo. Needs the target `wasm32-unknown-unknown`.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::path::PathBuf;

use tinkerbox_cli::{BuildOutcome, BuildRequest, build, installed_mods};

const BARE: &str = "#![no_std]\n#[panic_handler]\nfn stop(_: &core::panic::PanicInfo) -> ! { loop {} }\n";
const CDYLIB: &str = "[lib]\ncrate-type = [\"cdylib\"]\n";

/// A folder of packages.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// As cargo spells it.
    fn path(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn package(&self, name: &str, rest: &str, code: &str) {
        let head = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        self.write(&format!("{name}/Cargo.toml"), &(head + rest));
        self.write(&format!("{name}/src/lib.rs"), code);
    }

    fn request(&self, folder: &str) -> BuildRequest {
        BuildRequest { folder: self.path().join(folder), ..BuildRequest::default() }
    }
}

#[test]
fn one_mod_that_can_not_be_built_does_not_hold_back_the_others() {
    let folder = Folder::new();
    let members = "[\"bare\", \"empty\", \"library\", \"unfinished\", \"wrong\"]";
    folder.write("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = {members}\n"));
    folder.package("bare", &format!("{CDYLIB}name = \"other_name\"\n"), BARE);
    folder.package("gale", CDYLIB, BARE);
    folder.package("empty", "", "#![no_std]\n");
    folder.package("wrong", CDYLIB, "this is not Rust");
    folder.package("unfinished", CDYLIB, BARE);
    folder.package("library", "", "#![no_std]\n");
    for name in ["bare", "gale", "empty", "wrong"] {
        folder.write(&format!("{name}/mod.toml"), "[mod]\n");
    }
    // From an earlier build.
    folder.write("target/wasm32-unknown-unknown/release/wrong.wasm", "old");
    let report = build(&folder.request("")).unwrap();
    let of = |name: &str| {
        let built = report.mods.iter().find(|built| built.name == name);
        built.map(|built| built.outcome.clone())
    };
    let why_not = |name: &str| match of(name) {
        Some(BuildOutcome::NotBuilt(why)) => why,
        outcome => panic!("{name}: {outcome:?}"),
    };
    assert_eq!(of("library"), None);
    let gale = why_not("gale");
    assert!(gale.contains("not a member") && gale.contains("Add \"gale\" to `members` in"), "{gale}");
    assert!(gale.ends_with("Cargo.toml"), "{gale}");
    assert!(why_not("empty").contains("add crate-type = [\"cdylib\"] under [lib] in"), "{report:?}");
    assert!(why_not("wrong").starts_with("cargo says why above"), "{report:?}");
    assert!(why_not("unfinished").contains("unfinished/mod.toml is missing. Write it"), "{report:?}");
    assert_eq!(of("bare"), Some(BuildOutcome::Installed));
    let installed = installed_mods(&folder.path()).join("bare");
    assert_eq!(fs::read_to_string(installed.join("mod.toml")).unwrap(), "[mod]\n");
    assert!(fs::read(installed.join("bare.wasm")).unwrap().starts_with(b"\0asm"));
    assert_eq!(report.not_built(), ["empty", "gale", "unfinished", "wrong"]);
}

#[test]
fn a_package_that_is_in_no_workspace_is_installed_where_the_author_says() {
    let folder = Folder::new();
    folder.package("bare", CDYLIB, BARE);
    folder.write("bare/mod.toml", "[mod]\n");
    // What lies in the game's folder is not this workspace's to tidy.
    folder.write("game/mods/other/mod.toml", "[mod]\n");
    let to = folder.path().join("game/mods");
    let request = BuildRequest { to: Some(to.clone()), ..folder.request("bare") };
    assert_eq!(build(&request).unwrap().mods[0].outcome, BuildOutcome::Installed);
    let report = build(&request).unwrap();
    assert_eq!(report.mods[0].outcome, BuildOutcome::Unchanged);
    assert_eq!((&report.mods[0].folder, report.folder), (&to.join("bare"), to.clone()));
    assert!(to.join("bare/bare.wasm").is_file() && to.join("other/mod.toml").is_file());
    assert!(!installed_mods(&folder.path().join("bare")).exists());
}

#[test]
fn a_folder_without_mods_is_answered_with_what_a_mod_is() {
    let folder = Folder::new();
    let error = |name: &str| format!("{:#}", build(&folder.request(name)).unwrap_err());
    assert!(error("nowhere").contains("nowhere can't be found"), "{}", error("nowhere"));
    let alone = error("");
    assert!(
        alone.contains("is in no cargo package or workspace") && alone.contains("name another folder"),
        "{alone}"
    );
    folder.package("library", "", "#![no_std]\n");
    let library = error("library");
    assert!(
        library.contains("there is no mod in") && library.contains("Cargo.toml and mod.toml"),
        "{library}"
    );
}
