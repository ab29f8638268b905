//! Modules on tinywasm: a third opinion, used if the other two differ.
//!
//! It is an interpreter of a stack machine, in safe Rust, and shares no translation with wasmi, whose faults are
//! mostly in its own. It has faults of its own, too (locals of reference types are not initialized to null,
//! `table.fill` confuses functions), so it is used only if the others differ. As on wasmi, a counter in a module's
//! code gives the expected fuel.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tinkerbox_wasm::Trap;
use tinywasm::engine::{Config, StackConfig};
use tinywasm::types::{
    ExternRef, FuncRef, FuncType, GlobalType, MemoryArch, MemoryType, TableType, WasmType, WasmValue,
};
use tinywasm::{
    Engine, Error, ExternItem, FuncContext, Global, HostFunction, Imports, Memory, ModuleInstance, Store,
    Table,
};

use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

use crate::engines::machine::{Counted, Machine, Refusal, State, Stop, Value, Visit, answers};
use crate::rewrite::{COUNTER_EXPORT, LIMIT_EXPORT, STEPS_EXPORT, STOPPED};

pub struct Referee {
    store: Store,
    instance: ModuleInstance,
    host: Rc<Host>,
}

#[derive(Default)]
struct Host {
    visits: RefCell<Vec<Visit>>,
    instance: RefCell<Option<ModuleInstance>>,
    /// Exports that are functions of the host.
    passed_on: Vec<String>,
    /// Whether one of these was called directly, without a module as its caller.
    direct: Cell<bool>,
}

/// A store whose own stack is large enough for the module's limit of recursion.
pub fn store() -> Store {
    let stack = StackConfig::dynamic(1 << 10, 16 << 20);
    let config = Config::new().with_value_stack(stack).with_call_stack(StackConfig::dynamic(64, 200_000));
    Store::new(Engine::new(config))
}

impl Counted for Referee {
    fn start(counted: &[u8]) -> Result<Referee, Stop> {
        let module = tinywasm::parse_bytes(counted).map_err(|error| Stop::Other(error.to_string()))?;
        let (mut store, host) = (store(), Host { passed_on: passed_on(counted), ..Host::default() });
        let host = Rc::new(host);
        let imports = imports(&mut store, &host).map_err(stop)?;
        let instance =
            ModuleInstance::instantiate_no_start(&mut store, &module, Some(imports)).map_err(stop)?;
        host.instance.replace(Some(instance.clone()));
        instance.start(&mut store).map_err(stop)?;
        Ok(Referee { store, instance, host })
    }

    fn limit(&mut self, limit: u64) {
        let limit = WasmValue::I64(i64::try_from(limit).expect("it can be counted"));
        self.instance.global_set(&mut self.store, LIMIT_EXPORT, limit).expect("the module has a limit");
    }
}

impl Referee {
    fn met_its_limit(&self) -> bool {
        matches!(self.instance.global_get(&self.store, LIMIT_EXPORT), Ok(WasmValue::I64(STOPPED)))
    }
}

impl Host {
    /// Records a call of one of the host's functions.
    fn visit(&self, store: &Store, name: &'static str, arguments: Vec<Value>) -> Refusal {
        let instance = self.instance.borrow();
        let instance = instance.as_ref().filter(|_| !self.direct.get());
        let used = instance.and_then(|instance| {
            let counter = instance.global_get(store, COUNTER_EXPORT).ok();
            counter.filter(|_| instance.export_addr(STEPS_EXPORT).is_some())?.as_i64()
        });
        let mut visits = self.visits.borrow_mut();
        visits.push(Visit { name, arguments, used: used.map(|used| used as u64) });
        Refusal(visits.len())
    }

    fn visits(&self) -> usize {
        self.visits.borrow().len()
    }
}

