//! Modules on this runtime.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tinkerbox_wasm::{
    AsContextMut, Caller, Engine, Extern, ExternRef, Global, GlobalType, Instance, Linker, Memory,
    MemoryType, Module, Mutability, Ref, RefType, RootScope, Rooted, Store, StoreContext, Table, TableType,
    Trap, V128, Val, ValType,
};

use crate::engines::machine::{Machine, Refusal, State, Stop, Value, Visit, answers};
use crate::rewrite::STEPS_EXPORT;

/// More fuel than any test here uses.
pub const PLENTY: u64 = u64::MAX / 2;

pub struct Ours {
    pub store: Store<Vec<Visit>>,
    pub instance: Instance,
}

impl Ours {
    /// Instantiates a module, with plenty of fuel if the engine counts it.
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
    linker.func_wrap("host", "make", |mut caller: Caller<'_, Vec<Visit>>| {
        visit(&mut caller, "make", Vec::new());
        let number = answers::make(caller.data().len());
        ExternRef::new(&mut caller, number)
    })?;
    type Given = Option<Rooted<ExternRef>>;
    linker.func_wrap("host", "take", |mut caller: Caller<'_, Vec<Visit>>, given: Given| -> i32 {
        let given = number(&caller, given);
        visit(&mut caller, "take", vec![Value::Extern(given)]);
        answers::take(given)
    })?;
    let swap = |mut caller: Caller<'_, Vec<Visit>>, a: Given, n: i32, b: Given| -> (Given, Given) {
        let arguments =
            vec![Value::Extern(number(&caller, a)), Value::I32(n), Value::Extern(number(&caller, b))];
        visit(&mut caller, "swap", arguments);
        (b, a)
    };
    linker.func_wrap("host", "swap", swap)?;
    failing(&mut linker)?;
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
    let first = ExternRef::new(&mut *store, 1u32)?;
    let references = TableType::new(RefType::EXTERNREF, 4, Some(16));
    let references = Table::new(&mut *store, references, Ref::Extern(Some(first)))?;
    linker.define(&*store, "host", "references", references)?;
    let kept = GlobalType::new(ValType::EXTERNREF, Mutability::Var);
    let kept = Global::new(&mut *store, kept, Val::ExternRef(Some(first)))?;
    linker.define(&*store, "host", "kept", kept)?;
    Ok(linker)
}

/// Host functions that fail when they are called with zero, and one that calls the module.
fn failing(linker: &mut Linker<Vec<Visit>>) -> tinkerbox_wasm::Result<()> {
    type From<'a> = Caller<'a, Vec<Visit>>;
    linker.func_wrap(
        "host",
        "refuse",
        |mut caller: From<'_>, given: i32| -> tinkerbox_wasm::Result<i32> {
            let refusal = visit(&mut caller, "refuse", vec![Value::I32(given)]);
            if given == 0 { Err(refusal.into()) } else { Ok(given) }
        },
    )?;
    linker.func_wrap("host", "panic", |mut caller: From<'_>, given: i32| -> i32 {
        let refusal = visit(&mut caller, "panic", vec![Value::I32(given)]);
        if given == 0 { resume_unwind(Box::new(refusal)) } else { given }
    })?;
    linker.func_wrap("host", "back", |mut caller: From<'_>, given: i32| -> tinkerbox_wasm::Result<i32> {
        visit(&mut caller, "back", vec![Value::I32(given)]);
        let inner = caller.get_export("inner").and_then(Extern::into_func).expect("it is exported");
        let result = inner.typed::<i32, i32>(&caller)?.call(&mut caller, given)?;
        visit(&mut caller, "back", vec![Value::I32(result)]);
        Ok(result)
    })?;
    Ok(())
}

/// The number that a reference holds.
fn number<'a>(
    store: impl Into<StoreContext<'a, Vec<Visit>>>,
    given: Option<Rooted<ExternRef>>,
) -> Option<u32> {
    let value = given?.data(store).expect("the reference is rooted").expect("the host made it");
    Some(*value.downcast_ref().expect("all are numbers"))
}

