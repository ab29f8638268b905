//! Leaves debug information out of a module: it can be many times as large as the code. Names of functions stay, so that
//! backtraces still say something.

use anyhow::Context;
use wasmparser::{Parser, Payload};

/// The bytes in front of the first section.
const HEADER: usize = 8;

/// The module without its sections of DWARF.
///
/// # Errors
/// It is not valid WebAssembly.
pub(super) fn without_debug_information(wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut stripped = wasm.get(..HEADER).context("it is not a module")?.to_vec();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if matches!(&payload, Payload::CustomSection(section) if section.name().starts_with(".debug_")) {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            let content =
                wasm.get(range.start as usize..range.end as usize).context("a section is cut off")?;
            stripped.push(id);
            write_length(content.len(), &mut stripped);
            stripped.extend(content);
        }
    }
    Ok(stripped)
}

/// Unsigned LEB128.
fn write_length(mut length: usize, out: &mut Vec<u8>) {
    while length > 0x7f {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_debug_information_is_left_out() {
        let long = "x".repeat(300);
        let with = |debug: &str| {
            let text = format!(
                "(module {debug} (memory 1) (@custom \"name of mine\" \"{long}\") (func (export \"f\") (nop)) {debug})"
            );
            wat::parse_str(text).unwrap()
        };
        let plain = with("");
        assert_eq!(without_debug_information(&plain).unwrap(), plain);
        let debug = with(&format!("(@custom \".debug_info\" \"{long}\")"));
        assert!(debug.len() > plain.len() + 600);
        assert_eq!(without_debug_information(&debug).unwrap(), plain);
        assert!(without_debug_information(b"").is_err() && without_debug_information(&plain[..20]).is_err());
    }
}
