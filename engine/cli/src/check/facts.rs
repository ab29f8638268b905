//! What a module consists of: sizes, and the kinds of instructions that it uses.

use wasmparser::{Parser, Payload};

/// What a module consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModuleFacts {
    /// How many functions it has, without those that it imports.
    pub functions: u32,
    /// Bytes of code.
    pub code_bytes: u64,
    /// Bytes of data.
    pub data_bytes: u64,
    /// Bytes of names, debug information and other sections that do not run.
    pub custom_bytes: u64,
    /// Whether it computes with vectors.
    pub simd: bool,
    /// Whether it computes with floating-point numbers.
    pub floats: bool,
}

impl ModuleFacts {
    /// Reads a module.
    ///
    /// # Errors
    /// It is not valid WebAssembly.
    pub fn of(wasm: &[u8]) -> anyhow::Result<ModuleFacts> {
        let mut facts = ModuleFacts::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::CodeSectionStart { count, size, .. } => {
                    facts.functions = count;
                    facts.code_bytes = size.into();
                }
                Payload::CodeSectionEntry(body) => {
                    let mut operators = body.get_operators_reader()?;
                    while !operators.eof() {
                        let opcode = usize::try_from(operators.original_position())
                            .ok()
                            .and_then(|at| wasm.get(at))
                            .copied()
                            .unwrap_or(0);
                        facts.simd |= opcode == SIMD_PREFIX;
                        facts.floats |= is_of_floats(opcode);
                        operators.read()?;
                    }
                }
                Payload::DataSection(data) => facts.data_bytes = len(&data.range()),
                Payload::CustomSection(custom) => facts.custom_bytes += len(&custom.range()),
                _ => {}
            }
        }
        Ok(facts)
    }

    /// The kinds of instructions, in words.
    pub fn features(&self) -> &'static str {
        match (self.floats, self.simd) {
            (false, false) => "integers only",
            (true, false) => "floating-point numbers",
            (false, true) => "vectors",
            (true, true) => "floating-point numbers, vectors",
        }
    }
}

fn len(range: &std::ops::Range<u64>) -> u64 {
    range.end - range.start
}

const SIMD_PREFIX: u8 = 0xfd;

/// Whether an instruction of one byte loads, stores, makes, compares, computes or converts floating-point numbers.
fn is_of_floats(opcode: u8) -> bool {
    matches!(opcode, 0x2a | 0x2b | 0x38 | 0x39 | 0x43 | 0x44 | 0x5b..=0x66 | 0x8b..=0xa6 | 0xa8..=0xab | 0xae..=0xbf)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> ModuleFacts {
        let text = format!("(module (memory 1) (data (i32.const 0) \"abc\") (func {body}))");
        ModuleFacts::of(&wat::parse_str(text).unwrap()).unwrap()
    }

    #[test]
    fn kinds_of_instructions_are_found() {
        let cases = [
            ("(drop (i32.add (i32.const 1) (i32.const 2)))", "integers only"),
            ("(drop (i32.wrap_i64 (i64.const 5)))", "integers only"),
            ("(drop (i64.extend_i32_s (i32.const 5)))", "integers only"),
            // Its immediate has the byte of a floating-point instruction.
            ("(drop (i32.const 0x43))", "integers only"),
            ("(drop (f32.const 1))", "floating-point numbers"),
            ("(drop (f64.load (i32.const 0)))", "floating-point numbers"),
            ("(drop (f32.reinterpret_i32 (i32.const 0)))", "floating-point numbers"),
            ("(drop (i32x4.splat (i32.const 0)))", "vectors"),
            ("(drop (f32x4.splat (f32.const 0)))", "floating-point numbers, vectors"),
        ];
        for (body, expected) in cases {
            assert_eq!(of(body).features(), expected, "{body}");
        }
    }

    #[test]
    fn sizes_are_those_of_the_sections() {
        let facts = of("");
        assert_eq!((facts.functions, facts.code_bytes, facts.data_bytes), (1, 3, 9));
        assert!(ModuleFacts::of(b"\0asm\x01\0\0\0\x0a\x05").is_err());
    }
}
