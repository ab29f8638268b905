//! THE SANDBOX RESTS ON THIS FILE: what each function takes of the stack, as counted.
//!
//! How deep calls may nest is part of the rules, like fuel: equal on every machine, at every level of optimisation. What
//! a frame takes of the machine's stack is not. So each function has a price in bytes, decided on its WebAssembly alone,
//! as it was validated, before anything is inlined. Every call passes on what is left of
//! [`Config::max_wasm_stack`](crate::base::config::Config::max_wasm_stack):
//!
//! ```text
//!   door in ── left ──> f: left -= price of f ── left ──> g: left -= price of g ── left ──> door out ──> the store
//!                          below zero: call stack exhausted                                   the next door in has it
//! ```
//!
//! Nothing has to be put back when a function returns: its caller has its own count.
//!
//! | | bytes |
//! | --- | --- |
//! | a function that calls nothing and would take at most 1,024 | 0 |
//! | any other function | 64 |
//! | and for each parameter, and each local that it uses: integers, references | 8 |
//! | floats, vectors | 16 |
//! | and for each operand, where most of them are on the operand stack at once | 16 |
//! | a call from the host while guest code waits for it | 4,096 |
//!
//! Half of all frames take less than a fifth of their price, but some take more: the compiler may keep a value in several
//! places. So the stack that guests run on is [`FRAME_BYTES_PER_BYTE`] times as large as what is counted, and larger by what
//! is not: see `base/settings.rs`. Optimising can make a frame larger still, where a loop computes much that does not
//! change in it; such a function is compiled without. The machine's own limit, which each frame is compared with, is
//! further down, so that it is not what ends a call; it protects the process in any case.
//!
//! Not bounded: of a function in which a hundred values are needed over dozens of nested branches, each of them set in many
//! places, the register allocator may make a frame that is larger still. Where such functions recurse until four times the
//! counted stack is used up, the machine's limit ends the call before the count does.

use wasmparser::{Operator, ValType};

use crate::base::limits::FRAME_BYTES_PER_BYTE;

/// The number of the table. One more whenever it changes: compiled modules of other prices are then refused, since
/// peers must count the same.
pub const VERSION: u32 = 1;

/// What any frame takes: its return address, the frame pointer, and registers of its caller's.
const FRAME: u32 = 64;

/// An operand of any type.
const OPERAND: u32 = 16;

/// Functions that call nothing and take no more than this are not counted: one of them at most is on the stack.
pub const UNCOUNTED: u32 = 1_024;

/// What the frame of a function may take that is not counted. There is more room for it: see `base/settings.rs`.
const UNCOUNTED_FRAME_BYTES: u32 = 16 << 10;

/// A call from the host while guest code waits for it: what the host may take between them, and the doors.
pub const ACTIVATION: u64 = 4_096;

/// What a function takes, in bytes, or nothing where it is not counted. `operands` is the greatest height of its
/// operand stack.
pub fn price(locals: impl Iterator<Item = ValType>, operands: u32, calls: bool) -> Option<u32> {
    let locals: u32 = locals.map(local).sum();
    let price = FRAME + locals + OPERAND * operands;
    (calls || price > UNCOUNTED).then_some(price)
}

/// How large the machine's frame of a function may be, in bytes, that the stack which guests run on is large enough
/// for its price. One that is larger is compiled without optimisations.
pub fn most_frame_bytes(price: Option<u32>) -> u32 {
    price.map_or(UNCOUNTED_FRAME_BYTES, |price| price.saturating_mul(FRAME_BYTES_PER_BYTE))
}

fn local(ty: ValType) -> u32 {
    match ty {
        ValType::I32 | ValType::I64 | ValType::Ref(_) => 8,
        ValType::F32 | ValType::F64 | ValType::V128 => 16,
    }
}

/// Whether the operator calls a function, which may be of a module.
pub fn is_call(operator: &Operator<'_>) -> bool {
    matches!(operator, Operator::Call { .. } | Operator::CallIndirect { .. })
}