/// The functions that a module imports and exports.
fn passed_on(wasm: &[u8]) -> Vec<String> {
    let (mut imported, mut names) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("the module is valid") {
            Payload::ImportSection(section) => {
                let imports = section.into_imports().map(|import| import.expect("the module is valid").ty);
                imported = imports.filter(|ty| matches!(ty, TypeRef::Func(_))).count();
            }
            Payload::ExportSection(section) => {
                let exports = section.into_iter().map(|export| export.expect("the module is valid"));
                let functions = exports
                    .filter(|export| export.kind == ExternalKind::Func && (export.index as usize) < imported);
                names.extend(functions.map(|export| export.name.to_string()));
            }
            _ => {}
        }
    }
    names
}

/// The possible imports of generated modules: see `generate`.
fn imports(store: &mut Store, host: &Rc<Host>) -> tinywasm::Result<Imports> {
    use WasmType::{F32, F64, I32, I64, RefExtern};
    type Body = fn(&Host, &[WasmValue]) -> Vec<WasmValue>;
    let functions: [(&'static str, &[WasmType], &[WasmType], Body); 6] = [
        ("tell", &[I32], &[], |_, _| Vec::new()),
        ("ask", &[], &[I32], |host, _| vec![WasmValue::I32(answers::ask(host.visits()))]),
        ("mix", &[I64, F64], &[F32, I64], |_, given| {
            let (WasmValue::I64(a), WasmValue::F64(b)) = (given[0], given[1]) else {
                unreachable!("calls have the arguments that they must have")
            };
            let (narrow, wide) = answers::mix(a, b);
            vec![WasmValue::F32(narrow), WasmValue::I64(wide)]
        }),
        ("make", &[], &[RefExtern], |host, _| {
            vec![WasmValue::RefExtern(ExternRef::new(Some(answers::make(host.visits()))))]
        }),
        ("take", &[RefExtern], &[I32], |_, given| {
            let Value::Extern(number) = from_value(given[0]) else { unreachable!("it is one of the host's") };
            vec![WasmValue::I32(answers::take(number))]
        }),
        ("swap", &[RefExtern, I32, RefExtern], &[RefExtern, RefExtern], |_, given| vec![given[2], given[0]]),
    ];
    let mut imports = Imports::new();
    for (name, params, results, body) in functions {
        let host = host.clone();
        let call = move |context: FuncContext<'_>, given: &[WasmValue]| {
            host.visit(context.store(), name, given.iter().map(|value| from_value(*value)).collect());
            Ok(body(&host, given))
        };
        let function = HostFunction::from_untyped(store, &FuncType::new(params, results), call);
        imports.define("host", name, function);
    }
    let first = WasmValue::RefExtern(ExternRef::new(Some(1)));
    let memory = Memory::new(store, MemoryType::new(MemoryArch::I32, 1, Some(4), None))?;
    let no_function = WasmValue::RefFunc(FuncRef::null());
    let table = Table::new(store, TableType::new(WasmType::RefFunc, 8, Some(16)), no_function)?;
    let references = Table::new(store, TableType::new(RefExtern, 4, Some(16)), first)?;
    let limit = Global::new(store, GlobalType::new(I32, false), WasmValue::I32(3))?;
    let shared = Global::new(store, GlobalType::new(I64, true), WasmValue::I64(-5))?;
    let kept = Global::new(store, GlobalType::new(RefExtern, true), first)?;
    imports.define("host", "memory", memory).define("host", "table", table);
    imports.define("host", "references", references).define("host", "limit", limit);
    imports.define("host", "shared", shared).define("host", "kept", kept);
    Ok(imports)
}

impl Machine for Referee {
    fn call(&mut self, name: &str, arguments: &[Value]) -> Result<Vec<Value>, Stop> {
        let func = self.instance.func_untyped(&self.store, name).expect("the export is there");
        let arguments: Vec<WasmValue> = arguments.iter().map(|value| to_value(*value)).collect();
        self.host.direct.set(self.host.passed_on.iter().any(|export| export == name));
        let results = func
            .call(&mut self.store, &arguments)
            .map_err(|error| if self.met_its_limit() { Stop::Trap(Trap::OutOfFuel) } else { stop(error) })?;
        Ok(results.into_iter().map(from_value).collect())
    }

