//! Modules on wasmi. A counter in their code gives the expected fuel.

use std::sync::LazyLock;

use tinkerbox_wasm::Trap;
use wasmi::errors::{ErrorKind, HostError, InstantiationError};
use wasmi::{
    Caller, CompilationMode, Config, Engine, Extern, ExternRef, Global, Instance, Linker, Memory, MemoryType,
    Module, Mutability, Nullable, Ref, RefType, Store, StoreContext, Table, TableType, TrapCode, Val,
};

use crate::engines::machine::{Counted, Machine, Refusal, State, Stop, Value, Visit, answers};
use crate::rewrite::{COUNTER_EXPORT, LIMIT_EXPORT, STEPS_EXPORT, STOPPED};

pub struct Other {
    store: Store<Vec<Visit>>,
    instance: Instance,
}

/// An engine whose own stack is large enough for the module's limit of recursion.
pub fn engine() -> Engine {
    let mut config = Config::default();
    config.set_max_recursion_depth(100_000).set_max_stack_height(256 << 20);
    config.compilation_mode(CompilationMode::Eager);
    Engine::new(&config)
}

impl Other {
    /// Instantiates a module that has a counter.
    pub fn new(engine: &Engine, counted: &[u8]) -> Result<Other, Stop> {
        Other::of(&Module::new(engine, counted).map_err(stop)?)
    }

    /// The same for a compiled module.
    pub fn of(module: &Module) -> Result<Other, Stop> {
        let mut store = Store::new(module.engine(), Vec::new());
        let linker = linker(module.engine(), &mut store).expect("the names differ");
        let instance = linker.instantiate_and_start(&mut store, module).map_err(stop)?;
        Ok(Other { store, instance })
    }

    fn met_its_limit(&self) -> bool {
        let global = self.instance.get_global(&self.store, LIMIT_EXPORT);
        global.is_some_and(|limit| limit.get(&self.store).i64() == Some(STOPPED))
    }
}

impl Counted for Other {
    fn start(counted: &[u8]) -> Result<Other, Stop> {
        static ENGINE: LazyLock<Engine> = LazyLock::new(engine);
        Other::new(&ENGINE, counted)
    }

    fn limit(&mut self, limit: u64) {
        let global = self.instance.get_global(&self.store, LIMIT_EXPORT).expect("the module has a limit");
        let limit = Val::I64(i64::try_from(limit).expect("it can be counted"));
        global.set(&mut self.store, limit).expect("it is a variable");
    }
}

fn linker(engine: &Engine, store: &mut Store<Vec<Visit>>) -> Result<Linker<Vec<Visit>>, wasmi::Error> {
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
        Nullable::Val(ExternRef::new(&mut caller, number))
    })?;
    type Given = Nullable<ExternRef>;
    linker.func_wrap("host", "take", |mut caller: Caller<'_, Vec<Visit>>, given: Given| -> i32 {
        let given = number(&caller, &given);
        visit(&mut caller, "take", vec![Value::Extern(given)]);
        answers::take(given)
    })?;
    let swap = |mut caller: Caller<'_, Vec<Visit>>, a: Given, n: i32, b: Given| -> (Given, Given) {
        let arguments =
            vec![Value::Extern(number(&caller, &a)), Value::I32(n), Value::Extern(number(&caller, &b))];
        visit(&mut caller, "swap", arguments);
        (b, a)
    };
    linker.func_wrap("host", "swap", swap)?;
    failing(&mut linker)?;
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(4)))?;
    linker.define("host", "memory", memory)?;
    let null = Ref::null(RefType::Func);
    let table = Table::new(&mut *store, TableType::new(RefType::Func, 8, Some(16)), null)?;
    linker.define("host", "table", table)?;
    let limit = Global::new(&mut *store, Val::I32(3), Mutability::Const);
    linker.define("host", "limit", limit)?;
    let shared = Global::new(&mut *store, Val::I64(-5), Mutability::Var);
    linker.define("host", "shared", shared)?;
    let first = Nullable::Val(ExternRef::new(&mut *store, 1u32));
    let references = TableType::new(RefType::Extern, 4, Some(16));
    let references = Table::new(&mut *store, references, Ref::Extern(first))?;
    linker.define("host", "references", references)?;
    let kept = Global::new(&mut *store, Val::ExternRef(first), Mutability::Var);
    linker.define("host", "kept", kept)?;
    Ok(linker)
}

/// Host functions that fail when they are called with zero, and one that calls the module.
fn failing(linker: &mut Linker<Vec<Visit>>) -> Result<(), wasmi::Error> {
    type From<'a> = Caller<'a, Vec<Visit>>;
    linker.func_wrap("host", "refuse", |mut caller: From<'_>, given: i32| -> Result<i32, wasmi::Error> {
        let refusal = visit(&mut caller, "refuse", vec![Value::I32(given)]);
        if given == 0 { Err(wasmi::Error::host(refusal)) } else { Ok(given) }
    })?;
    // Panics do not unwind through this engine.
    linker.func_wrap("host", "panic", |mut caller: From<'_>, given: i32| -> Result<i32, wasmi::Error> {
        let refusal = visit(&mut caller, "panic", vec![Value::I32(given)]);
        if given == 0 { Err(wasmi::Error::host(Panic(refusal))) } else { Ok(given) }
    })?;
    linker.func_wrap("host", "back", |mut caller: From<'_>, given: i32| -> Result<i32, wasmi::Error> {
        visit(&mut caller, "back", vec![Value::I32(given)]);
        let inner = caller.get_export("inner").and_then(Extern::into_func).expect("it is exported");
        let result = inner.typed::<i32, i32>(&caller)?.call(&mut caller, given)?;
        visit(&mut caller, "back", vec![Value::I32(result)]);
        Ok(result)
    })?;
    Ok(())
}

