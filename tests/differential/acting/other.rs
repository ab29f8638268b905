//! Programs on wasmi, with a counter: the host acts at the places where it acted on our runtime.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use wasmi::{
    AsContext, AsContextMut, Caller, Engine, Extern, ExternRef, Func, FuncType, Global, Instance, Linker,
    Memory, MemoryType, Module, Mutability, Nullable, Ref, RefType, Store, Table, TableType, Val, ValType,
};

use super::acts::{Acting, Given, Reference, Shape, Stage, state};
use super::programs::INNER;
use super::visits::{VISITED, Visited};
use super::{CANCELLED, Case, Outcome, Stops, answer, counting};
use crate::engines::machine::{Stop, Value};
use crate::engines::other::stop;
use crate::generate::STEPS;
use crate::rewrite::STEPS_EXPORT;

#[derive(Default)]
struct Host {
    acting: Acting,
    instance: Option<Instance>,
    counting: Option<Counting>,
    /// The remaining stops of the running call.
    stops: VecDeque<u64>,
    /// Whether it is cancelled at the last stop.
    cancelled: bool,
}

/// The items that modules with a counter share.
#[derive(Clone, Copy)]
struct Counting {
    counter: Global,
    limit: Global,
    length: Global,
    stop: Func,
}

impl Counting {
    fn new(store: &mut Store<Host>) -> Counting {
        let global = |store: &mut Store<Host>, value| Global::new(store, value, Mutability::Var);
        Counting {
            counter: global(store, Val::I64(0)),
            limit: global(store, Val::I64(i64::MAX)),
            length: global(store, Val::I32(0)),
            stop: Func::wrap(store, |mut caller: Caller<'_, Host>| stop_here(&mut caller)),
        }
    }

    fn named(&self, name: &str) -> Extern {
        match name {
            counting::COUNTER => self.counter.into(),
            counting::LIMIT => self.limit.into(),
            counting::LENGTH => self.length.into(),
            _ => self.stop.into(),
        }
    }
}

/// Runs a program, which stops where ours did; an error says where it could not.
pub fn run(engine: &Engine, case: &Case, shape: &Arc<Shape>, stops: &[Stops]) -> Result<Outcome, String> {
    let module = Module::new(engine, counting::counting(&case.wasm)).map_err(|error| error.to_string())?;
    let mut store = Store::new(engine, Host::default());
    let counting = Counting::new(&mut store);
    store.data_mut().acting = Acting::new(case.seed, shape.clone());
    store.data_mut().counting = Some(counting);
    let mut linker = linker(&mut store, case).expect("the names differ");
    for name in [counting::COUNTER, counting::LIMIT, counting::LENGTH, counting::STOP] {
        linker.define(counting::MODULE, name, counting.named(name)).expect("the names differ");
    }
    let instance = linker.instantiate_and_start(&mut store, &module).map_err(|error| error.to_string())?;
    store.data_mut().instance = Some(instance);
    let mut outcome = Outcome::default();
    for ((name, argument), stops) in case.calls.iter().zip(stops) {
        let func = instance.get_typed_func::<i32, i32>(&store, name).expect("it is exported");
        store.data_mut().stops = stops.at.iter().copied().collect();
        store.data_mut().cancelled = stops.cancelled;
        set_limit(&mut store);
        if let Some(steps) = instance.get_global(&store, STEPS_EXPORT) {
            steps.set(&mut store, Val::I32(STEPS)).expect("it is a variable");
        }
        let result = func.call(&mut store, *argument);
        // If nothing more is charged, ours may stop once more.
        act_at_stops(&mut store);
        if let Some(stop) = store.data().stops.front() {
            let used = used(&store);
            return Err(format!("`{name}` {argument}: ours stops at {stop}, the reference is at {used}"));
        }
        let cancelled = Err(Stop::Refused(CANCELLED));
        outcome.results.push(if stops.cancelled { cancelled } else { result.map_err(stop) });
        outcome.used.push(used(&store));
    }
    outcome.notes = mem::take(&mut store.data_mut().acting.notes);
    outcome.state = state(shape, &mut On { context: &mut store, instance });
    Ok(outcome)
}

fn used(context: impl AsContext<Data = Host>) -> u64 {
    let context = context.as_context();
    let counting = context.data().counting.expect("it was made");
    counting.counter.get(context).i64().expect("it is a number") as u64
}

fn stop_here(caller: &mut Caller<'_, Host>) -> Result<(), wasmi::Error> {
    act_at_stops(caller);
    let over = caller.data().cancelled && caller.data().stops.is_empty();
    if over { Err(wasmi::Error::host(CANCELLED)) } else { Ok(()) }
}

/// The host acts once for each stop at this place, and returns the place of the next one.
fn act_at_stops(context: &mut impl AsContextMut<Data = Host>) {
    let used = used(&*context);
    while context.as_context().data().stops.front() == Some(&used) {
        context.as_context_mut().data_mut().stops.pop_front();
        act(context, "stop", None);
    }
    set_limit(context);
}

fn set_limit(context: &mut impl AsContextMut<Data = Host>) {
    let data = context.as_context();
    let counting = data.data().counting.expect("it was made");
    let limit = data.data().stops.front().map_or(i64::MAX, |stop| *stop as i64);
    counting.limit.set(context, Val::I64(limit)).expect("it is a variable");
}

fn act(context: &mut impl AsContextMut<Data = Host>, why: &'static str, given: Option<Value>) {
    let used = used(&*context);
    let Some(instance) = context.as_context().data().instance else { return };
    let mut acting = mem::take(&mut context.as_context_mut().data_mut().acting);
    acting.act(&mut On { context: &mut *context, instance }, why, given, used);
    context.as_context_mut().data_mut().acting = acting;
}

fn linker(store: &mut Store<Host>, case: &Case) -> Result<Linker<Host>, wasmi::Error> {
    let mut linker = Linker::new(store.engine());
    linker.func_wrap("host", "act", |mut caller: Caller<'_, Host>, given: i32| -> i32 {
        act(&mut caller, "act", Some(Value::I32(given)));
        act(&mut caller, "act again", Some(Value::I32(given)));
        answer(caller.data().acting.notes.len(), given)
    })?;
    let nests = case.nests();
    linker.func_wrap(
        "host",
        "nest",
        move |mut caller: Caller<'_, Host>, given: i32| -> Result<i32, wasmi::Error> {
            act(&mut caller, "nest", Some(Value::I32(given)));
            if !nests {
                act(&mut caller, "nested", Some(Value::I32(given)));
                return Ok(given);
            }
            let instance = caller.data().instance.expect("it was instantiated");
            let inner = instance.get_typed_func::<i32, i32>(&caller, INNER)?;
            let stops = mem::take(&mut caller.data_mut().stops);
            set_limit(&mut caller);
            let result = inner.call(&mut caller, given);
            caller.data_mut().stops = stops;
            set_limit(&mut caller);
            let result = result?;
            act(&mut caller, "nested", Some(Value::I32(result)));
            Ok(result)
        },
    )?;
    let pass = |mut caller: Caller<'_, Host>, given: Nullable<ExternRef>| {
        let value = Value::Extern(number(&caller, &given));
        act(&mut caller, "pass", Some(value));
        given
    };
    linker.func_wrap("host", "pass", pass)?;
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(case.most_pages)))?;
    linker.define("host", "memory", memory)?;
    let table = TableType::new(RefType::Func, 8, Some(case.most_elements));
    let table = Table::new(&mut *store, table, Ref::null(RefType::Func))?;
    linker.define("host", "table", table)?;
    let globals = [
        ("n", Val::I32(5)),
        ("w", Val::I64(0x1_0000_0007)),
        ("f", Val::FuncRef(Nullable::Null)),
        ("e", Val::ExternRef(Nullable::Null)),
        ("shared", Val::I64(-5)),
        ("kept", Val::ExternRef(Nullable::Null)),
    ];
    for (name, value) in globals {
        linker.define("host", name, Global::new(&mut *store, value, Mutability::Var))?;
    }
    linker.define("host", "limit", Global::new(&mut *store, Val::I32(3), Mutability::Const))?;
    let references = TableType::new(RefType::Extern, 4, Some(16));
    let references = Table::new(&mut *store, references, Ref::null(RefType::Extern))?;
    linker.define("host", "references", references)?;
    visits(&mut linker)?;
    Ok(linker)
}

