//! THE SANDBOX RESTS ON THIS FILE: compiled modules as bytes, of which only those that this runtime made are accepted.
//!
//! Beside the line of stages: it writes what `join` has made, and reads it again in place of compiling. It is pure. It must
//! not know files, addresses or instances.
//!
//! ```text
//! ┌ header, 72 bytes ────────────────────────────────────────────────────────────────────────┐
//! │ magic, 8 │ format, 4 │ lengths: made with, 4; tables, 8; code, 8; module, 8 │ checksum, 32 │
//! ├ made with: lines of text, "version ...", "target ...", "setting ..." ─────────────────────┤
//! ├ tables: declarations, and the maps from machine code back ────────────────────────────────┤
//! ├ code: machine code, relative to itself throughout ────────────────────────────────────────┤
//! ├ module: the WebAssembly bytes without functions' bodies; the tables have ranges of them ──┤
//! └───────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! The checksum covers everything except itself. It finds damage, not malice: anyone who can write an artifact can also write
//! its checksum. So loading is unsafe, and for trusted bytes only.

use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::join::{Code, CompiledModule};
use super::parse::format::{self, ARTIFACT_MAGIC, is_artifact};
use super::prices;
use super::target::Target;
use crate::base::config::Config;
use crate::base::error::DeserializeError;
use crate::base::layout::InstanceLayout;
use crate::base::limits::MADE_WITH_BYTES;
use crate::base::limits::module::BINARY_BYTES;
use crate::base::module::ModuleInfo;

type Result<T> = std::result::Result<T, DeserializeError>;

/// The version of the header and of the order of the parts. The contents of the parts belong to the runtime's version.
const FORMAT: u32 = 1;

/// This runtime: its version, and the sources that it was built from.
const RUNTIME: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("TINKERBOX_SOURCES"));

const CHECKSUM: Range<usize> = 40..72;
const HEADER_BYTES: usize = CHECKSUM.end;

/// The kinds of lines in "made with", in the order in which differences are reported.
const ASPECTS: [&str; 3] = ["version", "target", "setting"];

/// What a compiled module depends on, line by line. Compiled modules with equal lines are interchangeable.
pub fn made_with(config: &Config, target: &Target) -> String {
    let versions = [
        ("tinkerbox-wasm", RUNTIME.to_string()),
        ("cranelift", cranelift_codegen::VERSION.to_string()),
        ("fuel-prices", prices::fuel::VERSION.to_string()),
        ("stack-prices", prices::stack::VERSION.to_string()),
    ];
    let flags = target.isa().isa_flags().into_iter().map(|flag| (flag.name, flag.value_string()));
    let targets = [("triple", target.isa().triple().to_string())].into_iter().chain(flags);
    let line = |aspect: usize| move |(name, value)| format!("{} {name} {value}\n", ASPECTS[aspect]);
    let versions = versions.into_iter().map(line(0));
    versions.chain(targets.map(line(1))).chain(config.of_machine_code().into_iter().map(line(2))).collect()
}

/// What goes into an artifact.
pub struct Parts<'a> {
    pub info: &'a ModuleInfo,
    /// The tables. Their machine code may be empty, since `code` has it.
    pub tables: &'a Code,
    pub code: &'a [u8],
    /// The WebAssembly bytes.
    pub module: &'a [u8],
}

/// A compiled module as bytes. Equal modules become equal bytes.
///
/// # Errors
/// The tables cannot be serialised; no module is known to cause that.
pub fn encode(parts: &Parts<'_>, made_with: &str) -> postcard::Result<Vec<u8>> {
    let tables = postcard::to_stdvec(&(parts.info, parts.tables))?;
    let bodies = parts.info.code_section.clone();
    let module = [&parts.module[..bodies.start], &parts.module[bodies.end..]];
    let module_len = module.iter().map(|part| part.len() as u64).sum::<u64>();

    let mut bytes = Vec::from(ARTIFACT_MAGIC);
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend((made_with.len() as u32).to_le_bytes());
    bytes.extend((tables.len() as u64).to_le_bytes());
    bytes.extend((parts.code.len() as u64).to_le_bytes());
    bytes.extend(module_len.to_le_bytes());
    bytes.extend([0; CHECKSUM.end - CHECKSUM.start]);
    for part in [made_with.as_bytes(), &tables, parts.code, module[0], module[1]] {
        bytes.extend_from_slice(part);
    }
    let checksum = checksum(&bytes);
    bytes[CHECKSUM].copy_from_slice(&checksum);
    Ok(bytes)
}

fn checksum(bytes: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(&bytes[..CHECKSUM.start])
        .chain_update(&bytes[CHECKSUM.end..])
        .finalize()
        .into()
}

