//! The systems of a mod in Rust run in the order of the source, wherever and however the mod is built.

use std::fs;
use std::path::Path;

use tinkerbox::{LogLevel, ModReportKind};

use crate::cargo_mods;
use crate::modding::games::game::*;

/// One mod of several files and crates. Each system logs its own name.
const FILES: [(&str, &str); 8] = [
    (
        "Cargo.toml",
        r#"[workspace]
            resolver = "3"
            members = ["gale", "other"]
            [workspace.dependencies]
            tinkerbox-sdk = { path = "SDK" }
            [profile.release]
            lto = true
            codegen-units = 1
            panic = "abort"
            [profile.loose]
            inherits = "release"
            opt-level = 1
            lto = false
            codegen-units = 16"#,
    ),
    (
        "gale/Cargo.toml",
        r#"[package]
            name = "gale"
            version = "0.1.0"
            edition = "2024"
            [lib]
            crate-type = ["cdylib"]
            [dependencies]
            tinkerbox-sdk.workspace = true
            other = { path = "../other" }"#,
    ),
    (
        "other/Cargo.toml",
        r#"[package]
            name = "other"
            version = "0.1.0"
            edition = "2024"
            [dependencies]
            tinkerbox-sdk.workspace = true"#,
    ),
    (
        "other/src/lib.rs",
        r#"use tinkerbox_sdk::prelude::*;
            #[system]
            pub fn of_another_crate() { info!("of_another_crate"); }
            #[macro_export]
            macro_rules! theirs {
                ($name:ident) => {
                    #[tinkerbox_sdk::system]
                    fn $name() { tinkerbox_sdk::info!("{}", stringify!($name)); }
                };
            }"#,
    ),
    (
        "gale/src/lib.rs",
        r#"use tinkerbox_sdk::prelude::*;
            mod zebra;
            mod birds;
            pub use other::of_another_crate;
            #[system]
            fn first() { info!("first"); }
            mod inline {
                use tinkerbox_sdk::prelude::*;
                #[system]
                fn a_second() { info!("a_second"); }
            }
            macro_rules! make {
                ($($name:ident)*) => { $(#[system] fn $name() { info!("{}", stringify!($name)); })* };
            }
            macro_rules! pair {
                ($a:ident, $b:ident) => {
                    #[system]
                    fn $b() { info!("{}", stringify!($b)); }
                    #[system]
                    fn $a() { info!("{}", stringify!($a)); }
                };
            }
            make!(third fourth);
            make! { fifth }
            pair!(seventh, sixth);
            other::theirs!(eighth);
            #[system] fn ninth() { info!("ninth"); } #[system] fn a_tenth() { info!("a_tenth"); }"#,
    ),
    (
        "gale/src/birds/mod.rs",
        r#"use tinkerbox_sdk::prelude::*;
            mod eggs;
            #[system]
            fn birds_b() { info!("birds_b"); }
            #[system]
            fn birds_a() { info!("birds_a"); }"#,
    ),
    (
        "gale/src/birds/eggs.rs",
        r#"use tinkerbox_sdk::prelude::*;
            #[system]
            fn eggs() { info!("eggs"); }"#,
    ),
    (
        "gale/src/zebra.rs",
        r#"use tinkerbox_sdk::prelude::*;
            #[system]
            fn zebra() { info!("zebra"); }"#,
    ),
];

const EXPECTED: [&str; 15] = [
    "first",
    "a_second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "a_tenth",
    "birds_b",
    "birds_a",
    "eggs",
    "zebra",
    "of_another_crate",
];

/// Builds the mod in a folder.
fn build(folder: &Path, profile: &str) -> Vec<u8> {
    let sdk = cargo_mods::sdk();
    for (name, text) in FILES {
        cargo_mods::write(&folder.join(name), &text.replace("SDK", sdk.to_str().unwrap()));
    }
    fs::read(cargo_mods::build(folder, "source_order", profile, &[]).join("gale.wasm")).unwrap()
}

/// The schema's fragments, in alphabetical order: the linker orders them differently.
fn schema(wasm: &[u8]) -> Vec<String> {
    let text = cargo_mods::custom_sections(wasm, tinkerbox_abi::SCHEMA_SECTION).concat();
    let mut fragments: Vec<String> = text.split("[[system]]").map(str::to_owned).collect();
    fragments.sort();
    fragments
}

#[test]
fn a_mod_built_anywhere_runs_in_the_order_of_its_source() {
    let disk = tempfile::tempdir().unwrap();
    let builds = [("a", "release"), ("somewhere else/and/deeper", "release"), ("third", "loose")];
    let mut schemas = Vec::new();
    for (folder, profile) in builds {
        let wasm = build(&disk.path().join(folder), profile);
        let mut game = Game::new(&[]);
        game.write_file("gale", "mod.toml", head("gale").as_bytes());
        game.write_file("gale", "gale.wasm", &wasm);
        game.frame();
        let said = game.reports("gale", ModReportKind::Log(LogLevel::Info));
        assert_eq!(said, EXPECTED, "in {folder}, {profile}: {:?}", game.all_reports());
        schemas.push(schema(&wasm));
    }
    assert!(schemas.iter().all(|schema| *schema == schemas[0]), "{schemas:#?}");
    assert!(!schemas[0].concat().contains(disk.path().to_str().unwrap()), "a path outside the mod is in it");
}
