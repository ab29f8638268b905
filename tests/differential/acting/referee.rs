//! Programs on tinywasm, with a counter, used if the other two engines differ.
//!
//! Its host functions have no access to the host's data, so that is kept in a cell.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem;
use std::rc::Rc;
use std::sync::Arc;

use tinywasm::types::{
    ExternRef, FuncRef, FuncType, GlobalType, MemoryArch, MemoryType, TableType, WasmType, WasmValue,
};
use tinywasm::{
    Extern, ExternItem, FuncContext, Function, Global, HostFunction, Imports, Memory, ModuleInstance, Store,
    Table,
};

use super::acts::{Acting, Given, Reference, Shape, Stage, state};
use super::programs::INNER;
use super::visits::{VISITED, Visited};
use super::{CANCELLED, Case, Outcome, Stops, answer, counting};
use crate::engines::machine::{Stop, Value};
use crate::engines::referee::{from_value, stop, store, to_value};
use crate::generate::STEPS;
use crate::rewrite::STEPS_EXPORT;

type Shared = Rc<RefCell<Host>>;

#[derive(Default)]
struct Host {
    acting: Acting,
    instance: Option<ModuleInstance>,
    counting: Option<Counting>,
    /// The remaining stops of the running call.
    stops: VecDeque<u64>,
    /// Whether it is cancelled at the last stop.
    cancelled: bool,
}

/// The items that modules with a counter share.
#[derive(Clone)]
struct Counting {
    counter: Global,
    limit: Global,
    length: Global,
    stop: Function,
}

impl Counting {
    fn define(&self, imports: &mut Imports) {
        imports.define(counting::MODULE, counting::COUNTER, self.counter);
        imports.define(counting::MODULE, counting::LIMIT, self.limit);
        imports.define(counting::MODULE, counting::LENGTH, self.length);
        imports.define(counting::MODULE, counting::STOP, self.stop.clone());
    }
}

/// Runs a program, which stops where ours did; an error says where it could not.
pub fn run(case: &Case, shape: &Arc<Shape>, stops: &[Stops]) -> Result<Outcome, String> {
    let module = tinywasm::parse_bytes(&counting::counting(&case.wasm)).map_err(|error| error.to_string())?;
    let (mut store, host) = (store(), Shared::default());
    host.borrow_mut().acting = Acting::new(case.seed, shape.clone());
    let imports = imports(&mut store, &host, case).map_err(|error| error.to_string())?;
    let instance =
        ModuleInstance::instantiate(&mut store, &module, Some(imports)).map_err(|error| error.to_string())?;
    host.borrow_mut().instance = Some(instance.clone());
    let mut outcome = Outcome::default();
    for ((name, argument), stops) in case.calls.iter().zip(stops) {
        let func = instance.func_untyped(&store, name).expect("it is exported");
        host.borrow_mut().stops = stops.at.iter().copied().collect();
        host.borrow_mut().cancelled = stops.cancelled;
        set_limit(&mut store, &host);
        if let Ok(steps) = instance.global(STEPS_EXPORT) {
            steps.set(&mut store, WasmValue::I32(STEPS)).expect("it is a variable");
        }
        let result = func.call(&mut store, &[WasmValue::I32(*argument)]);
        // If nothing more is charged, ours may stop once more.
        act_at_stops(&mut store, &host);
        let used = used(&store, &host);
        if let Some(stop) = host.borrow().stops.front() {
            return Err(format!("`{name}` {argument}: ours stops at {stop}, the referee is at {used}"));
        }
        let result = result.map(|results| number_of(results[0])).map_err(stop);
        outcome.results.push(if stops.cancelled { Err(Stop::Refused(CANCELLED)) } else { result });
        outcome.used.push(used);
    }
    outcome.notes = mem::take(&mut host.borrow_mut().acting.notes);
    outcome.state = state(shape, &mut On { store: &mut store, instance, host: &host });
    Ok(outcome)
}

fn number_of(value: WasmValue) -> i32 {
    value.as_i32().expect("functions here return a number")
}

fn used(store: &Store, host: &Shared) -> u64 {
    let host = host.borrow();
    let counter = host.counting.as_ref().expect("it was made").counter.get(store);
    counter.expect("it is this store's").as_i64().expect("it is a number") as u64
}

/// The host acts once for each stop at this place, and returns the place of the next one.
fn act_at_stops(store: &mut Store, host: &Shared) {
    let used = used(store, host);
    while host.borrow().stops.front() == Some(&used) {
        host.borrow_mut().stops.pop_front();
        act(store, host, "stop", None);
    }
    set_limit(store, host);
}

fn set_limit(store: &mut Store, host: &Shared) {
    let host = host.borrow();
    let limit = host.stops.front().map_or(i64::MAX, |stop| *stop as i64);
    let global = &host.counting.as_ref().expect("it was made").limit;
    global.set(store, WasmValue::I64(limit)).expect("it is a variable");
}

