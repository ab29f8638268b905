//! Compiles the programs to WebAssembly, into `target/programs`: Rust by cargo, C by clang. Knows no engine.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::programs::{C, InC, Library, RUST};

/// A compiled program.
pub struct Wasm {
    pub name: String,
    pub bytes: Vec<u8>,
}

const PACKAGES: &str = "the packages are clang, lld, wasi-libc and libclang-rt-14-dev-wasm32 (Debian 12)";

/// The programs whose names contain one of the parts, or all; compiled again if sources changed, unless existing ones
/// are to be kept.
pub fn build(parts: &[String], keep: bool) -> Result<Vec<Wasm>> {
    let wanted = |name: &&str| parts.is_empty() || parts.iter().any(|part| name.contains(&part[..]));
    let rust: Vec<&str> = RUST.into_iter().filter(wanted).collect();
    let c: Vec<&InC> = C.iter().filter(|program| wanted(&program.name)).collect();
    ensure!(!rust.is_empty() || !c.is_empty(), "no program has {} in its name", parts.join(" or "));
    if !keep {
        build_rust(&rust)?;
        build_c(&c)?;
    }
    let mut programs = Vec::new();
    for (name, file) in
        rust.iter().map(|name| (*name, rust_file(name))).chain(c.iter().map(|c| (c.name, c_file(c.name))))
    {
        let bytes =
            fs::read(&file).with_context(|| format!("{}: run without --keep first", file.display()))?;
        programs.push(Wasm { name: name.to_string(), bytes });
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn target() -> PathBuf {
    root().join("target/programs")
}

fn rust_file(name: &str) -> PathBuf {
    target().join(format!("wasm32-unknown-unknown/shipped/examples/{name}.wasm"))
}

fn c_file(name: &str) -> PathBuf {
    target().join(format!("c/{name}.wasm"))
}

fn cargo() -> Command {
    let mut cargo = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".to_string()));
    cargo.current_dir(root());
    cargo
}

fn build_rust(names: &[&str]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let mut build = cargo();
    build.args(["build", "--locked", "--package", "programs", "--profile", "shipped"]);
    build.args(["--target", "wasm32-unknown-unknown", "--target-dir"]).arg(target());
    build.args(names.iter().flat_map(|name| ["--example", name]));
    let done = build.status().context("cannot run cargo")?;
    ensure!(
        done.success(),
        "the programs in Rust do not compile: is the target there? rustup target add wasm32-unknown-unknown"
    );
    Ok(())
}

fn build_c(programs: &[&InC]) -> Result<()> {
    let carried =
        if programs.iter().any(|program| program.library.is_some()) { Some(metadata()?) } else { None };
    fs::create_dir_all(target().join("c"))?;
    for program in programs {
        let file = root().join(format!("programs/c/{}.c", program.name));
        let mut sources = vec![file.clone(), root().join("programs/c/program.h")];
        let mut clang = Command::new("clang");
        clang
            .args(["--target=wasm32-wasi", "-mexec-model=reactor", "-O2", "-I"])
            .arg(root().join("programs/c"));
        clang.arg(&file);
        if let (Some(library), Some(metadata)) = (&program.library, &carried) {
            let folder = folder_of(metadata, library)?;
            clang.arg("-I").arg(&folder).args(library.flags);
            let files = library.files.iter().map(|name| folder.join(format!("{name}.c")));
            clang.args(files);
            sources.push(root().join("src/programs.rs"));
            sources.push(root().join("Cargo.lock"));
        }
        let wasm = c_file(program.name);
        if !is_newer(&wasm, &sources) {
            eprintln!("   Compiling {}.c", program.name);
            let done = clang.arg("-lm").arg("-o").arg(&wasm).status();
            let done = done.with_context(|| format!("cannot run clang: {PACKAGES}"))?;
            ensure!(done.success(), "{} does not compile: {PACKAGES}", file.display());
        }
    }
    Ok(())
}

fn is_newer(file: &Path, sources: &[PathBuf]) -> bool {
    let changed = |file: &Path| fs::metadata(file).and_then(|data| data.modified()).ok();
    changed(file)
        .is_some_and(|made| sources.iter().all(|source| changed(source).is_some_and(|then| then < made)))
}

/// Cargo's metadata of the needed crates, which it downloads first.
fn metadata() -> Result<Value> {
    let host = format!("{}-unknown-linux-gnu", env::consts::ARCH);
    let output =
        cargo().args(["metadata", "--locked", "--format-version=1", "--filter-platform", &host]).output();
    let output = output.context("cannot run cargo")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Where cargo keeps a library's files.
fn folder_of(metadata: &Value, library: &Library) -> Result<PathBuf> {
    let packages = metadata["packages"].as_array().context("cargo metadata: no packages")?;
    let package = packages.iter().find(|package| package["name"] == library.package);
    let manifest = package.and_then(|package| package["manifest_path"].as_str());
    let manifest =
        manifest.with_context(|| format!("{}: name it in programs/sources/Cargo.toml", library.package))?;
    let folder = Path::new(manifest).with_file_name(library.folder);
    ensure!(folder.is_dir(), "{}: another version of {} has it elsewhere", folder.display(), library.package);
    Ok(folder)
}
