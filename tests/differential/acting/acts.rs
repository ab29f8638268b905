//! The host's operations on what modules share with it: drawn from a seed, and the same on every engine.
//!
//! ```text
//!  stop or visit ──> draw an act ──> do it on the stage (an engine) ──> note the act, and the state after it
//! ```
//!
//! Acts depend on the seed and on the sizes of shared items, so engines that agree are given the same ones.

use std::sync::Arc;

use tinkerbox_wasm::{ExternType, Module, ValType};

use crate::engines::machine::{State, Stop, Value};
use crate::generate::Random;
use crate::rewrite::STEPS_EXPORT;

/// The name under which shared items are defined for modules that the host instantiates meanwhile.
pub const SHARED: &str = "shared";

/// The addresses that programs and the host use most.
pub const HOT: [usize; 8] = [0, 4, 8, 16, 64, 512, 1_024, 65_528];

/// The number of bytes of each memory that are noted.
const SEEN_BYTES: usize = 1_100;

/// The number of elements of each table that are noted.
const SEEN_ELEMENTS: u64 = 12;

/// The maximum number of modules instantiated in the course of a program.
const INSTANCES: usize = 3;

/// The exports of a module other than its functions.
#[derive(Debug, Default)]
pub struct Shape {
    pub memories: Vec<String>,
    pub tables: Vec<SharedTable>,
    pub globals: Vec<SharedGlobal>,
}

#[derive(Debug)]
pub struct SharedTable {
    pub name: String,
    /// Whether its elements are functions, and not values of the host.
    pub functions: bool,
}

#[derive(Debug)]
pub struct SharedGlobal {
    pub name: String,
    pub ty: ValType,
    pub mutable: bool,
}

impl Shape {
    pub fn of(module: &Module) -> Shape {
        let mut shape = Shape::default();
        for export in module.exports() {
            let name = export.name().to_string();
            match export.ty() {
                ExternType::Func(_) => {}
                // This export keeps a module from running for ever.
                _ if name == STEPS_EXPORT => {}
                ExternType::Memory(_) => shape.memories.push(name),
                ExternType::Table(ty) => {
                    let functions = ty.element().heap_type().is_func();
                    shape.tables.push(SharedTable { name, functions });
                }
                ExternType::Global(ty) => {
                    let mutable = ty.mutability().is_var();
                    shape.globals.push(SharedGlobal { name, ty: *ty.content(), mutable });
                }
            }
        }
        shape
    }
}

/// A reference, described in a way that every engine supports.
#[derive(Clone, Debug, PartialEq)]
pub enum Reference {
    Null,
    /// The element of a table at an index.
    Like {
        table: String,
        at: u64,
    },
    /// A value of the host.
    Extern(u32),
}

/// The new value of a global.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    Number(Value),
    Reference(Reference),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Nothing,
    Write { memory: String, at: usize, bytes: Vec<u8> },
    GrowMemory { memory: String, pages: u64 },
    SetElement { table: String, at: u64, what: Reference },
    FillElements { table: String, at: u64, len: u64, what: Reference },
    CopyElements { table: String, to: u64, from: u64, len: u64 },
    GrowTable { table: String, by: u64, what: Reference },
    SetGlobal { global: String, value: Given },
    Instantiate { text: String },
}

/// An engine on which the host acts. Its operations may fail, and report it.
pub trait Stage {
    fn memory_len(&mut self, memory: &str) -> usize;
    fn read(&mut self, memory: &str, len: usize) -> Vec<u8>;
    fn write(&mut self, memory: &str, at: usize, bytes: &[u8]) -> bool;
    fn grow_memory(&mut self, memory: &str, pages: u64) -> bool;
    fn table_len(&mut self, table: &str) -> u64;
    fn element(&mut self, table: &str, at: u64) -> Value;
    fn set_element(&mut self, table: &str, at: u64, what: &Reference) -> bool;
    fn fill_elements(&mut self, table: &str, at: u64, len: u64, what: &Reference) -> bool;
    fn copy_elements(&mut self, table: &str, to: u64, from: u64, len: u64) -> bool;
    fn grow_table(&mut self, table: &str, by: u64, what: &Reference) -> bool;
    fn global(&mut self, global: &str) -> Value;
    fn set_global(&mut self, global: &str, value: &Given) -> bool;
    fn instantiate(&mut self, wasm: &[u8]) -> Result<(), Stop>;
}

impl Act {
    fn perform(&self, stage: &mut impl Stage) -> bool {
        match self {
            Act::Nothing => true,
            Act::Write { memory, at, bytes } => stage.write(memory, *at, bytes),
            Act::GrowMemory { memory, pages } => stage.grow_memory(memory, *pages),
            Act::SetElement { table, at, what } => stage.set_element(table, *at, what),
            Act::FillElements { table, at, len, what } => stage.fill_elements(table, *at, *len, what),
            Act::CopyElements { table, to, from, len } => stage.copy_elements(table, *to, *from, *len),
            Act::GrowTable { table, by, what } => stage.grow_table(table, *by, what),
            Act::SetGlobal { global, value } => stage.set_global(global, value),
            Act::Instantiate { text } => {
                let wasm = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
                stage.instantiate(&wasm).is_ok()
            }
        }
    }
}