/// The functions that wasm-smith's modules call.
fn visits(linker: &mut Linker<Host>) -> Result<(), wasmi::Error> {
    let type_of = |ty: &tinkerbox_wasm::ValType| match ty {
        tinkerbox_wasm::ValType::I32 => ValType::I32,
        tinkerbox_wasm::ValType::I64 => ValType::I64,
        tinkerbox_wasm::ValType::F32 => ValType::F32,
        tinkerbox_wasm::ValType::F64 => ValType::F64,
        _ => ValType::ExternRef,
    };
    for Visited { name, params, results, answer } in VISITED {
        let ty = FuncType::new(params.iter().map(type_of), results.iter().map(type_of));
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
    match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(bits) => Value::F32(bits.to_bits()),
        Val::F64(bits) => Value::F64(bits.to_bits()),
        Val::V128(vector) => Value::V128(vector.as_u128()),
        Val::FuncRef(func) => Value::Func { null: func.is_null() },
        Val::ExternRef(given) => Value::Extern(number(store, given)),
    }
}

/// Functions have no name from which they could be created.
fn to_val(store: impl AsContextMut, value: &Value) -> Val {
    match *value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(wasmi::F32::from_bits(bits)),
        Value::F64(bits) => Val::F64(wasmi::F64::from_bits(bits)),
        Value::V128(bits) => Val::V128(wasmi::V128::from(bits)),
        Value::Func { .. } => Val::FuncRef(Nullable::Null),
        Value::Extern(None) => Val::ExternRef(Nullable::Null),
        Value::Extern(Some(number)) => Val::ExternRef(Nullable::Val(ExternRef::new(store, number))),
    }
}