/// The most that a function takes which has no more locals and operands than this, and calls nothing.
pub const fn most(locals: u32, operands: u32) -> u32 {
    FRAME + 16 * locals + OPERAND * operands
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::most_frame_bytes;
    use crate::base::config::{Config, OptLevel};
    use crate::compile::charges::tests::generate::Random;
    use crate::compile::parse::{self, Parsed};
    use crate::compile::target::Target;
    use crate::compile::translate::{self, Surroundings, check};
    use crate::compile::{ModuleContext, inline, layout};

    const TYPES: [&str; 5] = ["i32", "i64", "f32", "f64", "v128"];

    /// A function of a module: what its locals are, and how deep its blocks are.
    struct Writer<'a> {
        random: &'a mut Random,
        locals: Vec<&'static str>,
        text: String,
    }

    impl Writer<'_> {
        fn local(&mut self, ty: &str) -> Option<usize> {
            let start = self.random.below(self.locals.len() as u64) as usize;
            let count = self.locals.len();
            (0..count).map(|at| (start + at) % count).find(|at| self.locals[*at] == ty)
        }

        fn value(&mut self, ty: &str, depth: u32) {
            let add = match ty {
                "v128" => "i64x2.add".to_string(),
                ty => format!("{ty}.add"),
            };
            match (self.random.below(4), self.local(ty)) {
                (0 | 1, Some(local)) => self.text += &format!("(local.get {local})"),
                (2, _) if depth < 6 => {
                    self.text += &format!("({add} ");
                    self.value(ty, depth + 1);
                    self.value(ty, depth + 1);
                    self.text += ")";
                }
                _ => {
                    let load = if ty == "v128" { "v128.load" } else { &format!("{ty}.load") };
                    self.text += &format!("({load} offset={} (i32.const 0))", self.random.below(900));
                }
            }
        }

        fn statements(&mut self, count: u64, depth: u32) {
            for _ in 0..count {
                match self.random.below(12) {
                    0 => self.text += "(call $any)",
                    1 if depth < 4 => {
                        self.text += "(if (i32.load (i32.const 4)) (then ";
                        self.statements(count / 2, depth + 1);
                        self.text += ") (else ";
                        self.statements(count / 2, depth + 1);
                        self.text += "))";
                    }
                    2 if depth < 4 => {
                        self.text += "(loop ";
                        self.statements(count / 2, depth + 1);
                        self.text += "(br_if 0 (i32.load (i32.const 8))))";
                    }
                    3 => {
                        let ty = TYPES[self.random.below(5) as usize];
                        self.text += &format!("({ty}.store offset={} (i32.const 0) ", self.random.below(900));
                        self.value(ty, 0);
                        self.text += ")";
                    }
                    _ => {
                        let local = self.random.below(self.locals.len() as u64) as usize;
                        self.text += &format!("(local.set {local} ");
                        self.value(self.locals[local], 0);
                        self.text += ")";
                    }
                }
            }
        }
    }

    fn module(seed: u64) -> Vec<u8> {
        let mut random = Random(seed);
        let mut text = "(module (import \"\" \"\" (func $any)) (memory 1) ".to_string();
        for _ in 0..6 {
            let count = 1 + random.below(24);
            // Of all types, or of one.
            let one = random.below(10) as usize;
            let locals: Vec<_> = (0..count)
                .map(|_| TYPES.get(one).copied().unwrap_or_else(|| TYPES[random.below(5) as usize]))
                .collect();
            let mut writer = Writer { random: &mut random, locals, text: String::new() };
            let statements = 10 + writer.random.below(20);
            writer.statements(statements, 0);
            let Writer { locals, text: body, .. } = writer;
            text += &format!("(func (local {}) {body})", locals.join(" "));
        }
        wat::parse_str(text + ")").expect("the text is a module")
    }

    #[test]
    fn frames_fit_what_is_counted_for_them() {
        let mut worst = (0.0, 0);
        let ways = [OptLevel::None, OptLevel::Speed].into_iter().flat_map(|level| {
            [true, false].into_iter().flat_map(move |signals| [true, false].map(|on| (level, signals, on)))
        });
        for (way, seed) in ways.flat_map(|way| (0..12).map(move |seed| (way, seed))) {
            let (level, signals, features) = way;
            let mut config = Config::default();
            config.consume_fuel(true).cranelift_opt_level(level).signals_based_traps(signals);
            config.cranelift_native_features(features);
            let target = Target::native(&config).expect("the machine is supported");
            let wasm = module(seed);
            let Parsed { info, bodies } = parse::parse(&wasm).expect("the module is valid");
            let layout = layout(&info).expect("it is small");
            let around = Surroundings::new(false, &config);
            let (leaves, spent) = (inline::Leaves::new(), AtomicU64::new(0));
            let (info, layout, config, target) = (&info, &layout, &config, &target);
            let context = ModuleContext { info, layout, config, target, around, leaves, spent };
            let again = parse::parse(&wasm).expect("as before").bodies;
            for (body, again) in bodies.into_iter().zip(again) {
                let mut validator = again.validate.into_validator(Default::default());
                let price = check(&mut validator, &again.body, 0, around).expect("it is valid").stack;
                let compiled = translate::Compiler::default().compile(&context, body).expect("it is small");
                let most = most_frame_bytes(price);
                assert!(
                    compiled.frame_bytes <= most,
                    "seed {seed}, {way:?}: {}, {most}",
                    compiled.frame_bytes
                );
                let ratio = f64::from(compiled.frame_bytes) / f64::from(most);
                worst = if ratio > worst.0 { (ratio, seed) } else { worst };
            }
        }
        println!("the largest frame takes {:.2} of what it may, in seed {}", worst.0, worst.1);
    }
}