    fn allow(&mut self, steps: i32) {
        let steps = WasmValue::I32(steps);
        self.instance.global_set(&mut self.store, STEPS_EXPORT, steps).expect("it is a variable");
    }

    fn used(&mut self) -> u64 {
        let counter = self.instance.global_get(&self.store, COUNTER_EXPORT).expect("it is exported");
        counter.as_i64().expect("it is a 64-bit integer") as u64
    }

    fn state(&mut self) -> State {
        let mut state = State { visits: self.host.visits.borrow().clone(), ..State::default() };
        for (name, item) in self.instance.exports() {
            let name = name.to_string();
            match item {
                ExternItem::Global(_) if name == COUNTER_EXPORT || name == LIMIT_EXPORT => {}
                ExternItem::Global(global) => {
                    let value = global.get(&self.store).expect("it is this store's");
                    state.globals.insert(name, from_value(value));
                }
                ExternItem::Memory(memory) => {
                    let len = memory.len(&self.store).expect("it is this store's");
                    let bytes = memory.read_vec(&self.store, 0, len).expect("it is so long");
                    state.memories.insert(name, bytes);
                }
                ExternItem::Table(table) => {
                    let len = table.size(&self.store).expect("it is this store's");
                    let elements = table.load(&self.store, 0, len).expect("it is so long");
                    state.tables.insert(name, elements.map(from_value).collect());
                }
                ExternItem::Func(_) => {}
            }
        }
        state
    }
}

/// The reason why a call on tinywasm ended.
pub fn stop(error: Error) -> Stop {
    use tinywasm::Trap as T;
    let Error::Trap(trap) = &error else { return Stop::Other(error.to_string()) };
    Stop::Trap(match trap {
        T::Unreachable => Trap::UnreachableCodeReached,
        T::MemoryOutOfBounds { .. } => Trap::MemoryOutOfBounds,
        T::TableOutOfBounds { .. } | T::UndefinedElement { .. } => Trap::TableOutOfBounds,
        T::DivisionByZero => Trap::IntegerDivisionByZero,
        T::InvalidConversionToInt => Trap::BadConversionToInteger,
        T::IntegerOverflow => Trap::IntegerOverflow,
        T::CallStackOverflow | T::ValueStackOverflow => Trap::StackOverflow,
        T::UninitializedElement { .. } => Trap::IndirectCallToNull,
        T::IndirectCallTypeMismatch { .. } => Trap::BadSignature,
        _ => return Stop::Other(error.to_string()),
    })
}

pub fn to_value(value: Value) -> WasmValue {
    match value {
        Value::I32(value) => WasmValue::I32(value),
        Value::I64(value) => WasmValue::I64(value),
        Value::F32(bits) => WasmValue::F32(f32::from_bits(bits)),
        Value::F64(bits) => WasmValue::F64(f64::from_bits(bits)),
        Value::V128(bits) => WasmValue::V128(bits.to_le_bytes()),
        Value::Func { .. } => WasmValue::RefFunc(FuncRef::null()),
        Value::Extern(number) => WasmValue::RefExtern(ExternRef::new(number)),
    }
}

pub fn from_value(value: WasmValue) -> Value {
    match value {
        WasmValue::I32(value) => Value::I32(value),
        WasmValue::I64(value) => Value::I64(value),
        WasmValue::F32(value) => Value::f32(value),
        WasmValue::F64(value) => Value::f64(value),
        WasmValue::V128(bytes) => Value::V128(u128::from_le_bytes(bytes)),
        WasmValue::RefFunc(func) => Value::Func { null: func.is_null() },
        WasmValue::RefExtern(given) => Value::Extern(given.addr()),
    }
}
