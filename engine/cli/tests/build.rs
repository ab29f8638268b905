//! Builds of small workspaces with the real cargo. Needs the target `wasm32-unknown-unknown`.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod small_mod;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use tinkerbox::{DevBuild, DevBuilds};
use tinkerbox_cli::{BuildOutcome, BuildRequest, Console, Report, installed_mods};

const BARE: &str = "#![no_std]\n#[panic_handler]\nfn stop(_: &core::panic::PanicInfo) -> ! { loop {} }\n\
    #[unsafe(no_mangle)] extern \"C\" fn sys_blow() {}\n";
const CDYLIB: &str = "[lib]\ncrate-type = [\"cdylib\"]\n";

fn build(request: &BuildRequest) -> anyhow::Result<Report> {
    tinkerbox_cli::build(request, Console::Silent)
}

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
        folder.write(&format!("{name}/mod.toml"), &small_mod::manifest(name, ""));
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
    assert!(why_not("empty").contains("Add crate-type = [\"cdylib\"] under [lib] in"), "{report:?}");
    assert_eq!(why_not("wrong"), "cargo says why above");
    let wrong = &report.mods.iter().find(|built| built.name == "wrong").unwrap().errors;
    let at = (wrong[0].file.clone(), wrong[0].line, wrong[0].column);
    assert_eq!(at, (Some(folder.path().join("wrong/src/lib.rs")), Some(1), Some(6)), "{wrong:?}");
    assert!(why_not("unfinished").contains("unfinished/mod.toml is missing. Write it"), "{report:?}");
    assert_eq!(of("bare"), Some(BuildOutcome::Installed));
    let installed = installed_mods(&folder.path()).join("bare");
    assert_eq!(fs::read_to_string(installed.join("mod.toml")).unwrap(), small_mod::manifest("bare", ""));
    assert!(fs::read(installed.join("bare.wasm")).unwrap().starts_with(b"\0asm"));
    assert_eq!(report.not_built(), ["empty", "gale", "unfinished", "wrong"]);
}

#[test]
fn a_package_that_is_in_no_workspace_is_installed_where_the_author_says() {
    let folder = Folder::new();
    folder.package("bare", CDYLIB, BARE);
    folder.write("bare/mod.toml", &small_mod::manifest("bare", ""));
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
    assert!(alone.contains("there is no mod in"), "{alone}");
    folder.write("broken/Cargo.toml", "[package\n");
    folder.write("broken/mod.toml", "[mod]\n");
    let broken = error("broken");
    assert!(
        broken.contains("is in no cargo package or workspace") && broken.contains("name another folder"),
        "{broken}"
    );
    folder.package("library", "", "#![no_std]\n");
    let library = error("library");
    assert!(
        library.contains("there is no mod in") && library.contains("a folder with mod.toml"),
        "{library}"
    );
}

#[test]
fn a_command_of_the_authors_own_builds_a_mod() {
    let folder = Folder::new();
    let manifest = |dev: &str| small_mod::manifest("gust", &format!("mods = \"../game\"\n{dev}"));
    folder.write("gust/mod.toml", &manifest("build = \"cp gust.bin out.wasm\"\noutput = \"out.wasm\""));
    fs::write(folder.path().join("gust/gust.bin"), small_mod::wasm("gust")).unwrap();
    let outcome = || build(&folder.request("gust")).unwrap().mods.remove(0).outcome;
    assert_eq!(outcome(), BuildOutcome::Installed);
    assert_eq!(outcome(), BuildOutcome::Unchanged);
    let installed = folder.path().join("game/gust/gust.wasm");
    assert_eq!(fs::read(&installed).unwrap(), small_mod::wasm("gust"));
    let cases = [
        ("build = \"false\"\noutput = \"x\"", "`false` failed, and says why above"),
        ("build = \"true\"\noutput = \"x\"", "there is no file"),
        ("build = \"true\"", "gust/gust.wasm. Correct `output`"),
        ("biuld = \"true\"", "unknown field `biuld`"),
    ];
    for (dev, why) in cases {
        folder.write("gust/mod.toml", &manifest(dev));
        assert!(matches!(outcome(), BuildOutcome::NotBuilt(text) if text.contains(why)), "{dev}");
    }
    let missing = ["no-such-compiler", "sh -c 'echo /usr/bin/python3: No module named ziglang; exit 1'"];
    for command in missing {
        folder.write("gust/mod.toml", &manifest(&format!("build = \"{command}\"")));
        let skipped = build(&folder.request("gust")).unwrap();
        let outcome = &skipped.mods[0].outcome;
        assert!(
            matches!(outcome, BuildOutcome::Skipped(why) if why.contains("not installed")),
            "{outcome:?}"
        );
        assert!(skipped.not_built().is_empty());
        assert!(skipped.check().unwrap_err().to_string().starts_with("skipped: gust"));
    }
    assert_eq!(fs::read(&installed).unwrap(), small_mod::wasm("gust"));
}