fn act(store: &mut Store, host: &Shared, why: &'static str, given: Option<Value>) {
    let used = used(store, host);
    let Some(instance) = host.borrow().instance.clone() else { return };
    let mut acting = mem::take(&mut host.borrow_mut().acting);
    acting.act(&mut On { store, instance, host }, why, given, used);
    host.borrow_mut().acting = acting;
}

fn imports(store: &mut Store, host: &Shared, case: &Case) -> tinywasm::Result<Imports> {
    let mut imports = Imports::new();
    let unary = FuncType::new(&[WasmType::I32], &[WasmType::I32]);
    let shared = host.clone();
    let call = move |mut context: FuncContext<'_>, given: &[WasmValue]| {
        let given = from_value(given[0]);
        act(context.store_mut(), &shared, "act", Some(given));
        act(context.store_mut(), &shared, "act again", Some(given));
        let notes = shared.borrow().acting.notes.len();
        Ok(vec![WasmValue::I32(answer(notes, number_of(to_value(given))))])
    };
    imports.define("host", "act", HostFunction::from_untyped(store, &unary, call));
    let shared = host.clone();
    let nests = case.nests();
    let nest = move |mut context: FuncContext<'_>, given: &[WasmValue]| {
        act(context.store_mut(), &shared, "nest", Some(from_value(given[0])));
        if !nests {
            act(context.store_mut(), &shared, "nested", Some(from_value(given[0])));
            return Ok(given.to_vec());
        }
        let instance = shared.borrow().instance.clone().expect("it was instantiated");
        let inner = instance.func_untyped(context.store(), INNER)?;
        let stops = mem::take(&mut shared.borrow_mut().stops);
        set_limit(context.store_mut(), &shared);
        let result = context.call_untyped(&inner, given);
        shared.borrow_mut().stops = stops;
        set_limit(context.store_mut(), &shared);
        let result = result?;
        act(context.store_mut(), &shared, "nested", Some(from_value(result[0])));
        Ok(result)
    };
    imports.define("host", "nest", HostFunction::from_untyped(store, &unary, nest));
    let shared = host.clone();
    let pass = move |mut context: FuncContext<'_>, given: &[WasmValue]| {
        act(context.store_mut(), &shared, "pass", Some(from_value(given[0])));
        Ok(given.to_vec())
    };
    let ty = FuncType::new(&[WasmType::RefExtern], &[WasmType::RefExtern]);
    imports.define("host", "pass", HostFunction::from_untyped(store, &ty, pass));
    let memory = Memory::new(store, MemoryType::new(MemoryArch::I32, 1, Some(case.most_pages.into()), None))?;
    let no_function = WasmValue::RefFunc(FuncRef::null());
    let table = Table::new(
        store,
        TableType::new(WasmType::RefFunc, 8, Some(case.most_elements.into())),
        no_function,
    )?;
    imports.define("host", "memory", memory).define("host", "table", table);
    let no_value = WasmValue::RefExtern(ExternRef::null());
    let references = Table::new(store, TableType::new(WasmType::RefExtern, 4, Some(16)), no_value)?;
    let limit = Global::new(store, GlobalType::new(WasmType::I32, false), WasmValue::I32(3))?;
    imports.define("host", "references", references).define("host", "limit", limit);
    visits(store, host, &mut imports);
    let mut global =
        |value: WasmValue| Global::new(store, GlobalType::new(WasmType::from(value), true), value);
    let globals = [
        ("n", WasmValue::I32(5)),
        ("w", WasmValue::I64(0x1_0000_0007)),
        ("f", no_function),
        ("e", no_value),
        ("shared", WasmValue::I64(-5)),
        ("kept", no_value),
    ];
    for (name, value) in globals {
        imports.define("host", name, global(value)?);
    }
    let (counter, limit) = (global(WasmValue::I64(0))?, global(WasmValue::I64(i64::MAX))?);
    let length = global(WasmValue::I32(0))?;
    let shared = host.clone();
    let stop = HostFunction::from_untyped(
        store,
        &FuncType::new(&[], &[]),
        move |mut context: FuncContext<'_>, _: &[WasmValue]| {
            act_at_stops(context.store_mut(), &shared);
            let host = shared.borrow();
            if host.cancelled && host.stops.is_empty() {
                return Err(tinywasm::Trap::HostFunction(Box::new(CANCELLED)).into());
            }
            Ok(Vec::new())
        },
    );
    let counting = Counting { counter, limit, length, stop };
    counting.define(&mut imports);
    host.borrow_mut().counting = Some(counting);
    Ok(imports)
}

