//! The bindings of an interface that has one of everything, in each language, beside the interface file. `BLESS=1` rewrites
//! them.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use tinkerbox_bindings::Language;
use tinkerbox_interface::Interface;

fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file)
}

fn everything() -> Interface {
    Interface::read(&here("everything.interface.toml")).unwrap()
}

#[test]
fn every_language_has_everything() {
    let interface = everything();
    for (name, language) in Language::ALL {
        let text = language.bindings(&interface).unwrap();
        // One in Rust would have to be part of a crate.
        let suffix = if language == Language::Rust { ".txt" } else { "" };
        let file = here("golden").join(format!("everything.{}{suffix}", language.extension()));
        if env::var_os("BLESS").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let golden = fs::read_to_string(&file).unwrap_or_default();
        assert!(text == golden, "{name}: run with BLESS=1 and read what changes in {}", file.display());
    }
}

/// Each pair of names that a language would have twice.
#[test]
fn names_that_meet_are_refused() {
    let head = "game = \"a\"\napi = 1\n";
    let cases: [(&str, &[&str]); 3] = [
        (
            "[[constant]]\nname = \"A\"\ntype = \"u8\"\nvalue = \"1\"\n[[component]]\nid = \"a:A\"",
            &["rust", "c", "zig", "assemblyscript"],
        ),
        (
            "[[component]]\nid = \"a:A\"\n[[component]]\nid = \"a:A_ID\"\nfield = [{ name = \"x\", type = \"u8\" }]",
            &["c"],
        ),
        (
            "[[type]]\nname = \"A\"\nenum = \"u8\"\nvariant = [{ name = \"B\", value = 0 }]\n[[component]]\nid = \"a:A\"",
            &["rust", "c", "zig", "assemblyscript"],
        ),
    ];
    for (text, refusing) in cases {
        let interface = Interface::parse(&format!("{head}{text}")).unwrap();
        for (name, language) in Language::ALL {
            let refused = language.bindings(&interface).map_err(|error| error.to_string());
            assert_eq!(refused.is_err(), refusing.contains(&name), "{name}: {text}: {refused:?}");
            assert!(refused.err().is_none_or(|why| why.contains("rename one in the game")), "{name}: {text}");
        }
    }
}

/// Fields and variants stand in layouts, so they can't be renamed.
#[test]
fn fields_that_rust_can_not_have_are_refused() {
    for name in ["self", "Self", "super", "crate"] {
        let field = format!("field = [{{ name = \"{name}\", type = \"u8\" }}]");
        let text = format!("game = \"a\"\napi = 1\n[[component]]\nid = \"a:A\"\n{field}");
        let interface = Interface::parse(&text).unwrap();
        let error = Language::Rust.bindings(&interface).unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}` can't be the name of a field")), "{error}");
        for language in [Language::C, Language::Zig, Language::AssemblyScript] {
            language.bindings(&interface).unwrap();
        }
    }
}

/// An interface that nobody has checked ends in an error, or in a text, but never in a panic or in a loop.
#[test]
fn an_interface_that_does_not_fit_together_is_refused() {
    let mut interface = everything();
    let point = interface.types.iter_mut().find(|ty| ty.name == "Point").unwrap();
    point.fields[0].ty = tinkerbox_interface::Type::Named("Box".to_owned());
    for (name, language) in Language::ALL {
        assert!(language.bindings(&interface).is_err(), "{name}");
    }
}