/// Records a call. Every third one also collects unreachable values.
fn visit(caller: &mut Caller<'_, Vec<Visit>>, name: &'static str, arguments: Vec<Value>) -> Refusal {
    let from_module = caller.get_export(STEPS_EXPORT).is_some();
    let used = caller.fuel_consumed().filter(|_| from_module);
    caller.data_mut().push(Visit { name, arguments, used });
    if caller.data().len().is_multiple_of(3) {
        caller.gc();
    }
    Refusal(caller.data().len())
}

impl Machine for Ours {
    fn call(&mut self, name: &str, arguments: &[Value]) -> Result<Vec<Value>, Stop> {
        let func = self.instance.get_func(&mut self.store, name).expect("the export is there");
        let mut scope = RootScope::new(&mut self.store);
        let arguments: Vec<Val> = arguments.iter().map(|value| to_val(&mut scope, value)).collect();
        let mut results = vec![Val::I32(0); func.ty(&scope).results().len()];
        catching(|| func.call(&mut scope, &arguments, &mut results).map_err(stop))?;
        Ok(results.iter().map(|value| from_val(&scope, value)).collect())
    }

    fn allow(&mut self, steps: i32) {
        let global = self.instance.get_global(&mut self.store, STEPS_EXPORT).expect("it is exported");
        global.set(&mut self.store, Val::I32(steps)).expect("it is a variable");
    }

    fn used(&mut self) -> u64 {
        self.store.fuel_consumed().unwrap_or(0)
    }

    fn state(&mut self) -> State {
        let mut state = State { visits: self.store.data().clone(), ..State::default() };
        let exports: Vec<_> = self.instance.exports(&mut self.store).collect::<Vec<_>>();
        let exports: Vec<(String, Extern)> =
            exports.into_iter().map(|export| (export.name().to_string(), export.into_extern())).collect();
        let mut scope = RootScope::new(&mut self.store);
        for (name, export) in exports {
            match export {
                Extern::Global(global) => {
                    let value = global.get(&mut scope);
                    state.globals.insert(name, from_val(&scope, &value));
                }
                Extern::Memory(memory) => {
                    state.memories.insert(name, memory.data(&scope).to_vec());
                }
                Extern::Table(table) => {
                    let elements = (0..).map_while(|at| {
                        let element = table.get(&mut scope, at)?;
                        Some(from_ref(&scope, &element))
                    });
                    state.tables.insert(name, elements.collect());
                }
                Extern::Func(_) => {}
            }
        }
        state
    }
}

/// Makes a call in which a host function may panic.
pub fn catching<R>(call: impl FnOnce() -> Result<R, Stop>) -> Result<R, Stop> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|payload| match payload.downcast::<Refusal>() {
        Ok(refusal) => Err(Stop::Panicked(*refusal)),
        Err(other) => resume_unwind(other),
    })
}

/// The reason why a call of this runtime ended.
pub fn stop(error: tinkerbox_wasm::Error) -> Stop {
    match (error.downcast_ref::<Trap>(), error.downcast_ref::<Refusal>()) {
        (Some(trap), _) => Stop::Trap(*trap),
        (_, Some(refusal)) => Stop::Refused(*refusal),
        _ => Stop::Other(format!("{error:#}")),
    }
}

fn to_val(store: impl AsContextMut<Data = Vec<Visit>>, value: &Value) -> Val {
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
        Value::Extern(number) => Val::ExternRef(
            number.map(|number| ExternRef::new(store, number).expect("there is room for references")),
        ),
    }
}

fn from_val<'a>(store: impl Into<StoreContext<'a, Vec<Visit>>>, value: &Val) -> Value {
    match *value {
        Val::I32(value) => Value::I32(value),
        Val::I64(value) => Value::I64(value),
        Val::F32(bits) => Value::F32(bits),
        Val::F64(bits) => Value::F64(bits),
        Val::V128(vector) => Value::V128(vector.as_u128()),
        Val::FuncRef(func) => Value::Func { null: func.is_none() },
        Val::ExternRef(given) => Value::Extern(number(store, given)),
        _ => unreachable!("modules here have no other values"),
    }
}

fn from_ref<'a>(store: impl Into<StoreContext<'a, Vec<Visit>>>, value: &Ref) -> Value {
    match *value {
        Ref::Func(func) => Value::Func { null: func.is_none() },
        Ref::Extern(given) => Value::Extern(number(store, given)),
        _ => unreachable!("tables here have no other references"),
    }
}
