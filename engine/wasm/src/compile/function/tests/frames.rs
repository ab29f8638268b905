//! Generated functions of many locals over many branches: each frame fits the ratio that is noted for it.

use std::sync::atomic::AtomicU64;

use crate::base::config::{Config, OptLevel};
use crate::base::frames::Frames;
use crate::base::layout::InstanceLayout;
use crate::compile::body::{CodegenMode, check};
use crate::compile::charges::tests::generate::Random;
use crate::compile::context::ModuleContext;
use crate::compile::function::FunctionCompiler;
use crate::compile::inline::Leaves;
use crate::compile::parse::{self, Parsed};
use crate::compile::target::Target;

const TYPES: [&str; 5] = ["i32", "i64", "f32", "f64", "v128"];

/// Writes the body of a function with these locals.
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
        // Locals of all types, or of one type.
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

/// The prices of functions, their frames in bytes, and what is noted for these frames.
fn compiled(wasm: &[u8], config: &Config) -> Vec<(Option<u32>, u32, Frames)> {
    let target = &Target::native(config).expect("the machine is supported");
    let Parsed { info, bodies } = parse::parse(wasm).expect("the module is valid");
    let layout = InstanceLayout::new(&info).expect("it is small");
    let mode = CodegenMode::new(false, config);
    let (leaves, spent) = (Leaves::new(), AtomicU64::new(0));
    let (info, layout) = (&info, &layout);
    let context = ModuleContext { info, layout, config, target, mode, leaves, spent };
    let again = parse::parse(wasm).expect("as before").bodies;
    let pairs = bodies.into_iter().zip(again);
    pairs
        .map(|(body, again)| {
            let mut validator = again.validate.into_validator(Default::default());
            let price = check(&mut validator, &again.body, 0, mode).expect("it is valid").counted.stack_price;
            let compiled = FunctionCompiler::default().compile(&context, body);
            let compiled = compiled.expect("it is within the limits");
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
