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
//! Growing a memory or a table is a door out, too: it asks the store's limiter, which may call guests of other stores.
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
//! How large the machine's stack is for that, no rule says: it may differ. Half of all frames take less than a fifth of
//! their price, and of 14,157 in real programs none took more than all of it. But of a function with many values over many
//! branches, the register allocator may keep each in several places, and the optimiser keeps what it took out of loops. So
//! each frame is compared with its price when it is compiled. The module notes the greatest ratio
//! ([`Frames`]), a store has the greatest of its modules, and a call gets a stack that is as many times as large as what is
//! counted: see `base/settings.rs`. A function whose frame takes more than [`FRAME_RATIO`] times its price is refused.
//!
//! | functions made for it, with all features of the processor | optimised | not |
//! | --- | --- | --- |
//! | 300 integers, set again in each of 40 branches one after the other | 1.0 | 1.0 |
//! | the same, the branches inside each other | 5.1 | 1.0 |
//! | 90 integers, 200 branches inside each other | 16 | 1.0 |
//! | 30 integers, 200 branches inside each other | 28 | 0.9 |
//! | 30 integers, 600 branches inside each other | 54 | 2.3 |
//! | the same with floats | 65: refused | not measured |
//! | two locals, and a loop with 3,000 products that are the same each time | refused | not measured |
//!
//! The machine's own limit, which each frame is compared with, is further down, so that it is not what ends a call; it
//! protects the process in any case. But a call that has begun keeps the stack it has: where a host function, or the host
//! while a call is suspended, instantiates a module of a greater ratio in the same store, and its functions get into the hands
//! of guests that wait, the machine's limit may end that call before the count does.

use wasmparser::{Operator, ValType};

use crate::base::frames::Frames;
use crate::base::limits::module::FRAME_RATIO;

/// The number of the table. One more whenever it changes: compiled modules of other prices are then refused, since
/// peers must count the same.
pub const VERSION: u32 = 1;

/// What any frame takes: its return address, the frame pointer, and registers of its caller's.
const FRAME: u32 = 64;

/// An operand of any type.
const OPERAND: u32 = 16;

/// Functions that call nothing and take no more than this are not counted: one of them at most is on the stack.
pub const UNCOUNTED: u32 = 1_024;

/// A call from the host while guest code waits for it: what the host may take between them, and the doors.
pub const ACTIVATION: u64 = 4_096;

/// What a function takes, in bytes, or nothing where it is not counted. `operands` is the greatest height of its
/// operand stack.
pub fn price(locals: impl Iterator<Item = ValType>, operands: u32, calls: bool) -> Option<u32> {
    let locals: u32 = locals.map(local).sum();
    let price = FRAME + locals + OPERAND * operands;
    (calls || price > UNCOUNTED).then_some(price)
}

/// What the machine's frame of a function asks of a stack, in relation to its price.
///
/// # Errors
/// It is too large. Says so of the function with this index.
pub fn frames(index: u32, price: Option<u32>, bytes: u32) -> Result<Frames, String> {
    let most = price.unwrap_or(UNCOUNTED).saturating_mul(FRAME_RATIO);
    if bytes > most {
        return Err(format!(
            "function {index} needs a stack frame of {bytes} bytes, and may have {most}, which is {FRAME_RATIO} times what \
             its locals and operands take as counted: split it into smaller ones, or let its loops compute less that is the \
             same each time"
        ));
    }
    Ok(price.map_or_else(|| Frames::uncounted(bytes), |price| Frames::counted(price, bytes)))
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

    use crate::base::config::{Config, OptLevel};
    use crate::base::frames::Frames;
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

    fn module(seed: u64, most_locals: u64) -> Vec<u8> {
        let mut random = Random(seed);
        let mut text = "(module (import \"\" \"\" (func $any)) (memory 1) ".to_string();
        for _ in 0..6 {
            let count = 1 + random.below(most_locals);
            // Of all types, or of one.
            let one = random.below(10) as usize;
            let locals: Vec<_> = (0..count)
                .map(|_| TYPES.get(one).copied().unwrap_or_else(|| TYPES[random.below(5) as usize]))
                .collect();
            let mut writer = Writer { random: &mut random, locals, text: String::new() };
            let statements = 10 + writer.random.below(60);
            writer.statements(statements, 0);
            let Writer { locals, text: body, .. } = writer;
            text += &format!("(func (local {}) {body})", locals.join(" "));
        }
        wat::parse_str(text + ")").expect("the text is a module")
    }

    /// Prices of functions, their frames in bytes, and what is noted of these.
    fn compiled(wasm: &[u8], config: &Config) -> Vec<(Option<u32>, u32, Frames)> {
        let target = &Target::native(config).expect("the machine is supported");
        let Parsed { info, bodies } = parse::parse(wasm).expect("the module is valid");
        let layout = layout(&info).expect("it is small");
        let around = Surroundings::new(false, config);
        let (leaves, spent) = (inline::Leaves::new(), AtomicU64::new(0));
        let (info, layout) = (&info, &layout);
        let context = ModuleContext { info, layout, config, target, around, leaves, spent };
        let again = parse::parse(wasm).expect("as before").bodies;
        let pairs = bodies.into_iter().zip(again);
        pairs
            .map(|(body, again)| {
                let mut validator = again.validate.into_validator(Default::default());
                let price = check(&mut validator, &again.body, 0, around).expect("it is valid").stack;
                let compiled = translate::Compiler::default().compile(&context, body);
                let compiled = compiled.expect("it is no larger than it may be");
                (price, compiled.frame_bytes, compiled.frames)
            })
            .collect()
    }

    fn configs() -> impl Iterator<Item = Config> {
        [OptLevel::None, OptLevel::Speed].into_iter().flat_map(|level| {
            (0..4).map(move |bits| {
                let mut config = Config::default();
                config.consume_fuel(true).cranelift_opt_level(level).signals_based_traps(bits & 1 == 0);
                config.cranelift_native_features(bits & 2 == 0);
                config
            })
        })
    }

    #[test]
    fn frames_fit_what_is_noted_for_them() {
        let (mut worst, mut larger) = ((0.0, 0), 0);
        for (config, seed) in configs().flat_map(|config| (0..6).map(move |seed| (config.clone(), seed))) {
            let most_locals = if seed < 4 { 24 } else { 90 };
            for (price, bytes, frames) in compiled(&module(seed, most_locals), &config) {
                let Some(price) = price else { continue };
                assert!(bytes <= price * frames.ratio, "seed {seed}, {config:?}: {bytes}, {price}");
                assert!(frames.ratio == 1 || bytes > price * frames.ratio / 2, "no more than is needed");
                let ratio = f64::from(bytes) / f64::from(price);
                worst = if ratio > worst.0 { (ratio, seed) } else { worst };
                larger += u32::from(frames.ratio > 1);
            }
        }
        println!("the largest frame takes {:.2} of its price, in seed {}", worst.0, worst.1);
        assert!(larger > 0, "no frame was larger than its price");
    }
}
