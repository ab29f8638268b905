//! Generated functions that run out of registers: every charge that is a trap is found in the machine code and replaced.

use std::sync::atomic::AtomicU64;

use crate::base::config::{Config, OptLevel};
use crate::base::layout::InstanceLayout;
use crate::compile::body::{CodegenMode, check};
use crate::compile::charges::ChargePlan;
use crate::compile::charges::tests::generate::{self, Random};
use crate::compile::context::ModuleContext;
use crate::compile::function::FunctionCompiler;
use crate::compile::inline::Leaves;
use crate::compile::parse::{self, Parsed};
use crate::compile::stops;
use crate::compile::target::Target;
use crate::compile::translate::{FuelStops, Prepared};

/// Compiles the functions of a module with traps as stops. Returns in how many functions all traps could be replaced, and
/// how many functions there are.
fn stopped_by_traps(wasm: &[u8], config: &Config) -> (usize, usize) {
    let target = Target::native(config).expect("the machine is supported");
    let Parsed { info, bodies } = parse::parse(wasm).expect("the module is valid");
    let layout = InstanceLayout::new(&info).expect("it is small");
    let mode = CodegenMode::new(false, config);
    let (leaves, spent) = (Leaves::new(), AtomicU64::new(0));
    let module = ModuleContext { info: &info, layout: &layout, config, target: &target, mode, leaves, spent };
    let (mut compiler, all) = (FunctionCompiler::default(), bodies.len());
    let replaced = bodies.into_iter().map(|body| {
        let index = body.func();
        let mut validator = body.validate.into_validator(Default::default());
        let params = info.func_type(index).params().len() as u32;
        let checked = check(&mut validator, &body.body, params, mode).expect("it is valid");
        let charges = ChargePlan::new(&checked.operators);
        let (checked, validator, charges) = (&checked, &validator, Some(&charges));
        let function = Prepared { index, checked, validator, inlined_locals: &[], charges };
        let compiled = compiler.translate_and_emit(&module, &function, FuelStops::Traps);
        compiled.expect("it is small").is_some()
    });
    (replaced.filter(|replaced| *replaced).count(), all)
}

/// Functions with so many operands below the operators that run that registers run out.
fn text(seed: u64) -> String {
    let mut random = Random(seed);
    let functions = (0..20).map(|_| {
        let waiting = random.below(24) as usize;
        let body = generate::body(&mut random);
        let operands = "local.get 0 i32.load offset=4 ".repeat(waiting);
        let sum = "i32.add local.set 0 local.get 0 ".repeat(waiting);
        format!("(func (param i32) {operands} {body} local.get 0 {sum} drop)\n")
    });
    let functions: String = functions.collect();
    format!("(module (func) (memory 1) {functions})")
}

#[test]
fn all_charges_of_generated_functions_are_replaced() {
    if !stops::AVAILABLE {
        return;
    }
    let levels = [OptLevel::None, OptLevel::Speed, OptLevel::SpeedAndSize];
    let settings = levels.into_iter().flat_map(|level| [(level, true), (level, false)]);
    for ((level, signals), seed) in settings.flat_map(|setting| (0..4).map(move |seed| (setting, seed))) {
        let mut config = Config::default();
        config.consume_fuel(true).cranelift_opt_level(level).signals_based_traps(signals);
        let wasm = wat::parse_str(text(seed)).expect("the text is a module");
        let (replaced, all) = stopped_by_traps(&wasm, &config);
        assert_eq!(replaced, all, "seed {seed}, {level:?}, with signals: {signals}");
    }
}
