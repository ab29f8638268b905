//! THE SANDBOX RESTS ON THIS FILE: charging fuel, as the plan of charges says.
//!
//! The counter lives in the pinned register, which holds the complement of what is left: charging adds, and an
//! addition that overflows was not covered. Then a stub is called that keeps every other register and returns with
//! the charge made. Mostly the generated code has no call there: see `compile/stops.rs`. Where it must have one:
//!
//! ```text
//!        pinned = pinned + cost ── pinned < cost ──> out_of_fuel(charge)   cold
//!               │                                        │
//!               ▼ <──────────────────────────────────────┘
//! ```

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::FunctionBuilder;
use std::mem::offset_of;

use super::{Translator, field};
use crate::base::layout::{Charge, VmBuiltins, VmInstance, VmStore};
use crate::compile::charges::Adjustment;
use crate::compile::signature::{self, POINTER};
use crate::compile::stops;

/// How a function's code stops where a charge is not covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stops {
    /// By a trap, which is replaced.
    Traps,
    /// By a call.
    Calls,
}

impl Translator<'_, '_> {
    pub(super) fn adjust(&mut self, adjustment: Adjustment) {
        match adjustment {
            Adjustment::Charge(charge) => self.charge(charge),
            Adjustment::GiveBack(fuel) => {
                let counter = self.builder.ins().get_pinned_reg(types::I64);
                let counter = self.builder.ins().iadd_imm_s(counter, -i64::from(fuel));
                self.builder.ins().set_pinned_reg(counter);
            }
        }
    }

    fn charge(&mut self, charge: Charge) {
        if self.stops == Stops::Calls {
            let cost = self.builder.ins().iconst(types::I64, i64::from(charge.cost));
            let bits = charge.to_bits();
            return self.charge_by_call(cost, |b| b.ins().iconst(types::I64, bits as i64));
        }
        self.builder.set_srcloc(self.marks.charge(self.at, charge));
        let counter = self.builder.ins().get_pinned_reg(types::I64);
        if stops::is_small(charge.cost) {
            self.builder.ins().trapnz(counter, stops::OVERFLOW);
        } else {
            let room = self.builder.ins().iconst(types::I64, i64::from(charge.cost));
            self.builder.ins().uadd_overflow_trap(counter, room, stops::OVERFLOW);
        }
        self.builder.set_srcloc(self.marks.operator(self.at));
        self.fence();
    }

    /// Forgets what was loaded before a stop. The host has the store there: it may write to memories, tables and
    /// globals, and make memories and tables move. The code generator takes a charge for a trap, behind which nothing
    /// can have changed, and would use values, bases and lengths that it has loaded before. This emits no code.
    ///
    /// A stop that is a call needs none: nothing is known behind a call, nor where the way around it joins.
    fn fence(&mut self) {
        self.builder.ins().sequence_point();
    }

    /// Charges `count` units, an unsigned 32-bit operand; nothing where fuel is not counted.
    pub(super) fn charge_count(&mut self, count: Value) {
        if self.charges.is_some() {
            let cost = self.builder.ins().uextend(types::I64, count);
            // Nothing is charged ahead at operators that work long, so the bits of the charge are its cost.
            self.charge_by_call(cost, |_| cost);
        }
    }

    fn charge_by_call(&mut self, cost: Value, bits: impl FnOnce(&mut FunctionBuilder<'_>) -> Value) {
        let [cold, go] = std::array::from_fn(|_| self.create_block([]));
        self.builder.set_cold_block(cold);
        let counter = self.builder.ins().get_pinned_reg(types::I64);
        let counter = self.builder.ins().iadd(counter, cost);
        self.builder.ins().set_pinned_reg(counter);
        let overflowed = self.builder.ins().icmp(IntCC::UnsignedLessThan, counter, cost);
        self.builder.ins().brif(overflowed, cold, &[], go, &[]);

        self.builder.switch_to_block(cold);
        self.builder.seal_block(cold);
        let bits = bits(&mut self.builder);
        self.call_stub(offset_of!(VmBuiltins, out_of_fuel), &[bits]);
        self.builder.ins().jump(go, &[]);

        self.builder.switch_to_block(go);
        self.builder.seal_block(go);
    }

    /// Calls one of the stubs that keep every register.
    pub(super) fn call_stub(&mut self, builtin: usize, args: &[Value]) {
        let signature = self.builder.import_signature(signature::stub(args.len()));
        let address = self.builtin_address(builtin);
        self.builder.ins().call_indirect(signature, address, args);
    }

    /// The address is loaded where it is used: hoisted, it would hold a register in hot loops.
    pub(super) fn builtin_address(&mut self, builtin: usize) -> Value {
        let here = MemFlagsData::trusted();
        let store = self.store_address();
        let table = field(offset_of!(VmStore, builtins));
        let table = self.builder.ins().load(types::I64, here, store, table);
        self.builder.ins().load(types::I64, here, table, field(builtin))
    }

    /// The store, loaded where it is used for the same reason.
    pub(super) fn store_address(&mut self) -> Value {
        let offset = field(offset_of!(VmInstance, store));
        self.builder.ins().load(POINTER, MemFlagsData::trusted(), self.context, offset)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::super::{Compiler, Prepared, Surroundings, work};
    use super::Stops;
    use crate::base::config::{Config, OptLevel};
    use crate::base::indices::FuncIndex;
    use crate::compile::charges::ChargePlan;
    use crate::compile::charges::tests::generate::{self, Random};
    use crate::compile::inline::Leaves;
    use crate::compile::parse::{self, Parsed};
    use crate::compile::target::Target;
    use crate::compile::{ModuleContext, layout, stops};

    /// Compiles the functions of a module as if all stopped by traps; returns for how many that is as it must be.
    fn stopped_by_traps(wasm: &[u8], config: &Config) -> (usize, usize) {
        let target = Target::native(config).expect("the machine is supported");
        let Parsed { info, bodies } = parse::parse(wasm).expect("the module is valid");
        let layout = layout(&info).expect("it is small");
        let around = Surroundings::new(false, config);
        let (leaves, spent) = (Leaves::new(), AtomicU64::new(0));
        let module =
            ModuleContext { info: &info, layout: &layout, config, target: &target, around, leaves, spent };
        let (mut compiler, all) = (Compiler::default(), bodies.len());
        let replaced = bodies.into_iter().map(|body| {
            let index = body.validate.index;
            let mut validator = body.validate.into_validator(Default::default());
            let params = info.func_type(FuncIndex(index)).params().len() as u32;
            let checked = work::check(&mut validator, &body.body, params, around).expect("it is valid");
            let charges = ChargePlan::new(&checked.operators);
            let (checked, validator, charges) = (&checked, &validator, Some(&charges));
            let function = Prepared { index, checked, validator, inlined_locals: &[], charges };
            let compiled = compiler.translate_and_emit(&module, &function, Stops::Traps);
            compiled.expect("it is small").is_some()
        });
        (replaced.filter(|replaced| *replaced).count(), all)
    }

    /// So many operands wait below what runs that registers run out.
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
        let ways = levels.into_iter().flat_map(|level| [(level, true), (level, false)]);
        for ((level, signals), seed) in ways.flat_map(|way| (0..4).map(move |seed| (way, seed))) {
            let mut config = Config::default();
            config.consume_fuel(true).cranelift_opt_level(level).signals_based_traps(signals);
            let wasm = wat::parse_str(text(seed)).expect("the text is a module");
            let (replaced, all) = stopped_by_traps(&wasm, &config);
            assert_eq!(replaced, all, "seed {seed}, {level:?}, with signals: {signals}");
        }
    }
}
