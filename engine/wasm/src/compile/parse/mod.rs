//! The first stage: bytes become declarations and bodies that are not validated yet.
//!
//! ```text
//! bytes ─> format ─> sections ─> ModuleInfo, Vec<Body>
//!          what      types, segments
//!          it is     features names what a refused module would have needed
//! ```
//!
//! It must not know what is done with a body.

pub mod features;
pub mod format;
mod sections;
mod segments;
mod types;

use wasmparser::{
    FuncToValidate, FunctionBody, Parser, Payload, ValidPayload, Validator, ValidatorResources,
};

use crate::base::error::InvalidModule;
use crate::base::indices::FuncIndex;
use crate::base::module::ModuleInfo;

pub use types::val_type;

/// A parsed module.
pub struct Parsed<'a> {
    pub info: ModuleInfo,
    pub bodies: Vec<Body<'a>>,
}

/// A function's body, not validated yet.
pub struct Body<'a> {
    pub validate: FuncToValidate<ValidatorResources>,
    pub body: FunctionBody<'a>,
}

impl Body<'_> {
    /// The function that it is the body of.
    pub fn func(&self) -> FuncIndex {
        FuncIndex(self.validate.index)
    }
}

/// Parses and validates everything but the bodies.
///
/// # Errors
/// The module is malformed, invalid, beyond the limits, or uses a feature that is not supported.
pub fn parse(bytes: &[u8]) -> Result<Parsed<'_>, InvalidModule> {
    let mut validator = Validator::new_with_features(features::supported());
    // Features also change how numbers are encoded: what is malformed without them must stay malformed.
    let mut parser = Parser::new(0);
    parser.set_features(features::supported());
    let mut parsed = Parsed { info: ModuleInfo::default(), bodies: Vec::new() };
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        match validator.payload(&payload)? {
            ValidPayload::Func(validate, body) => {
                parsed.info.body_starts.push(body.range().start as u32);
                parsed.bodies.push(Body { validate, body });
            }
            ValidPayload::Ok | ValidPayload::Parser(_) | ValidPayload::End(_) => {
                section(&mut parsed.info, payload)?;
            }
        }
    }
    finish_escapes(&mut parsed.info);
    Ok(parsed)
}

fn section(info: &mut ModuleInfo, payload: Payload<'_>) -> Result<(), InvalidModule> {
    match payload {
        Payload::TypeSection(section) => sections::add_types(info, section)?,
        Payload::ImportSection(section) => sections::add_imports(info, section)?,
        Payload::FunctionSection(section) => sections::add_functions(info, section)?,
        Payload::TableSection(section) => sections::add_tables(info, section)?,
        Payload::MemorySection(section) => sections::add_memories(info, section)?,
        Payload::GlobalSection(section) => sections::add_globals(info, section)?,
        Payload::ExportSection(section) => sections::add_exports(info, section)?,
        Payload::StartSection { func, .. } => {
            let func = FuncIndex(func);
            info.escaped_funcs.push(func);
            info.start = Some(func);
        }
        Payload::ElementSection(section) => sections::add_elements(info, section)?,
        Payload::DataSection(section) => sections::add_data(info, section)?,
        // The bodies in this range are parsed later, and only if they are there: in a parsed module the range is
        // within bounds.
        Payload::CodeSectionStart { unchecked_range, .. } => {
            info.code_section = unchecked_range.start as usize..unchecked_range.end as usize;
        }
        Payload::CustomSection(section) => sections::add_custom(info, &section),
        _ => {}
    }
    Ok(())
}

/// Sorts the functions that escape, once all are known: `ref.func` in a body only names functions that an export, a
/// global or a segment declares.
fn finish_escapes(info: &mut ModuleInfo) {
    info.escaped_funcs.sort_unstable();
    info.escaped_funcs.dedup();
}
