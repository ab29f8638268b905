//! Modules and values from a seed.

use arbitrary::Unstructured;
use tinkerbox_wasm::ValType;
use wasm_smith::{Config, Module};

use crate::engines::machine::Value;

/// How many loop rounds and calls a generated module may make each time it is called.
pub const STEPS: i32 = 400;

/// The same numbers from the same seed, on every machine (splitmix64).
#[derive(Clone, Default)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of several, equally likely.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[(self.next() % of.len() as u64) as usize]
    }

    /// A value of a type; boundary values are likely.
    pub fn value(&mut self, ty: ValType) -> Value {
        let bits = self.next() >> (self.next() % 64);
        match ty {
            ValType::I32 => {
                Value::I32(self.pick(&[0, 1, -1, i32::MIN, i32::MAX, 65_536, bits as i32, bits as i32]))
            }
            ValType::I64 => Value::I64(self.pick(&[0, 1, -1, i64::MIN, i64::MAX, bits as i64, bits as i64])),
            ValType::F32 => {
                let [odd, other] = [0xffa0_0123, bits as u32].map(f32::from_bits);
                Value::f32(self.pick(&[
                    0.0,
                    -0.0,
                    1.5,
                    -2e9,
                    3e38,
                    f32::INFINITY,
                    f32::NAN,
                    odd,
                    other,
                    other,
                ]))
            }
            ValType::F64 => {
                let [odd, other] = [0xfff4_0000_0000_0123, bits].map(f64::from_bits);
                Value::f64(self.pick(&[
                    0.0,
                    -0.0,
                    1.5,
                    -1e19,
                    1e308,
                    f64::INFINITY,
                    f64::NAN,
                    odd,
                    other,
                    other,
                ]))
            }
            ValType::V128 => {
                let other = u128::from(self.next()) << 64 | u128::from(bits);
                let ty = self.pick(&[ValType::I32, ValType::I64, ValType::F32, ValType::F64]);
                let lanes = self.value(ty);
                Value::V128(self.pick(&[0, u128::MAX, splat(&lanes), splat(&lanes), other, other]))
            }
            ValType::EXTERNREF => Value::Extern(self.pick(&[None, Some(bits as u32), Some(bits as u32)])),
            _ => Value::Func { null: true },
        }
    }
}

/// A vector whose lanes all hold the same number.
fn splat(lane: &Value) -> u128 {
    match *lane {
        Value::I32(value) => u128::from(value as u32) * (u128::MAX / u128::from(u32::MAX)),
        Value::I64(value) => u128::from(value as u64) * (u128::MAX / u128::from(u64::MAX)),
        Value::F32(bits) => splat(&Value::I32(bits as i32)),
        Value::F64(bits) => splat(&Value::I64(bits as i64)),
        _ => unreachable!("other values are no lanes"),
    }
}

/// The possible imports of generated modules, defined by `ours` and `other`.
const IMPORTS: &str = r#"(module
    (import "host" "tell" (func (param i32)))
    (import "host" "ask" (func (result i32)))
    (import "host" "mix" (func (param i64 f64) (result f32 i64)))
    (import "host" "memory" (memory 1 4))
    (import "host" "table" (table 8 16 funcref))
    (import "host" "limit" (global i32))
    (import "host" "shared" (global (mut i64)))"#;

/// Additional imports of modules with references.
const IMPORTS_OF_REFERENCES: &str = r#"
    (import "host" "make" (func (result externref)))
    (import "host" "take" (func (param externref) (result i32)))
    (import "host" "swap" (func (param externref i32 externref) (result externref externref)))
    (import "host" "references" (table 4 16 externref))
    (import "host" "kept" (global (mut externref)))"#;

/// Whether the module or the engine makes NaNs canonical, so that engines can be compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Nans {
    ByModule,
    ByEngine,
}

/// The module of a seed. It ends with any arguments. Its NaNs are canonical, or left to the engine.
pub fn module(seed: u64, nans: Nans) -> Vec<u8> {
    let mut random = Random(seed);
    let bytes: Vec<u8> = (0..4_000).flat_map(|_| random.next().to_le_bytes()).collect();
    let mut module = Module::new(config(seed, nans), &mut Unstructured::new(&bytes))
        .expect("the configuration allows a module");
    let steps = module.ensure_termination(STEPS as u32).expect("generated code can be read");
    crate::rewrite::prepared(&module.to_bytes(), steps)
}

/// WebAssembly 2.0. Every other seed has references, including external ones; every other run of eight has vectors,
/// so that each way of compiling meets all four combinations.
fn config(seed: u64, nans: Nans) -> Config {
    let references = seed % 2 == 1;
    let vectors = seed / 8 % 2 == 1;
    let imports = format!("{IMPORTS}{})", if references { IMPORTS_OF_REFERENCES } else { "" });
    Config {
        available_imports: Some(wat::parse_str(imports).expect("the text above is a module")),
        export_everything: true,
        canonicalize_nans: nans == Nans::ByModule,
        min_funcs: 2,
        max_funcs: 10,
        max_instructions: 300,
        max_globals: 10,
        max_values: 5,
        max_memories: 1,
        max_memory32_bytes: 6 << 16,
        memory_max_size_required: true,
        max_tables: if references { 3 } else { 1 },
        max_table_elements: 40,
        table_max_size_required: true,
        reference_types_enabled: references,
        bulk_memory_enabled: true,
        multi_value_enabled: true,
        saturating_float_to_int_enabled: true,
        sign_extension_ops_enabled: true,
        compact_imports_enabled: false,
        exceptions_enabled: false,
        extended_const_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: vectors,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    }
}
