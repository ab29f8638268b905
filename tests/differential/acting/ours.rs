//! Programs on this runtime, with a host that acts wherever guest code waits.
//!
//! When a memory or table moves while guest code waits, the freed address space is reused at once: a later write to
//! it by mistake is detected.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::{mem, pin, thread};

use tinkerbox_wasm::{
    AsContext, AsContextMut, CallState, Caller, ExternRef, FuncType, Global, GlobalType, Instance, Linker,
    Memory, MemoryType, Module, Mutability, Ref, RefType, RootScope, Rooted, Store, Table, TableType,
    TypedFunc, V128, Val, ValType,
};

use super::acts::{Acting, Given, Reference, Shape, Stage, state};
use super::programs::INNER;
use super::visits::{VISITED, Visited};
use super::ways::{Calls, Way};
use super::{CANCELLED, Case, Outcome, Stops, answer};
use crate::engines::machine::{Stop, Value};
use crate::engines::ours::{PLENTY, stop};
use crate::generate::{Random, STEPS};
use crate::rewrite::STEPS_EXPORT;

/// The number of times that a call is stopped; then it gets unlimited fuel.
const STOPS: u32 = 60;

/// The content of bystanders.
const PATTERN: u8 = 0x5a;

struct Host {
    acting: Acting,
    calls: Calls,
    instance: Option<Instance>,
    slices: Random,
    stops_left: u32,
    /// Memories of other stores, and memory of the host, which hold a pattern.
    stores: Vec<(Store<()>, Memory)>,
    words: Vec<Vec<u64>>,
}

impl Host {
    /// The fuel given next, or consumed until the next yield; unlimited after enough stops.
    fn slice(&mut self) -> u64 {
        if self.stops_left == 0 {
            return PLENTY;
        }
        let most = self.slices.pick(&[2, 10, 40, 100, 200, 600]);
        1 + self.slices.next() % most
    }
}

/// Runs a program in one of the ways.
pub fn run(way: &Way, case: &Case) -> Result<Outcome, String> {
    let calls = case.how();
    let module = Module::new(&way.engine, &case.wasm).map_err(|error| format!("refused: {error:#}"))?;
    let shape = Arc::new(Shape::of(&module));
    let host = Host {
        acting: Acting::new(case.seed, shape.clone()),
        calls,
        instance: None,
        slices: Random(case.seed ^ 0x51ce),
        stops_left: 0,
        stores: Vec::new(),
        words: Vec::new(),
    };
    let mut store = Store::new(&way.engine, host);
    if store.fuel_remaining().is_some() {
        store.set_fuel(PLENTY).expect("fuel is counted");
    }
    let linker = linker(&mut store, case).expect("the names differ");
    let mut outcome = Outcome::default();
    // Immediate failures are compared elsewhere.
    let Ok(instance) = linker.instantiate(&mut store, &module) else { return Ok(outcome) };
    store.data_mut().instance = Some(instance);
    for (name, argument) in &case.calls {
        let func = instance.get_typed_func::<i32, i32>(&mut store, name).expect("it is exported");
        let mut stops = Stops::default();
        store.data_mut().stops_left = STOPS;
        if let Some(steps) = instance.get_global(&mut store, STEPS_EXPORT) {
            steps.set(&mut store, Val::I32(STEPS)).expect("it is a variable");
        }
        let result = match calls {
            Calls::InSlices | Calls::Yielding => in_steps(&mut store, case, &func, *argument, &mut stops),
            Calls::Polled => polled(&mut store, &func, *argument),
            Calls::Plain => func.call(&mut store, *argument),
        };
        outcome.results.push(result.map_err(stop));
        outcome.used.push(store.fuel_consumed().unwrap_or(0));
        outcome.stops.push(stops);
    }
    let host = store.data_mut();
    outcome.notes = mem::take(&mut host.acting.notes);
    for (store, memory) in &host.stores {
        let bytes = memory.data(store);
        if let Some(at) = bytes.iter().position(|byte| *byte != PATTERN) {
            return Err(format!("another store's memory was written to at {at:#x}: {}", bytes[at]));
        }
    }
    if host.words.iter().flatten().any(|word| word.to_ne_bytes() != [PATTERN; 8]) {
        return Err("memory of the host was written to".to_string());
    }
    outcome.state = state(&shape, &mut On { context: &mut RootScope::new(&mut store), instance });
    Ok(outcome)
}