/// What games are told of a mod in this folder.
fn told(folder: &Folder) -> BTreeMap<String, DevBuild> {
    let told = fs::read_to_string(folder.path().join("game").join(DevBuilds::FILE)).unwrap();
    DevBuilds::parse(&told).unwrap().mods
}

#[test]
fn games_are_told_what_was_built_and_what_was_wrong() {
    let folder = Folder::new();
    let dev = "mods = \"../game\"\nbuild = \"sh build.sh\"\noutput = \"out.wasm\"\n";
    folder.write("gust/mod.toml", &small_mod::manifest("gust", dev));
    for note in ["good", "better"] {
        fs::write(folder.path().join(format!("gust/{note}.bin")), small_mod::wasm(note)).unwrap();
    }
    let build_with = |script: &str| {
        folder.write("gust/build.sh", script);
        build(&folder.request("gust")).unwrap();
        told(&folder)["gust"].clone()
    };
    let good = build_with("cp good.bin out.wasm");
    let manifest = fs::read(folder.path().join("game/gust/mod.toml")).unwrap();
    let content = tinkerbox::content_hash(&manifest, &small_mod::wasm("good"));
    assert_eq!((good.content.as_ref(), good.errors.len()), (Some(&content), 0));
    let bad = build_with("echo 'src/gust.c:3:5: error: no'; exit 1");
    assert_eq!(bad.content, Some(content));
    let [error] = &bad.errors[..] else { panic!("{bad:?}") };
    let file = folder.path().join("gust/src/gust.c").display().to_string();
    assert_eq!((error.file.as_ref(), error.line, error.column), (Some(&file), Some(3), Some(5)));
    assert!(build_with("cp better.bin out.wasm").errors.is_empty());
    // What a game would refuse is not installed, and it is told why.
    let refused = build_with("echo no module > out.wasm");
    assert!(refused.errors[0].text.contains("gust"), "{refused:?}");
    let installed = fs::read(folder.path().join("game/gust/gust.wasm")).unwrap();
    assert_eq!(installed, small_mod::wasm("better"));
    // A folder that is not there any more is forgotten.
    fs::remove_dir_all(folder.path().join("game/gust")).unwrap();
    folder.write("hail/mod.toml", "[dev]\nmods = \"../game\"\n");
    build(&folder.request("hail")).unwrap();
    let told = told(&folder);
    assert_eq!(told.keys().collect::<Vec<_>>(), ["hail"]);
    assert!(told["hail"].errors[0].text.contains("does not say how the mod is built"));
}

#[test]
fn bindings_follow_the_interface_and_replace_nothing_else() {
    let folder = Folder::new();
    let dev = "build = \"cp gust.bin gust.wasm\"\ninterface = \"zoo.interface.toml\"\nbindings = \"zoo.h\"\n";
    folder.write("gust/mod.toml", &small_mod::manifest("gust", dev));
    fs::write(folder.path().join("gust/gust.bin"), small_mod::wasm("gust")).unwrap();
    let interface = |name: &str| {
        let component = format!("[[component]]\nid = \"zoo:{name}\"\n");
        folder.write("gust/zoo.interface.toml", &format!("game = \"zoo\"\napi = 1\n{component}"));
        build(&folder.request("gust")).unwrap().mods.remove(0).outcome
    };
    let bindings = || fs::read_to_string(folder.path().join("gust/zoo.h")).unwrap();
    assert_eq!(interface("Ape"), BuildOutcome::Installed);
    assert!(bindings().contains("zoo_Ape_ID"), "{}", bindings());
    assert_eq!(interface("Bee"), BuildOutcome::Unchanged);
    assert!(bindings().contains("zoo_Bee_ID") && !bindings().contains("zoo_Ape_ID"), "{}", bindings());
    folder.write("gust/zoo.h", "/* my own work */\n");
    let outcome = interface("Cat");
    let why = "was not made by this tool, so it is not replaced";
    assert!(matches!(&outcome, BuildOutcome::NotBuilt(text) if text.contains(why)), "{outcome:?}");
    assert_eq!(bindings(), "/* my own work */\n");
}

#[test]
fn mods_that_would_be_installed_into_one_folder_are_told_apart() {
    let folder = Folder::new();
    for name in ["first", "second"] {
        folder.package(name, CDYLIB, BARE);
        folder.write(&format!("{name}/mod.toml"), &small_mod::manifest(name, ""));
    }
    let manifest = fs::read_to_string(folder.path().join("second/Cargo.toml")).unwrap();
    folder.write("second/Cargo.toml", &manifest.replace("\"second\"", "\"first\""));
    folder.write("broken/Cargo.toml", "[package\n");
    folder.write("broken/mod.toml", &small_mod::manifest("broken", ""));
    let report = build(&folder.request("")).unwrap();
    assert_eq!(report.not_built(), ["broken", "second"], "{report:?}");
    assert!(report.mods.iter().any(|of_mod| of_mod.name == "first" && of_mod.outcome.is_built()));
}
