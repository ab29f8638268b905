//! Modules on this runtime.

use tinkerbox_wasm::{
    Caller, Engine, Extern, Global, GlobalType, Instance, Linker, Memory, MemoryType, Module, Mutability,
    Ref, RefType, Store, Table, TableType, Trap, V128, Val, ValType,
};

use crate::machine::{Machine, State, Stop, Value, Visit, answers};
use crate::rewrite::STEPS_EXPORT;

/// More than anything here uses.
pub const PLENTY: u64 = u64::MAX / 2;

pub struct Ours {
    pub store: Store<Vec<Visit>>,
    pub instance: Instance,
}

impl Ours {
    /// Instantiates a module, with plenty of fuel where it is counted.
    pub fn new(engine: &Engine, module: &Module) -> Result<Ours, Stop> {
        let mut store = Store::new(engine, Vec::new());
        if store.fuel_remaining().is_some() {
            store.set_fuel(PLENTY).expect("fuel is counted");
        }
        let linker = linker(engine, &mut store).expect("the names differ");
        let instance = linker.instantiate(&mut store, module).map_err(stop)?;
        Ok(Ours { store, instance })
    }
}

impl Ours {
    pub fn is_metered(&self) -> bool {
        self.store.fuel_remaining().is_some()
    }
}

fn linker(engine: &Engine, store: &mut Store<Vec<Visit>>) -> tinkerbox_wasm::Result<Linker<Vec<Visit>>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "tell", |mut caller: Caller<'_, Vec<Visit>>, what: i32| {
        visit(&mut caller, "tell", vec![Value::I32(what)]);
    })?;
    linker.func_wrap("host", "ask", |mut caller: Caller<'_, Vec<Visit>>| -> i32 {
        visit(&mut caller, "ask", Vec::new());
        answers::ask(caller.data().len())
    })?;
    linker.func_wrap("host", "mix", |mut caller: Caller<'_, Vec<Visit>>, a: i64, b: f64| -> (f32, i64) {
        visit(&mut caller, "mix", vec![Value::I64(a), Value::f64(b)]);
        answers::mix(a, b)
    })?;
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(4)))?;
    linker.define(&*store, "host", "memory", memory)?;
    let table = Table::new(&mut *store, TableType::new(RefType::FUNCREF, 8, Some(16)), Ref::Func(None))?;
    linker.define(&*store, "host", "table", table)?;
    let limit = GlobalType::new(ValType::I32, Mutability::Const);
    let limit = Global::new(&mut *store, limit, Val::I32(3))?;
    linker.define(&*store, "host", "limit", limit)?;
    let shared = GlobalType::new(ValType::I64, Mutability::Var);
    let shared = Global::new(&mut *store, shared, Val::I64(-5))?;
    linker.define(&*store, "host", "shared", shared)?;
    Ok(linker)
}

fn visit(caller: &mut Caller<'_, Vec<Visit>>, name: &'static str, arguments: Vec<Value>) {
    let from_module = caller.get_export(STEPS_EXPORT).is_some();
    let used = caller.fuel_remaining().filter(|_| from_module).map(|left| PLENTY - left);
    caller.data_mut().push(Visit { name, arguments, used });
}

impl Machine for Ours {
    fn call(&mut self, name: &str, arguments: &[Value]) -> Result<Vec<Value>, Stop> {
        let func = self.instance.get_func(&mut self.store, name).expect("the export is there");
        let arguments: Vec<Val> = arguments.iter().map(to_val).collect();
        let mut results = vec![Val::I32(0); func.ty(&self.store).results().len()];
        func.call(&mut self.store, &arguments, &mut results).map_err(stop)?;
        Ok(results.iter().map(from_val).collect())
    }

    fn allow(&mut self, steps: i32) {
        let global = self.instance.get_global(&mut self.store, STEPS_EXPORT).expect("it is exported");
        global.set(&mut self.store, Val::I32(steps)).expect("it is a variable");
    }

    fn used(&mut self) -> u64 {
        self.store.fuel_remaining().map_or(0, |left| PLENTY - left)
    }

    fn state(&mut self) -> State {
        let mut state = State { visits: self.store.data().clone(), ..State::default() };
        let exports: Vec<_> = self.instance.exports(&mut self.store).collect::<Vec<_>>();
        let exports: Vec<(String, Extern)> =
            exports.into_iter().map(|export| (export.name().to_string(), export.into_extern())).collect();
        for (name, export) in exports {
            match export {
                Extern::Global(global) => {
                    state.globals.insert(name, from_val(&global.get(&mut self.store)));
                }
                Extern::Memory(memory) => {
                    state.memories.insert(name, memory.data(&self.store).to_vec());
                }
                Extern::Table(table) => {
                    let elements = (0..).map_while(|at| table.get(&mut self.store, at));
                    state.tables.insert(name, elements.map(|element| element.is_null()).collect());
                }
                Extern::Func(_) => {}
            }
        }
        state
    }
}

/// Why a call of this runtime ended.
pub fn stop(error: tinkerbox_wasm::Error) -> Stop {
    match error.downcast_ref::<Trap>() {
        Some(trap) => Stop::Trap(*trap),
        None => Stop::Other(format!("{error:#}")),
    }
}

fn to_val(value: &Value) -> Val {
    match *value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(bits),
        Value::F64(bits) => Val::F64(bits),
        Value::V128(bits) => Val::V128(V128::from(bits)),
        Value::Func { null } => {
            assert!(null, "only null functions are passed");
            Val::FuncRef(None)
        }
    }
}

fn from_val(value: &Val) -> Value {
    match *value {
        Val::I32(value) => Value::I32(value),
        Val::I64(value) => Value::I64(value),
        Val::F32(bits) => Value::f32(f32::from_bits(bits)),
        Val::F64(bits) => Value::f64(f64::from_bits(bits)),
        Val::V128(vector) => Value::V128(vector.as_u128()),
        Val::FuncRef(func) => Value::Func { null: func.is_none() },
        _ => unreachable!("modules here have no other values"),
    }
}