/// Reads an artifact: the compiled module, and the WebAssembly bytes with zeros for the functions' bodies.
///
/// # Errors
/// The bytes are not an artifact; or were made by another version, for another machine, or with other settings than
/// `made_with` says; or are damaged. These are checked in this order.
pub fn decode(bytes: &[u8], made_with: &str) -> Result<(CompiledModule, Arc<[u8]>)> {
    let cut = DeserializeError::Damaged("its end is missing");
    if !is_artifact(bytes) {
        return Err(not_an_artifact(bytes));
    }
    let header = bytes.get(..HEADER_BYTES).ok_or(cut.clone())?;
    let format = u64_at(header, 8..12);
    if format != u64::from(FORMAT) {
        let (name, found, expected) = ("format".to_string(), format.to_string(), FORMAT.to_string());
        return Err(DeserializeError::OtherVersion { name, found, expected });
    }
    let mut rest = &bytes[HEADER_BYTES..];
    let mut take = |len: Range<usize>| {
        let len = usize::try_from(u64_at(header, len)).ok();
        let (part, after) = len.and_then(|len| rest.split_at_checked(len)).ok_or(cut.clone())?;
        rest = after;
        Ok(part)
    };
    compare(take(12..16)?, made_with)?;
    let (tables, code, module) = (take(16..24)?, take(24..32)?, take(32..40)?);
    if !rest.is_empty() {
        return Err(DeserializeError::Damaged("there are more bytes after its end"));
    }
    if checksum(bytes) != header[CHECKSUM] {
        return Err(DeserializeError::Damaged("its checksum is wrong"));
    }
    let mut compiled = read_tables(tables)?;
    compiled.code.bytes = code.to_vec();
    let module = with_bodies(module, &compiled.info.code_section)?;
    Ok((compiled, module))
}

fn u64_at(header: &[u8], range: Range<usize>) -> u64 {
    header[range].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// The error about bytes that are not an artifact: what they are, and what to do with them.
fn not_an_artifact(bytes: &[u8]) -> DeserializeError {
    DeserializeError::NotCompiled(if bytes.is_empty() {
        "there are no bytes"
    } else if ARTIFACT_MAGIC.starts_with(bytes) {
        return DeserializeError::Damaged("its end is missing");
    } else if format::is_binary(bytes) {
        "this is WebAssembly: load it with Module::new, and write what Module::serialize returns to load it faster"
    } else if format::is_text(bytes) {
        "this is text: load it with Module::new, and write what Module::serialize returns to load it faster"
    } else {
        "it does not begin like the output of Module::serialize"
    })
}

/// Compares what an artifact was made with to what this engine would make it with.
fn compare(found: &[u8], expected: &str) -> Result<()> {
    let found = std::str::from_utf8(found).ok().filter(|found| found.len() <= MADE_WITH_BYTES);
    let found = found.ok_or(DeserializeError::Damaged("it does not say what it was made with"))?;
    for aspect in ASPECTS {
        for (name, _) in values(expected, aspect).chain(values(found, aspect)) {
            let value =
                |lines| values(lines, aspect).find(|(other, _)| *other == name).map_or("unknown", |it| it.1);
            let (found, expected) = (value(found), value(expected));
            if found != expected && !runs_without(aspect, name, found) {
                return Err(difference(aspect, name.into(), found.into(), expected.into()));
            }
        }
    }
    Ok(())
}

fn values<'a>(lines: &'a str, aspect: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    lines.lines().filter_map(move |line| line.strip_prefix(aspect)?.strip_prefix(' ')?.split_once(' '))
}

/// Whether code runs in spite of a difference: code that does not use a feature of the processor runs where it exists.
fn runs_without(aspect: &str, name: &str, found: &str) -> bool {
    aspect == "target" && name.starts_with("has_") && found == "false"
}

fn difference(aspect: &str, name: String, found: String, expected: String) -> DeserializeError {
    match aspect {
        "version" => DeserializeError::OtherVersion { name, found, expected },
        "target" => DeserializeError::OtherTarget { name, found, expected },
        _ => DeserializeError::OtherSettings { name, found, expected },
    }
}

fn read_tables(tables: &[u8]) -> Result<CompiledModule> {
    let damaged = DeserializeError::Damaged("its tables make no sense");
    let (read, rest) =
        postcard::take_from_bytes::<(ModuleInfo, Code)>(tables).map_err(|_| damaged.clone())?;
    let (info, code) = read;
    let layout = InstanceLayout::new(&info).filter(|_| rest.is_empty()).ok_or(damaged)?;
    Ok(CompiledModule { info, layout, code, clif: Vec::new() })
}

/// Puts zeros where the bodies were, so that ranges of the module's bytes stay valid.
fn with_bodies(kept: &[u8], bodies: &Range<usize>) -> Result<Arc<[u8]>> {
    let gap = bodies.end.checked_sub(bodies.start).filter(|len| *len <= BINARY_BYTES);
    let parts = gap.and_then(|gap| Some((gap, kept.split_at_checked(bodies.start)?)));
    let (gap, (before, after)) = parts.ok_or(DeserializeError::Damaged("its tables make no sense"))?;
    let mut module = vec![0; before.len() + gap + after.len()];
    module[..before.len()].copy_from_slice(before);
    module[before.len() + gap..].copy_from_slice(after);
    Ok(module.into())
}