/// Makes a call that stops on its way, and acts there. Every third stop it resumes on another thread.
fn in_steps(
    store: &mut Store<Host>,
    case: &Case,
    func: &TypedFunc<i32, i32>,
    argument: i32,
    stops: &mut Stops,
) -> tinkerbox_wasm::Result<i32> {
    give(&mut *store);
    let mut state = func.call_resumable(&mut *store, argument);
    loop {
        let call = match state? {
            CallState::Finished(result) => return Ok(result),
            CallState::Suspended(call) => call,
        };
        stops.at.push(store.fuel_consumed().expect("fuel is counted"));
        store.data_mut().stops_left -= 1;
        act(&mut RootScope::new(&mut *store), "stop", None);
        if case.cancels() && stops.at.len() == 6 {
            stops.cancelled = true;
            call.cancel(&mut *store)?;
            return Err(CANCELLED.into());
        }
        give(&mut *store);
        state = if stops.at.len() % 5 == 4 {
            thread::scope(|scope| scope.spawn(|| call.resume(&mut *store)).join())
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        } else {
            call.resume(&mut *store)
        };
    }
}

/// Adds the fuel up to the next stop.
fn give(mut store: impl AsContextMut<Data = Host>) {
    let mut store = store.as_context_mut();
    let slice = store.data_mut().slice();
    if store.data().calls == Calls::InSlices {
        store.set_fuel(slice).expect("fuel is counted");
    } else {
        let interval = (slice < PLENTY).then_some(slice);
        store.fuel_async_yield_interval(interval).expect("it is not zero");
    }
}

/// Makes a call in a polled task.
fn polled(store: &mut Store<Host>, func: &TypedFunc<i32, i32>, argument: i32) -> tinkerbox_wasm::Result<i32> {
    store.fuel_async_yield_interval(Some(97)).expect("it is not zero");
    let mut call = pin::pin!(func.call_async(&mut *store, argument));
    let mut task = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(result) = call.as_mut().poll(&mut task) {
            return result;
        }
    }
}

/// Lets the host act; every third time it also runs the garbage collector.
fn act(mut context: &mut impl AsContextMut<Data = Host>, why: &'static str, given: Option<Value>) {
    let mut store = context.as_context_mut();
    let used = store.fuel_consumed().unwrap_or(0);
    // While the program itself is being instantiated there is nothing to act on.
    let Some(instance) = store.data().instance else { return };
    let mut acting = mem::take(&mut store.data_mut().acting);
    acting.act(&mut On { context: &mut context, instance }, why, given, used);
    let mut store = context.as_context_mut();
    store.data_mut().acting = acting;
    if store.data().acting.notes.len().is_multiple_of(3) {
        store.gc();
    }
}

fn linker(store: &mut Store<Host>, case: &Case) -> tinkerbox_wasm::Result<Linker<Host>> {
    let mut linker = Linker::new(store.engine());
    if case.how() == Calls::Polled {
        linker.func_wrap_async("host", "act", |mut caller: Caller<'_, Host>, (given,): (i32,)| {
            Box::new(async move {
                act(&mut caller, "act", Some(Value::I32(given)));
                one_turn().await;
                act(&mut caller, "act again", Some(Value::I32(given)));
                answer(caller.data().acting.notes.len(), given)
            })
        })?;
        linker.func_wrap_async("host", "nest", |mut caller: Caller<'_, Host>, (given,): (i32,)| {
            Box::new(async move {
                act(&mut caller, "nest", Some(Value::I32(given)));
                one_turn().await;
                act(&mut caller, "nested", Some(Value::I32(given)));
                given
            })
        })?;
    } else {
        linker.func_wrap("host", "act", |mut caller: Caller<'_, Host>, given: i32| {
            act(&mut caller, "act", Some(Value::I32(given)));
            act(&mut caller, "act again", Some(Value::I32(given)));
            answer(caller.data().acting.notes.len(), given)
        })?;
        linker.func_wrap("host", "nest", |mut caller: Caller<'_, Host>, given: i32| {
            act(&mut caller, "nest", Some(Value::I32(given)));
            let waits = caller.data().calls != Calls::Plain;
            if waits {
                // A call that the host itself makes cannot wait.
                caller.set_fuel(PLENTY)?;
                caller.fuel_async_yield_interval(None)?;
            }
            let result = inner(&mut caller)?.call(&mut caller, given);
            if waits {
                give(&mut caller);
            }
            let result = result?;
            act(&mut caller, "nested", Some(Value::I32(result)));
            tinkerbox_wasm::Result::<i32>::Ok(result)
        })?;
    }
    let pass = |mut caller: Caller<'_, Host>, given: Option<Rooted<ExternRef>>| {
        let value = Value::Extern(number(&caller, given));
        act(&mut caller, "pass", Some(value));
        given
    };
    linker.func_wrap("host", "pass", pass)?;
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(case.most_pages)))?;
    linker.define(&*store, "host", "memory", memory)?;
    let table = Table::new(
        &mut *store,
        TableType::new(RefType::FUNCREF, 8, Some(case.most_elements)),
        Ref::Func(None),
    )?;
    linker.define(&*store, "host", "table", table)?;
    let globals = [
        ("n", ValType::I32, Val::I32(5)),
        ("w", ValType::I64, Val::I64(0x1_0000_0007)),
        ("f", ValType::FUNCREF, Val::FuncRef(None)),
        ("e", ValType::EXTERNREF, Val::ExternRef(None)),
        ("shared", ValType::I64, Val::I64(-5)),
        ("kept", ValType::EXTERNREF, Val::ExternRef(None)),
    ];
    for (name, ty, value) in globals {
        let global = Global::new(&mut *store, GlobalType::new(ty, Mutability::Var), value)?;
        linker.define(&*store, "host", name, global)?;
    }
    let limit = Global::new(&mut *store, GlobalType::new(ValType::I32, Mutability::Const), Val::I32(3))?;
    linker.define(&*store, "host", "limit", limit)?;
    let references = TableType::new(RefType::EXTERNREF, 4, Some(16));
    let references = Table::new(&mut *store, references, Ref::Extern(None))?;
    linker.define(&*store, "host", "references", references)?;
    visits(&mut linker)?;
    Ok(linker)
}