/// The functions that wasm-smith's modules call.
fn visits(store: &mut Store, host: &Shared, imports: &mut Imports) {
    let type_of = |ty: &tinkerbox_wasm::ValType| match ty {
        tinkerbox_wasm::ValType::I32 => WasmType::I32,
        tinkerbox_wasm::ValType::I64 => WasmType::I64,
        tinkerbox_wasm::ValType::F32 => WasmType::F32,
        tinkerbox_wasm::ValType::F64 => WasmType::F64,
        _ => WasmType::RefExtern,
    };
    for Visited { name, params, results, answer } in VISITED {
        let [params, results]: [Vec<_>; 2] = [params, results].map(|ty| ty.iter().map(type_of).collect());
        let shared = host.clone();
        let visit = move |mut context: FuncContext<'_>, given: &[WasmValue]| {
            let given: Vec<Value> = given.iter().map(|value| from_value(*value)).collect();
            act(context.store_mut(), &shared, name, given.first().copied());
            let turns = shared.borrow().acting.notes.len();
            Ok(answer(turns, &given).into_iter().map(to_value).collect())
        };
        let function = HostFunction::from_untyped(store, &FuncType::new(&params, &results), visit);
        imports.define("host", name, function);
    }
}

/// An instance and its store.
struct On<'a> {
    store: &'a mut Store,
    instance: ModuleInstance,
    host: &'a Shared,
}

const OWN: &str = "it is this store's";

impl On<'_> {
    fn memory(&self, name: &str) -> Memory {
        self.instance.memory(name).expect("it is exported")
    }

    fn table(&self, name: &str) -> Table {
        self.instance.table(name).expect("it is exported")
    }

    fn reference(&self, ty: WasmType, what: &Reference) -> WasmValue {
        match what {
            Reference::Null => WasmValue::default_for(ty),
            Reference::Like { table, at } => {
                self.table(table).get(self.store, *at as u32).expect("it is within the table")
            }
            Reference::Extern(number) => WasmValue::RefExtern(ExternRef::new(Some(*number))),
        }
    }
}

impl Stage for On<'_> {
    fn memory_len(&mut self, memory: &str) -> usize {
        self.memory(memory).len(self.store).expect(OWN)
    }

    fn read(&mut self, memory: &str, len: usize) -> Vec<u8> {
        self.memory(memory).read_vec(self.store, 0, len).expect("it is so long")
    }

    fn write(&mut self, memory: &str, at: usize, bytes: &[u8]) -> bool {
        self.memory(memory).copy_from_slice(self.store, at, bytes).is_ok()
    }

    fn grow_memory(&mut self, memory: &str, pages: u64) -> bool {
        self.memory(memory).grow(self.store, pages as i64).expect(OWN).is_some()
    }

    fn table_len(&mut self, table: &str) -> u64 {
        self.table(table).size(self.store).expect(OWN) as u64
    }

    fn element(&mut self, table: &str, at: u64) -> Value {
        from_value(self.table(table).get(self.store, at as u32).expect("it is within the table"))
    }

    fn set_element(&mut self, table: &str, at: u64, what: &Reference) -> bool {
        let table = self.table(table);
        let ty = table.ty(self.store).expect(OWN).element_type;
        let what = self.reference(ty, what);
        table.set(self.store, at as u32, what).is_ok()
    }

    fn fill_elements(&mut self, table: &str, at: u64, len: u64, what: &Reference) -> bool {
        if at + len > self.table_len(table) {
            return false;
        }
        // `what` may name one of the elements that are filled, so it is resolved first.
        let ty = self.table(table).ty(self.store).expect(OWN).element_type;
        let what = self.reference(ty, what);
        (at..at + len).all(|at| self.table(table).set(self.store, at as u32, what).is_ok())
    }

    fn copy_elements(&mut self, table: &str, to: u64, from: u64, len: u64) -> bool {
        self.table(table).copy_within(self.store, from as usize, to as usize, len as usize).is_ok()
    }

    fn grow_table(&mut self, table: &str, by: u64, what: &Reference) -> bool {
        let table = self.table(table);
        let ty = table.ty(self.store).expect(OWN).element_type;
        let what = self.reference(ty, what);
        table.grow(self.store, by as i32, what).is_ok()
    }

    fn global(&mut self, global: &str) -> Value {
        from_value(self.instance.global_get(self.store, global).expect("it is exported"))
    }

    fn set_global(&mut self, global: &str, value: &Given) -> bool {
        let value = match value {
            Given::Number(value) => to_value(*value),
            Given::Reference(what) => {
                let found = self.instance.global_get(self.store, global).expect("it is exported");
                self.reference(WasmType::from(found), what)
            }
        };
        self.instance.global_set(self.store, global, value).is_ok()
    }

    fn instantiate(&mut self, wasm: &[u8]) -> Result<(), Stop> {
        let module = tinywasm::parse_bytes(&counting::counting(wasm))
            .map_err(|error| Stop::Other(error.to_string()))?;
        let mut imports = Imports::new();
        for (name, item) in self.instance.exports() {
            let item: Extern = match item {
                ExternItem::Global(global) => global.into(),
                ExternItem::Memory(memory) => memory.into(),
                ExternItem::Table(table) => table.into(),
                ExternItem::Func(_) => continue,
            };
            imports.define(super::acts::SHARED, name, item);
        }
        self.host.borrow().counting.as_ref().expect("it was made").define(&mut imports);
        ModuleInstance::instantiate(self.store, &module, Some(imports)).map(drop).map_err(stop)
    }
}