/// The number that a reference holds.
fn number(store: impl AsContext, given: &Nullable<ExternRef>) -> Option<u32> {
    let value = Option::<&ExternRef>::from(given.as_ref())?.data(store.as_context());
    Some(*value.downcast_ref().expect("all are numbers"))
}

/// An instance and its store.
struct On<'a, C> {
    context: &'a mut C,
    instance: Instance,
}

impl<C: AsContextMut<Data = Host>> On<'_, C> {
    fn memory(&self, name: &str) -> Memory {
        self.instance.get_memory(&*self.context, name).expect("it is exported")
    }

    fn table(&self, name: &str) -> Table {
        self.instance.get_table(&*self.context, name).expect("it is exported")
    }

    fn reference(&mut self, ty: RefType, what: &Reference) -> Ref {
        match what {
            Reference::Like { table, at } => {
                self.table(table).get(&*self.context, *at).expect("it is within the table")
            }
            Reference::Null => Ref::null(ty),
            Reference::Extern(number) => {
                Ref::Extern(Nullable::Val(ExternRef::new(&mut *self.context, *number)))
            }
        }
    }

    fn element_type(&self, table: &Table) -> RefType {
        table.ty(&*self.context).element()
    }

    fn value(&self, what: &Ref) -> Value {
        match what {
            Ref::Func(func) => Value::Func { null: func.is_null() },
            Ref::Extern(given) => Value::Extern(number(&*self.context, given)),
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
        self.memory(memory).grow(&mut *self.context, pages).is_ok()
    }

    fn table_len(&mut self, table: &str) -> u64 {
        self.table(table).size(&*self.context)
    }

    fn element(&mut self, table: &str, at: u64) -> Value {
        let element = self.table(table).get(&*self.context, at).expect("it is within the table");
        self.value(&element)
    }

    fn set_element(&mut self, table: &str, at: u64, what: &Reference) -> bool {
        let table = self.table(table);
        let what = self.reference(self.element_type(&table), what);
        table.set(&mut *self.context, at, what).is_ok()
    }

    fn fill_elements(&mut self, table: &str, at: u64, len: u64, what: &Reference) -> bool {
        let table = self.table(table);
        let what = self.reference(self.element_type(&table), what);
        table.fill(&mut *self.context, at, what, len).is_ok()
    }

    fn copy_elements(&mut self, table: &str, to: u64, from: u64, len: u64) -> bool {
        let table = self.table(table);
        Table::copy(&mut *self.context, &table, to, &table, from, len).is_ok()
    }

    fn grow_table(&mut self, table: &str, by: u64, what: &Reference) -> bool {
        let table = self.table(table);
        let what = self.reference(self.element_type(&table), what);
        table.grow(&mut *self.context, by, what).is_ok()
    }

    fn global(&mut self, global: &str) -> Value {
        let global = self.instance.get_global(&*self.context, global).expect("it is exported");
        from_val(&*self.context, &global.get(&*self.context))
    }

    fn set_global(&mut self, global: &str, value: &Given) -> bool {
        let global = self.instance.get_global(&*self.context, global).expect("it is exported");
        let value = match value {
            Given::Number(number) => to_val(&mut *self.context, number),
            Given::Reference(what) => {
                let is_func = matches!(global.get(&*self.context), Val::FuncRef(_));
                match self.reference(if is_func { RefType::Func } else { RefType::Extern }, what) {
                    Ref::Func(func) => Val::FuncRef(func),
                    Ref::Extern(given) => Val::ExternRef(given),
                }
            }
        };
        global.set(&mut *self.context, value).is_ok()
    }

    fn instantiate(&mut self, wasm: &[u8]) -> Result<(), Stop> {
        let engine = self.context.as_context().engine().clone();
        let module = Module::new(&engine, counting::counting(wasm)).map_err(stop)?;
        let counting = self.context.as_context().data().counting.expect("it was made");
        let imports = module.imports().map(|import| match import.module() {
            counting::MODULE => counting.named(import.name()),
            _ => self.instance.get_export(&*self.context, import.name()).expect("it is exported"),
        });
        let imports: Vec<Extern> = imports.collect();
        Instance::new(&mut *self.context, &module, &imports).map(drop).map_err(stop)
    }
}