impl HostError for Refusal {}

#[derive(Debug, thiserror::Error)]
#[error("in place of a panic")]
struct Panic(Refusal);

impl HostError for Panic {}

/// The number that a reference holds.
fn number<'a>(store: impl Into<StoreContext<'a, Vec<Visit>>>, given: &Nullable<ExternRef>) -> Option<u32> {
    let value = Option::<&ExternRef>::from(given.as_ref())?.data(store);
    Some(*value.downcast_ref().expect("all are numbers"))
}

fn visit(caller: &mut Caller<'_, Vec<Visit>>, name: &'static str, arguments: Vec<Value>) -> Refusal {
    let used = match caller.get_export(STEPS_EXPORT).and(caller.get_export(COUNTER_EXPORT)) {
        Some(Extern::Global(counter)) => counter.get(&*caller).i64().map(|used| used as u64),
        _ => None,
    };
    caller.data_mut().push(Visit { name, arguments, used });
    Refusal(caller.data().len())
}

impl Machine for Other {
    fn call(&mut self, name: &str, arguments: &[Value]) -> Result<Vec<Value>, Stop> {
        let func = self.instance.get_func(&self.store, name).expect("the export is there");
        let arguments: Vec<Val> = arguments.iter().map(|value| to_val(&mut self.store, value)).collect();
        let types = func.ty(&self.store);
        let mut results: Vec<Val> = types.results().iter().map(|ty| Val::default_for_ty(*ty)).collect();
        func.call(&mut self.store, &arguments, &mut results)
            .map_err(|error| if self.met_its_limit() { Stop::Trap(Trap::OutOfFuel) } else { stop(error) })?;
        Ok(results.iter().map(|value| from_val(&self.store, value)).collect())
    }

    fn allow(&mut self, steps: i32) {
        let global = self.instance.get_global(&self.store, STEPS_EXPORT).expect("it is exported");
        global.set(&mut self.store, Val::I32(steps)).expect("it is a variable");
    }

    fn used(&mut self) -> u64 {
        let counter = self.instance.get_global(&self.store, COUNTER_EXPORT).expect("it is exported");
        counter.get(&self.store).i64().expect("it is a 64-bit integer") as u64
    }

    fn state(&mut self) -> State {
        let mut state = State { visits: self.store.data().clone(), ..State::default() };
        for export in self.instance.exports(&self.store) {
            let name = export.name().to_string();
            match export.into_extern() {
                Extern::Global(_) if name == COUNTER_EXPORT || name == LIMIT_EXPORT => {}
                Extern::Global(global) => {
                    state.globals.insert(name, from_val(&self.store, &global.get(&self.store)));
                }
                Extern::Memory(memory) => {
                    state.memories.insert(name, memory.data(&self.store).to_vec());
                }
                Extern::Table(table) => {
                    let elements = (0..).map_while(|at| table.get(&self.store, at));
                    state
                        .tables
                        .insert(name, elements.map(|element| from_ref(&self.store, &element)).collect());
                }
                Extern::Func(_) => {}
            }
        }
        state
    }
}

/// The reason why a call on wasmi ended.
pub fn stop(error: wasmi::Error) -> Stop {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return Stop::Refused(*refusal);
    }
    if let Some(Panic(refusal)) = error.downcast_ref::<Panic>() {
        return Stop::Panicked(*refusal);
    }
    if let ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { .. }) = error.kind() {
        return Stop::Trap(Trap::TableOutOfBounds);
    }
    let trap = error.as_trap_code().and_then(|code| match code {
        TrapCode::UnreachableCodeReached => Some(Trap::UnreachableCodeReached),
        TrapCode::MemoryOutOfBounds => Some(Trap::MemoryOutOfBounds),
        TrapCode::TableOutOfBounds => Some(Trap::TableOutOfBounds),
        TrapCode::IndirectCallToNull => Some(Trap::IndirectCallToNull),
        TrapCode::IntegerDivisionByZero => Some(Trap::IntegerDivisionByZero),
        TrapCode::IntegerOverflow => Some(Trap::IntegerOverflow),
        TrapCode::BadConversionToInteger => Some(Trap::BadConversionToInteger),
        TrapCode::StackOverflow => Some(Trap::StackOverflow),
        TrapCode::BadSignature => Some(Trap::BadSignature),
        _ => None,
    });
    trap.map_or_else(|| Stop::Other(format!("{error} ({:?})", error.kind())), Stop::Trap)
}

fn to_val(store: &mut Store<Vec<Visit>>, value: &Value) -> Val {
    match *value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(wasmi::F32::from_bits(bits)),
        Value::F64(bits) => Val::F64(wasmi::F64::from_bits(bits)),
        Value::V128(bits) => Val::V128(wasmi::V128::from(bits)),
        Value::Func { null } => {
            assert!(null, "only null functions are passed");
            Val::FuncRef(Nullable::Null)
        }
        Value::Extern(None) => Val::ExternRef(Nullable::Null),
        Value::Extern(Some(number)) => Val::ExternRef(Nullable::Val(ExternRef::new(store, number))),
    }
}

fn from_val(store: &Store<Vec<Visit>>, value: &Val) -> Value {
    match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(value) => Value::F32(value.to_bits()),
        Val::F64(value) => Value::F64(value.to_bits()),
        Val::V128(vector) => Value::V128(vector.as_u128()),
        Val::FuncRef(func) => Value::Func { null: func.is_null() },
        Val::ExternRef(given) => Value::Extern(number(store, given)),
    }
}

fn from_ref(store: &Store<Vec<Visit>>, value: &Ref) -> Value {
    match value {
        Ref::Func(func) => Value::Func { null: func.is_null() },
        Ref::Extern(given) => Value::Extern(number(store, given)),
    }
}
