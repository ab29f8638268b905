//! The bindings of an interface that has one of everything, compiled by each language's compiler together with the SDK and a few
//! lines that use them. The checks of sizes are in the bindings, so a compiler that lays a type out in another way refuses it.
//!
//! A compiler that is not installed is skipped, and the test says so, unless `CI` is set: then all of them have to be there.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use tinkerbox_bindings::Language;
use tinkerbox_interface::Interface;

/// The bindings, and beside them files with these names and texts.
fn folder(language: Language, files: &[(&str, &str)]) -> tempfile::TempDir {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/everything.interface.toml");
    let text = language.bindings(&Interface::read(&file).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let name = format!("everything.{}", language.extension());
    for (name, text) in files.iter().copied().chain([(name.as_str(), text.as_str())]) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The folder of a language's SDK.
fn sdk(language: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(language).to_str().unwrap().to_owned()
}

/// Whether a compiler is there; if not, says how to install it.
fn is_installed(mut version: Command, how: &str) -> bool {
    let is_there = version.output().is_ok_and(|output| output.status.success());
    if !is_there {
        assert!(env::var_os("CI").is_none(), "{version:?} can't be run: {how}");
        eprintln!("skipped, since {version:?} can't be run: {how}");
    }
    is_there
}

/// Runs a compiler in a folder. Warnings are failures, too.
fn compile(command: &mut Command, folder: &tempfile::TempDir) {
    let output = command.current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && !said.to_lowercase().contains("warning"), "{command:?}:\n{said}");
}

fn with(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

const USE_C: &str = r#"
#include "tinkerbox.h"
#include "everything.h"

uint64_t use(zoo_Animal *animal, zoo_Species *species);
uint64_t use(zoo_Animal *animal, zoo_Species *species) {
    animal->type = zoo_Mood_type;
    animal->cage.corners[1][0].x = zoo_WIDTH;
    animal->name[zoo_default] = 'a';
    animal->moods[1][1] = zoo_Mood_Calm;
    species->_1 = animal->type;
    switch (animal->side) {
    case zoo_Side_Left: return zoo_MOST;
    default: break;
    }
    zoo_match(zoo_LEAST, 2, zoo_tiny);
    if (zoo_height_at(animal->at.x, 2) < (float)zoo_LEAST_32) return zoo_physics_cast(1);
    return animal->leader == animal->owner ? zoo_Energy_KEY : sizeof zoo_Marked_LAYOUT;
}
"#;

#[test]
fn c_and_cpp_compile() {
    let how = "install clang of the distribution";
    if !is_installed(with("clang", &["--version"]), how) {
        return;
    }
    let folder = folder(Language::C, &[("use.c", USE_C)]);
    for (language, standard) in [("c", "c11"), ("c", "c2x"), ("c++", "c++17")] {
        let flags =
            ["--target=wasm32", "-Wall", "-Wextra", "-ffreestanding", "-nostdlib", "-mbulk-memory", "-c"];
        let (standard, sdk) = (format!("-std={standard}"), format!("-I{}", sdk("c")));
        let source = ["-x", language, &standard, "use.c", "-o", "use.o"];
        compile(with("clang", &flags).arg(&sdk).args(source), &folder);
    }
}

const USE_ZIG: &str = r#"
const zoo = @import("everything");

export fn use(animal: *zoo.Animal, species: *zoo.Species) f32 {
    animal.@"type" = .@"type";
    animal.cage.corners[1][0].x = zoo.WIDTH;
    animal.name.bytes[zoo.default] = 'a';
    animal.moods[1][1] = .Calm;
    animal.leader = .none;
    species.@"1" = animal.@"type";
    zoo.match(zoo.LEAST, 2, zoo.tiny);
    if (animal.side == .Left) return @floatFromInt(zoo.physicsCast(1));
    return zoo.heightAt(animal.heights[0], 2);
}

comptime {
    _ = zoo.Animal.id ++ zoo.Marked.id ++ zoo.Follows.tinkerbox_id;
}
"#;

#[test]
fn zig_compiles() {
    let how = "install it with `pip install ziglang`";
    if !is_installed(with("python3", &["-m", "ziglang", "version"]), how) {
        return;
    }
    let folder = folder(Language::Zig, &[("use.zig", USE_ZIG)]);
    let target = ["-target", "wasm32-freestanding", "-O", "ReleaseSmall"];
    let mut zig = with("python3", &["-m", "ziglang", "build-exe", "-fno-entry", "-rdynamic"]);
    zig.args(target).args(["--dep", "everything", "-Mroot=use.zig"]);
    zig.args(target).args(["--dep", "tinkerbox", "-Meverything=everything.zig"]);
    zig.args(target).arg(format!("-Mtinkerbox={}/tinkerbox.zig", sdk("zig")));
    compile(zig.args(["--cache-dir", "cache", "--global-cache-dir", "cache"]), &folder);
}

const USE_TS: &str = r#"
import * as zoo from "./everything";

export function use(address: usize, species: zoo.Species): f32 {
  const animal = changetype<zoo.Animal>(address);
  animal.type_ = zoo.Mood.type_;
  animal.cage.corners(1, 0).x = zoo.WIDTH;
  animal.name = "Ada";
  animal.set_nicknames(1, animal.name);
  animal.set_moods(1, 1, zoo.Mood.Calm);
  animal.leader = 0;
  species._1 = animal.type_;
  zoo.match(zoo.LEAST, 2, zoo.tiny);
  if (animal.side == zoo.Side.Left) return <f32>zoo.physicsCast(zoo.default_);
  return zoo.heightAt(animal.heights(0), new zoo.Weather(1, 2).rain);
}
"#;

#[test]
fn assemblyscript_compiles() {
    let asc = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../assemblyscript/node_modules/assemblyscript/bin/asc.js");
    let asc = asc.to_str().unwrap();
    if !is_installed(
        with("node", &[asc, "--version"]),
        "install node, and run `npm ci` in sdk/assemblyscript",
    ) {
        return;
    }
    let folder = folder(Language::AssemblyScript, &[("use.ts", USE_TS)]);
    let mut node = with("node", &[asc, "use.ts", "--runtime", "minimal", "--outFile", "use.wasm", "--path"]);
    compile(node.arg(sdk("assemblyscript")), &folder);
}
