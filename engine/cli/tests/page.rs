//! `tinkerbox docs` and `tinkerbox bindings`, as authors run them.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tinkerbox_interface::Interface;

/// The example on Meadow's page, so that it is compiled: see `the_example_compiles`.
mod example {
    use tinkerbox_sdk::prelude::*;

    mod meadow {
        tinkerbox_sdk::game!("../../assets/meadow/meadow.interface.toml");
    }

    #[system]
    fn example(mut all: Query<&mut meadow::Energy>) {
        while let Some(chunk) = all.next() {
            for one in chunk.columns {
                one.joules = 0.0;
            }
        }
    }
}

fn meadow() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/meadow/meadow.interface.toml")
}

fn tinkerbox(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tinkerbox")).args(arguments).output().unwrap()
}

/// Markdown and HTML.
fn page(interface: &Path) -> [String; 2] {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("new");
    let output =
        tinkerbox(&["docs", "--interface", interface.to_str().unwrap(), "--out", folder.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let game = Interface::read(interface).unwrap().game;
    ["md", "html"].map(|ending| fs::read_to_string(folder.join(format!("{game}.{ending}"))).unwrap())
}

#[test]
fn the_page_has_everything_that_the_game_exposes() {
    let everything =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/bindings/tests/everything.interface.toml");
    for file in [meadow(), everything] {
        let interface = Interface::read(&file).unwrap();
        let types = interface.components.iter().chain(&interface.resources).chain(&interface.events);
        let mut expected: Vec<String> = types.clone().map(|ty| format!("\"{}\"", ty.id)).collect();
        expected.extend(
            types.flat_map(|ty| &ty.fields).map(|field| format!("| `{}` | `{}` |", field.name, field.ty)),
        );
        expected.extend(interface.types.iter().map(|ty| format!("### {}\n", ty.name)));
        expected.extend(interface.constants.iter().map(|one| format!("| `{}` | `{}` |", one.name, one.ty)));
        expected.extend(interface.functions.iter().map(|one| format!("functions = [\"{}\"]", one.id)));
        expected.extend(interface.functions.iter().map(|one| format!("costs {} unit", one.fuel)));
        expected.extend(interface.entities.iter().map(|kind| format!("### {}\n", kind.name)));
        let [markdown, html] = page(&file);
        for part in expected {
            assert!(markdown.contains(&part), "{}: {part}", file.display());
        }
        for part in ["src=", "href=", "<script", "@import", "url("] {
            assert!(!html.contains(part), "{part}");
        }
        assert_eq!(html.matches("<h3>").count(), markdown.matches("\n### ").count());
    }
}

/// Every place of the file that has a text of the game's, with a text that tries to be more.
#[test]
fn no_text_of_the_game_is_more_than_text() {
    let hostile = "# Top\n\n<script>alert(1)</script> [here](javascript:alert) ![x](http://a/b.png) <http://a>\n\n```\nopen\n\n\
                   http://a | b\n\n[r]: http://a\n\n<!-- \u{202e}";
    let everything =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/bindings/tests/everything.interface.toml");
    let mut interface = Interface::read(&everything).unwrap();
    let headings = page(&everything)[1].matches("<h").count();
    let docs = || hostile.to_owned();
    interface.constants.iter_mut().for_each(|one| one.docs = docs());
    interface.functions.iter_mut().for_each(|one| one.docs = docs());
    interface.entities.iter_mut().for_each(|one| one.docs = docs());
    for ty in &mut interface.types {
        ty.docs = docs();
        ty.fields.iter_mut().for_each(|field| field.docs = docs());
        ty.variants.iter_mut().for_each(|variant| variant.docs = docs());
    }
    let types = interface.components.iter_mut().chain(&mut interface.resources).chain(&mut interface.events);
    for ty in types {
        ty.docs = docs();
        ty.fields.iter_mut().for_each(|field| field.docs = docs());
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.interface.toml");
    fs::write(&file, interface.to_toml().unwrap()).unwrap();
    let [_, html] = page(&file);
    for part in ["<script", "<a ", "<img", "href=", "src=", "<!--", "\u{202e}"] {
        assert!(!html.contains(part), "{part}");
    }
    assert_eq!(html.matches("<h").count(), headings, "no text has a heading");
}

/// This file has the example, and is compiled.
#[test]
fn the_example_compiles() {
    let [markdown, _] = page(&meadow());
    let (_, example) = markdown.split_once("#[system]\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    for line in example.lines() {
        assert!(include_str!("page.rs").contains(&format!("    {line}\n")), "{line}");
    }
}

#[test]
fn bindings_are_printed_or_written() {
    let (file, folder) = (meadow(), tempfile::tempdir().unwrap());
    let interface = file.to_str().unwrap();
    for (lang, expected) in [
        ("c", "typedef struct meadow_Position {"),
        ("zig", "pub const Position = extern struct {"),
        ("assemblyscript", "export class Position {"),
        ("rust", "pub struct Position {"),
    ] {
        let printed = tinkerbox(&["bindings", "--interface", interface, "--lang", lang]);
        let text = String::from_utf8(printed.stdout).unwrap();
        assert!(printed.status.success() && text.contains(expected), "{lang}: {text}");
        let out = folder.path().join(lang);
        let written = tinkerbox(&[
            "bindings",
            "--interface",
            interface,
            "--lang",
            lang,
            "--out",
            out.to_str().unwrap(),
        ]);
        assert!(written.status.success() && fs::read_to_string(out).unwrap() == text, "{lang}");
    }
    for (arguments, expected) in [
        (["--interface", "no/such.toml", "--lang", "c"], "no/such.toml: it can't be read"),
        (["--interface", interface, "--lang", "cobol"], "[possible values: rust, c, zig, assemblyscript]"),
    ] {
        let refused = tinkerbox(&[&["bindings"][..], &arguments].concat());
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains(expected), "{said}");
    }
}
