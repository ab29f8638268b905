//! Canonical NaNs: every operator with NaNs of all kinds, observed in every way in which bits can be observed.
//!
//! Each function is written twice. In one version, explicit code canonicalizes the result of arithmetic at once, as
//! the specification allows; it runs with default settings. The other version has no such code and runs with
//! canonical NaNs. Both must show the same bits: canonical where they come from arithmetic, and unchanged where they
//! were only moved.

mod scalars;
mod vectors;

use tinkerbox_wasm::*;

/// How arithmetic is written.
#[derive(Clone, Copy)]
enum Writing {
    Plain,
    ByHand,
}

impl Writing {
    /// An expression whose value, of this type or of lanes, comes from arithmetic.
    fn arithmetic(self, ty: &str, expression: &str) -> String {
        match self {
            Writing::Plain => expression.to_string(),
            Writing::ByHand => format!("(call $canonical_{ty} {expression})"),
        }
    }
}

/// A function of two operands, a value to be moved, and a condition. It may use `$local`, of the operands' type.
struct Case {
    name: String,
    result: &'static str,
    body: String,
}

impl Case {
    fn new(name: String, result: &'static str, body: String) -> Case {
        Case { name, result, body }
    }
}

/// The items that functions can use.
const PRELUDE: &str = r#"
    (func $canonical_f32 (param f32) (result f32)
        (select (f32.const nan) (local.get 0) (f32.ne (local.get 0) (local.get 0))))
    (func $canonical_f64 (param f64) (result f64)
        (select (f64.const nan) (local.get 0) (f64.ne (local.get 0) (local.get 0))))
    (func $canonical_f32x4 (param v128) (result v128)
        (v128.bitselect (v128.const f32x4 nan nan nan nan) (local.get 0) (f32x4.ne (local.get 0) (local.get 0))))
    (func $canonical_f64x2 (param v128) (result v128)
        (v128.bitselect (v128.const f64x2 nan nan) (local.get 0) (f64x2.ne (local.get 0) (local.get 0))))
    (func $bits_f32 (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
    (func $bits_f64 (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))
    (func $bits_v128 (param v128) (result i64) (i64x2.extract_lane 1 (local.get 0)))
    (type $of_f32 (func (param f32) (result i32)))
    (type $of_f64 (func (param f64) (result i64)))
    (type $of_v128 (func (param v128) (result i64)))
    (table funcref (elem $bits_f32 $bits_f64 $bits_v128))
    (global $f32 (export "f32") (mut f32) (f32.const 0))
    (global $f64 (export "f64") (mut f64) (f64.const 0))
    (global $v128 (export "v128") (mut v128) (v128.const i64x2 0 0))
    (memory (export "memory") 1)"#;

/// The imports, through which the host sees values.
const IMPORTS: &str = r#"
    (import "host" "f32" (func $host_f32 (param f32) (result f32)))
    (import "host" "f64" (func $host_f64 (param f64) (result f64)))
    (import "host" "v128" (func $host_v128 (param v128) (result v128)))"#;

fn module(ty: &str, cases: &[Case]) -> String {
    let functions = cases.iter().map(|Case { name, result, body }| {
        format!(
            "(func (export \"{name}\") (param $a {ty}) (param $b {ty}) (param $kept {ty}) (param $c i32) \
             (result {result}) (local $local {ty}) {body})\n"
        )
    });
    format!("(module {IMPORTS} {PRELUDE} {})", functions.collect::<String>())
}

/// The functions of a module, and the values that the host received.
struct Machine {
    store: Store<Vec<u128>>,
    instance: Instance,
}

impl Machine {
    fn new(config: &Config, text: &str) -> Machine {
        let engine = Engine::new(config).expect("the machine is supported");
        let module = Module::new(&engine, text).expect("the module is valid");
        let mut linker = Linker::new(&engine);
        for (name, ty) in [("f32", ValType::F32), ("f64", ValType::F64), ("v128", ValType::V128)] {
            let ty = FuncType::new(&engine, [ty], [ty]);
            let see = |mut caller: Caller<'_, Vec<u128>>, given: &[Val], back: &mut [Val]| {
                caller.data_mut().push(bits(&given[0]));
                back[0] = given[0];
                Ok(())
            };
            linker.func_new("host", name, ty, see).expect("it is defined once");
        }
        let mut store = Store::new(&engine, Vec::new());
        let instance = linker.instantiate(&mut store, &module).expect("everything is defined");
        Machine { store, instance }
    }

    /// Everything observable about a call: its result, the host's values, globals, and memory.
    fn call(&mut self, name: &str, arguments: &[Val]) -> Vec<u128> {
        let func = self.instance.get_func(&mut self.store, name).expect("it is exported");
        let mut results = [Val::I32(0)];
        func.call(&mut self.store, arguments, &mut results).expect("nothing traps");
        let mut seen = std::mem::take(self.store.data_mut());
        seen.push(bits(&results[0]));
        for global in ["f32", "f64", "v128"] {
            let global = self.instance.get_global(&mut self.store, global).expect("it is exported");
            seen.push(bits(&global.get(&mut self.store)));
        }
        let memory = self.instance.get_memory(&mut self.store, "memory").expect("it is exported");
        seen.push(u128::from_le_bytes(memory.data(&self.store)[..16].try_into().expect("as many bytes")));
        seen
    }
}

fn bits(value: &Val) -> u128 {
    match *value {
        Val::I32(value) => u128::from(value as u32),
        Val::I64(value) => u128::from(value as u64),
        Val::F32(bits) => u128::from(bits),
        Val::F64(bits) => u128::from(bits),
        Val::V128(vector) => vector.as_u128(),
        _ => unreachable!("there are no references here"),
    }
}

/// Runs cases with all arguments, in both versions, at two levels of optimisation. Returns the number of cases with
/// different bits without the setting, so that the test cannot pass by comparing nothing.
///
/// # Panics
/// Something differs.
fn check(ty: &str, cases: impl Fn(Writing) -> Vec<Case>, arguments: &[[Val; 4]]) -> (usize, usize) {
    let (mut told, mut all) = (0, 0);
    let plain = module(ty, &cases(Writing::Plain));
    for level in [OptLevel::None, OptLevel::Speed] {
        let mut by_hand = Machine::new(&Config::new(), &module(ty, &cases(Writing::ByHand)));
        let config = Config::new().cranelift_opt_level(level).clone();
        let mut without = Machine::new(&config, &plain);
        let mut with = Machine::new(config.clone().cranelift_nan_canonicalization(true), &plain);
        for Case { name, .. } in cases(Writing::Plain) {
            let mut tells = false;
            for arguments in arguments {
                let wanted = by_hand.call(&name, arguments);
                let found = with.call(&name, arguments);
                assert_eq!(
                    found, wanted,
                    "{name} of {arguments:x?}, {level:?}: bits, with the setting and by hand"
                );
                tells |= without.call(&name, arguments) != wanted;
            }
            told += usize::from(tells);
            all += 1;
        }
    }
    (told, all)
}
