//! Archives for players, made by the real tool of a mod that a script builds.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod small_mod;

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::{Command, Output};

fn tinkerbox(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tinkerbox")).current_dir(folder).args(arguments).output().unwrap()
}

/// A mod in a new folder, with files that do not belong into an archive.
fn new_mod(script: &str) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("gust").tempdir().unwrap();
    let manifest = small_mod::manifest("gust", "build = \"sh build.sh\"\noutput = \"out.wasm\"\n");
    fs::write(folder.path().join("gust.bin"), small_mod::wasm("gust")).unwrap();
    for (name, text) in
        [("mod.toml", manifest.as_str()), ("build.sh", script), ("notes.txt", "mine"), (".env", "secret")]
    {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn the_same_mod_makes_the_same_archive_everywhere() {
    let archives = [1, 2].map(|_| {
        let folder = new_mod("cp gust.bin out.wasm");
        let packed = tinkerbox(folder.path(), &["pack"]);
        assert!(packed.status.success(), "{packed:?}");
        let file = String::from_utf8(packed.stdout).unwrap();
        assert_eq!(Path::new(file.trim()), folder.path().canonicalize().unwrap().join("gust-0.2.0.zip"));
        let archive = fs::read(file.trim()).unwrap();
        let again = tinkerbox(folder.path(), &["pack", "--out", "again.zip"]);
        assert!(again.status.success(), "{again:?}");
        assert_eq!(fs::read(folder.path().join("again.zip")).unwrap(), archive);
        assert!(!folder.path().join("target").exists(), "it is installed nowhere");
        archive
    });
    assert_eq!(archives[0], archives[1]);
    let mut archive = zip::ZipArchive::new(Cursor::new(&archives[0])).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, ["gust/gust.wasm", "gust/mod.toml"]);
    let [wasm, manifest] = ["gust/gust.wasm", "gust/mod.toml"].map(|name| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    });
    assert_eq!(wasm, small_mod::wasm("gust"));
    let manifest = String::from_utf8(manifest).unwrap();
    assert_eq!(manifest + "\n[dev]\n", small_mod::manifest("gust", ""));
}

/// The name and the content of a file in an archive.
type Entry<'e> = (&'e str, &'e [u8]);

/// An archive with these entries.
fn archive(folder: &Path, entries: &[Entry]) -> String {
    let file = folder.join("other.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&file).unwrap());
    for (name, content) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
    file.display().to_string()
}

#[test]
fn archives_of_anyone_are_inspected() {
    let folder = new_mod("cp gust.bin out.wasm");
    assert!(tinkerbox(folder.path(), &["pack", "--out", "gust.zip"]).status.success());
    let seen = tinkerbox(folder.path(), &["inspect", "gust.zip"]);
    let said = String::from_utf8(seen.stdout).unwrap();
    let blow = "- blow: touches nothing of the game; at most 1 units of fuel a call in its own code";
    assert!(said.contains("gust 0.2.0") && said.contains(blow), "{said}");
    let seen =
        String::from_utf8(tinkerbox(folder.path(), &["inspect", "gust.zip", "--json"]).stdout).unwrap();
    let json: tinyjson::JsonValue = seen.parse().unwrap();
    assert_eq!(json["systems"][0]["name"].get::<String>().unwrap(), "blow");

    let (manifest, wasm) = (small_mod::manifest("gust", ""), small_mod::wasm("gust"));
    let (manifest, wasm) = (manifest.as_bytes(), &wasm[..]);
    let cases: [(&[Entry], &str); 7] = [
        (&[("gust/mod.toml", manifest), ("gust/a.wasm", wasm), ("gust/b.wasm", wasm)], "several .wasm files"),
        (&[("gust/gust.wasm", wasm)], "there is no mod.toml in a folder of it"),
        (&[("mod.toml", manifest), ("gust.wasm", wasm)], "there is no mod.toml in a folder of it"),
        (&[("a/mod.toml", manifest), ("b/gust.wasm", wasm)], "several folders"),
        (&[("../mod.toml", manifest)], "leads out of it"),
        (&[("gust/mod.toml", manifest)], "there is no .wasm file"),
        (&[("gust/mod.toml", manifest), ("gust/gust.wasm", b"a picture")], "other.zip"),
    ];
    for (entries, why) in cases {
        let seen = tinkerbox(folder.path(), &["inspect", &archive(folder.path(), entries)]);
        let said = String::from_utf8(seen.stderr).unwrap();
        assert!(seen.status.code() == Some(1) && said.contains(why), "{why}: {said}");
    }
    fs::write(folder.path().join("no.zip"), "no archive").unwrap();
    let said = String::from_utf8(tinkerbox(folder.path(), &["inspect", "no.zip"]).stderr).unwrap();
    assert!(said.contains("no.zip is not an archive of a mod"), "{said}");
}

#[test]
fn what_can_not_be_built_is_not_packed() {
    let folder = new_mod("echo 'a.c:1:2: error: no' >&2; exit 1");
    let packed = tinkerbox(folder.path(), &["pack"]);
    let said = String::from_utf8(packed.stderr).unwrap();
    assert!(
        packed.status.code() == Some(1) && said.contains("a.c:1:2") && said.contains("is not packed"),
        "{said}"
    );
    let version = "[mod]\nid = \"gust\"\nversion = \"../0\"\n";
    for (manifest, why) in [("[mod]\n", "needs an id and a version"), (version, "not a valid version")] {
        fs::write(folder.path().join("mod.toml"), manifest).unwrap();
        let said = String::from_utf8(tinkerbox(folder.path(), &["pack"]).stderr).unwrap();
        assert!(said.contains(why), "{said}");
    }
    let zips = fs::read_dir(folder.path()).unwrap().filter(|entry| {
        entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "zip")
    });
    assert_eq!(zips.count(), 0);
}

#[test]
fn reports_are_read_by_programs_and_shells_are_completed() {
    let folder = new_mod("cp gust.bin out.wasm");
    let built = tinkerbox(folder.path(), &["build", "--json"]);
    let json: tinyjson::JsonValue = String::from_utf8(built.stdout).unwrap().parse().unwrap();
    assert_eq!(json["mods"][0]["outcome"].get::<String>().unwrap(), "installed");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let completions =
            String::from_utf8(tinkerbox(folder.path(), &["completions", shell]).stdout).unwrap();
        for command in ["new", "dev", "build", "pack", "completions"] {
            assert!(completions.contains(command), "{shell}: {command}");
        }
    }
}