/// Everything that the host inspects after an act.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    globals: Vec<Value>,
    sizes: Vec<u64>,
    elements: Vec<Vec<Value>>,
    bytes: Vec<Vec<u8>>,
}

impl Seen {
    /// The first difference.
    pub fn difference(&self, other: &Seen) -> Option<String> {
        if (&self.globals, &self.sizes) != (&other.globals, &other.sizes) {
            return Some(format!(
                "globals {:?}, sizes {:?} against {:?}, {:?}",
                self.globals, self.sizes, other.globals, other.sizes
            ));
        }
        if self.elements != other.elements {
            return Some(format!("elements {:?} against {:?}", self.elements, other.elements));
        }
        let all = self.bytes.iter().flatten().zip(other.bytes.iter().flatten());
        let (at, (one, another)) = all.enumerate().find(|(_, (one, another))| one != another)?;
        Some(format!("the byte at {at}: {one} against {another}"))
    }
}

/// An act of the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// The reason why the host was running.
    pub why: &'static str,
    /// Its arguments, if it was called.
    pub given: Option<Value>,
    /// The fuel consumed by then.
    pub used: u64,
    pub act: Act,
    pub done: bool,
    pub seen: Seen,
}

impl Note {
    /// The act, and when it happened.
    pub fn told(&self) -> String {
        let Note { why, given, used, act, done, .. } = self;
        format!("{why}, given {given:?}, after {used}: {act:?}, done: {done}")
    }
}

/// The host: the acts to come, and those done.
#[derive(Clone, Default)]
pub struct Acting {
    pub notes: Vec<Note>,
    shape: Arc<Shape>,
    random: Random,
    instances: usize,
}

impl Acting {
    pub fn new(seed: u64, shape: Arc<Shape>) -> Acting {
        Acting { notes: Vec::new(), shape, random: Random(seed ^ 0xac75), instances: 0 }
    }

    /// Acts once, and records it.
    pub fn act(&mut self, stage: &mut impl Stage, why: &'static str, given: Option<Value>, used: u64) {
        let act = self.draw(stage);
        let done = act.perform(stage);
        let seen = self.look(stage);
        self.notes.push(Note { why, given, used, act, done, seen });
    }

    fn look(&self, stage: &mut impl Stage) -> Seen {
        let Shape { memories, tables, globals } = &*self.shape;
        let globals = globals.iter().map(|global| stage.global(&global.name)).collect();
        let mut sizes: Vec<u64> = memories.iter().map(|memory| stage.memory_len(memory) as u64).collect();
        sizes.extend(tables.iter().map(|table| stage.table_len(&table.name)));
        let elements = tables.iter().map(|table| {
            let len = stage.table_len(&table.name).min(SEEN_ELEMENTS);
            (0..len).map(|at| stage.element(&table.name, at)).collect()
        });
        let elements = elements.collect();
        let bytes = memories.iter().map(|memory| {
            let len = stage.memory_len(memory).min(SEEN_BYTES);
            stage.read(memory, len)
        });
        Seen { globals, sizes, elements, bytes: bytes.collect() }
    }

    fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.random.next() % end }
    }

    fn draw(&mut self, stage: &mut impl Stage) -> Act {
        let shape = self.shape.clone();
        let kind = self.below(100);
        let drawn = match kind {
            0..35 => self.write(&shape, stage),
            35..50 => self.memory(&shape).map(|memory| {
                let pages = self.below(10);
                Act::GrowMemory { memory, pages: [0, 1, 1, 1, 1, 1, 2, 3, 15, 16][pages as usize] }
            }),
            50..75 => self.tables(kind, &shape, stage),
            75..95 => self.set_global(&shape, stage),
            95..98 if self.instances < INSTANCES => {
                self.instances += 1;
                Some(Act::Instantiate { text: self.module(&shape, stage) })
            }
            _ => None,
        };
        drawn.unwrap_or(Act::Nothing)
    }

    fn memory(&mut self, shape: &Shape) -> Option<String> {
        let at = self.below(shape.memories.len() as u64);
        shape.memories.get(at as usize).cloned()
    }

    fn write(&mut self, shape: &Shape, stage: &mut impl Stage) -> Option<Act> {
        let memory = self.memory(shape)?;
        let len = stage.memory_len(&memory) as u64;
        let at = match self.below(10) {
            0..7 => HOT[self.below(HOT.len() as u64) as usize] as u64,
            7 => len.saturating_sub(self.below(20)),
            _ => self.below(len),
        };
        let bytes = (0..1 + self.below(12)).map(|_| self.below(256) as u8).collect();
        Some(Act::Write { memory, at: at as usize, bytes })
    }

    fn tables(&mut self, kind: u64, shape: &Shape, stage: &mut impl Stage) -> Option<Act> {
        let at = self.below(shape.tables.len() as u64);
        let SharedTable { name, functions } = shape.tables.get(at as usize)?;
        let (table, len) = (name.clone(), stage.table_len(name));
        let (at, what) = (self.below(len + 1), self.reference(*functions, shape, stage));
        Some(match kind {
            50..62 => Act::SetElement { table, at, what },
            62..65 => Act::FillElements { table, at, len: self.below(4), what },
            65..67 => Act::CopyElements { table, to: at, from: self.below(len), len: self.below(4) },
            _ => Act::GrowTable { table, by: self.below(5), what },
        })
    }

    fn reference(&mut self, function: bool, shape: &Shape, stage: &mut impl Stage) -> Reference {
        let of_kind: Vec<&SharedTable> =
            shape.tables.iter().filter(|table| table.functions == function).collect();
        let (kind, number) = (self.below(8), self.below(100) as u32);
        match of_kind.get(self.below(of_kind.len() as u64) as usize) {
            _ if kind == 0 => Reference::Null,
            _ if kind < 5 && !function => Reference::Extern(number),
            Some(SharedTable { name, .. }) => {
                let len = stage.table_len(name);
                if len == 0 {
                    return Reference::Null;
                }
                Reference::Like { table: name.clone(), at: self.below(len) }
            }
            None => Reference::Null,
        }
    }

    fn set_global(&mut self, shape: &Shape, stage: &mut impl Stage) -> Option<Act> {
        let mutable: Vec<&SharedGlobal> = shape.globals.iter().filter(|global| global.mutable).collect();
        let SharedGlobal { name, ty, .. } = *mutable.get(self.below(mutable.len() as u64) as usize)?;
        let value = if ty.is_ref() {
            Given::Reference(self.reference(ty.is_funcref(), shape, stage))
        } else {
            Given::Number(self.random.value(*ty))
        };
        Some(Act::SetGlobal { global: name.clone(), value })
    }

    /// A module that writes to memories and tables when it is instantiated, and leaves functions of its own there.
    /// All of its segments fit: wasmi drops the instance of one that failed half-way while its functions remain, and
    /// ends the process.
    fn module(&mut self, shape: &Shape, stage: &mut impl Stage) -> String {
        let (mut imports, mut segments) = (String::new(), String::new());
        let mut body = "(local.get 0)".to_string();
        for name in shape.memories.iter().take(1) {
            imports += &format!("(import \"{SHARED}\" \"{}\" (memory 0))\n", escaped(name));
            let at = HOT[self.below(HOT.len() as u64 - 1) as usize];
            let number = self.below(u64::from(u32::MAX)).to_string();
            segments += &format!("(data (i32.const {at}) \"{number}\")\n");
            let from = HOT[self.below(HOT.len() as u64) as usize];
            body += &format!(
                "(i32.store (i32.const {at}) (i32.const {number})) (i32.add (i32.load (i32.const {from})))"
            );
        }
        for (index, table) in shape.tables.iter().enumerate().filter(|(_, table)| table.functions) {
            let name = &table.name;
            imports += &format!("(import \"{SHARED}\" \"{}\" (table $t{index} 0 funcref))\n", escaped(name));
            let len = stage.table_len(name);
            if len < 2 {
                continue;
            }
            let at = self.below(len - 1);
            segments += &format!("(elem (table $t{index}) (i32.const {at}) func $f $g)\n");
        }
        let numbers = shape.globals.iter().filter(|global| global.mutable && global.ty == ValType::I32);
        for (index, SharedGlobal { name, .. }) in numbers.enumerate() {
            imports += &format!("(import \"{SHARED}\" \"{}\" (global $g{index} (mut i32)))\n", escaped(name));
            body += &format!(
                "(global.set $g{index} (i32.add (global.get $g{index}) (i32.const 3))) (i32.add (global.get $g{index}))"
            );
        }
        format!(
            "(module (type $unary (func (param i32) (result i32)))\n{imports}{segments}
            (func $f (type $unary) {body})
            (func $g (type $unary) (i32.xor (call $f (local.get 0)) (i32.const 77))))"
        )
    }
}

/// Everything observable about an instance.
pub fn state(shape: &Shape, stage: &mut impl Stage) -> State {
    let mut state = State::default();
    for global in &shape.globals {
        state.globals.insert(global.name.clone(), stage.global(&global.name));
    }
    for memory in &shape.memories {
        let len = stage.memory_len(memory);
        state.memories.insert(memory.clone(), stage.read(memory, len));
    }
    for SharedTable { name, .. } in &shape.tables {
        let elements = (0..stage.table_len(name)).map(|at| stage.element(name, at));
        state.tables.insert(name.clone(), elements.collect());
    }
    state
}

/// A name as it is written in the text format.
fn escaped(name: &str) -> String {
    name.bytes().map(|byte| format!("\\{byte:02x}")).collect()
}