/// The functions that wasm-smith's modules call.
fn visits(linker: &mut Linker<Host>) -> tinkerbox_wasm::Result<()> {
    for Visited { name, params, results, answer } in VISITED {
        let ty = FuncType::new(linker.engine(), params.iter().copied(), results.iter().copied());
        linker.func_new("host", name, ty, move |mut caller, given, returned| {
            let given: Vec<Value> = given.iter().map(|value| from_val(&caller, value)).collect();
            act(&mut caller, name, given.first().copied());
            for (place, value) in returned.iter_mut().zip(answer(caller.data().acting.notes.len(), &given)) {
                *place = to_val(&mut caller, &value);
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn from_val(store: impl AsContext, value: &Val) -> Value {
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

/// Functions have no name from which they could be created.
fn to_val(store: impl AsContextMut, value: &Value) -> Val {
    match *value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(bits),
        Value::F64(bits) => Val::F64(bits),
        Value::V128(bits) => Val::V128(V128::from(bits)),
        Value::Func { .. } => Val::FuncRef(None),
        Value::Extern(number) => {
            let value = |number| ExternRef::new(store, number).expect("there is room for references");
            Val::ExternRef(number.map(value))
        }
    }
}

fn inner(caller: &mut Caller<'_, Host>) -> tinkerbox_wasm::Result<TypedFunc<i32, i32>> {
    let instance = caller.data().instance.expect("it was instantiated");
    instance.get_typed_func(caller, INNER)
}

/// A future that is pending once.
fn one_turn() -> impl Future<Output = ()> {
    let mut waited = false;
    std::future::poll_fn(
        move |_| if mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending },
    )
}

/// The number that a reference holds.
fn number(store: impl AsContext, given: Option<Rooted<ExternRef>>) -> Option<u32> {
    let value = given?.data(store.as_context()).expect("it is rooted").expect("the host made it");
    Some(*value.downcast_ref().expect("all are numbers"))
}

/// An instance and its store.
struct On<'a, C> {
    context: &'a mut C,
    instance: Instance,
}

impl<C: AsContextMut<Data = Host>> On<'_, C> {
    fn memory(&mut self, name: &str) -> Memory {
        self.instance.get_memory(&mut *self.context, name).expect("it is exported")
    }

    fn table(&mut self, name: &str) -> Table {
        self.instance.get_table(&mut *self.context, name).expect("it is exported")
    }

    fn reference(&mut self, table: &Table, what: &Reference) -> Ref {
        let of_functions = table.ty(&*self.context).element().heap_type().is_func();
        match what {
            Reference::Like { table, at } => {
                self.table(table).get(&mut *self.context, *at).expect("it is within the table")
            }
            Reference::Null if of_functions => Ref::Func(None),
            Reference::Null => Ref::Extern(None),
            Reference::Extern(number) => Ref::Extern(Some(self.value(*number))),
        }
    }

    fn value(&mut self, number: u32) -> Rooted<ExternRef> {
        ExternRef::new(&mut *self.context, number).expect("there is room for references")
    }

    fn val(&mut self, given: &Given, ty: &ValType) -> Val {
        match given {
            Given::Number(number) => to_val(&mut *self.context, number),
            Given::Reference(Reference::Like { table, at }) => {
                match self.table(table).get(&mut *self.context, *at).expect("it is within the table") {
                    Ref::Func(func) => Val::FuncRef(func),
                    Ref::Extern(value) => Val::ExternRef(value),
                    _ => unreachable!("tables here have no other references"),
                }
            }
            Given::Reference(Reference::Extern(number)) => Val::ExternRef(Some(self.value(*number))),
            Given::Reference(Reference::Null) if ty.is_funcref() => Val::FuncRef(None),
            Given::Reference(Reference::Null) => Val::ExternRef(None),
        }
    }
}

impl<C: AsContextMut<Data = Host>> Stage for On<'_, C> {
    fn memory_len(&mut self, memory: &str) -> usize {
        self.memory(memory).data_size(&*self.context)
    }

    fn read(&mut self, memory: &str, len: usize) -> Vec<u8> {
        self.memory(memory).data(self.context.as_context())[..len].to_vec()
    }

    fn write(&mut self, memory: &str, at: usize, bytes: &[u8]) -> bool {
        self.memory(memory).write(&mut *self.context, at, bytes).is_ok()
    }

    fn grow_memory(&mut self, memory: &str, pages: u64) -> bool {
        let memory = self.memory(memory);
        let (place, size) = (memory.data_ptr(&*self.context), memory.size(&*self.context));
        let grown = memory.grow(&mut *self.context, pages).is_ok();
        if memory.data_ptr(&*self.context) != place {
            let mut store = Store::new(self.context.as_context().engine(), ());
            let ty = MemoryType::new(size as u32, Some(size as u32));
            let other = Memory::new(&mut store, ty).expect("there is memory");
            other.data_mut(&mut store).fill(PATTERN);
            self.context.as_context_mut().data_mut().stores.push((store, other));
        }
        grown
    }

    fn table_len(&mut self, table: &str) -> u64 {
        self.table(table).size(&*self.context)
    }

    fn element(&mut self, table: &str, at: u64) -> Value {
        match self.table(table).get(&mut *self.context, at).expect("it is within the table") {
            Ref::Func(func) => Value::Func { null: func.is_none() },
            Ref::Extern(value) => Value::Extern(number(&*self.context, value)),
            _ => unreachable!("tables here have no other references"),
        }
    }

    fn set_element(&mut self, table: &str, at: u64, what: &Reference) -> bool {
        let table = self.table(table);
        let what = self.reference(&table, what);
        table.set(&mut *self.context, at, what).is_ok()
    }

    fn fill_elements(&mut self, table: &str, at: u64, len: u64, what: &Reference) -> bool {
        let table = self.table(table);
        let what = self.reference(&table, what);
        table.fill(&mut *self.context, at, what, len).is_ok()
    }

    fn copy_elements(&mut self, table: &str, to: u64, from: u64, len: u64) -> bool {
        let table = self.table(table);
        Table::copy(&mut *self.context, &table, to, &table, from, len).is_ok()
    }

    fn grow_table(&mut self, table: &str, by: u64, what: &Reference) -> bool {
        let table = self.table(table);
        let (what, len) = (self.reference(&table, what), table.size(&*self.context));
        let grown = table.grow(&mut *self.context, by, what).is_ok();
        let words = vec![u64::from_ne_bytes([PATTERN; 8]); len as usize];
        self.context.as_context_mut().data_mut().words.push(words);
        grown
    }

    fn global(&mut self, global: &str) -> Value {
        let global = self.instance.get_global(&mut *self.context, global).expect("it is exported");
        let value = global.get(&mut *self.context);
        from_val(&*self.context, &value)
    }

    fn set_global(&mut self, global: &str, value: &Given) -> bool {
        let global = self.instance.get_global(&mut *self.context, global).expect("it is exported");
        let ty = *global.ty(&*self.context).content();
        let value = self.val(value, &ty);
        global.set(&mut *self.context, value).is_ok()
    }

    fn instantiate(&mut self, wasm: &[u8]) -> Result<(), Stop> {
        let module = Module::new(self.context.as_context().engine(), wasm).map_err(stop)?;
        let imports = module.imports().map(|import| {
            let name = import.name();
            self.instance.get_export(&mut *self.context, name).expect("it is exported")
        });
        let imports: Vec<_> = imports.collect();
        Instance::new(&mut *self.context, &module, &imports).map(drop).map_err(stop)
    }
}
