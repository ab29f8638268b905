//! The parts that the engines share: values, reasons to stop, and the observable state of an instance.

use std::collections::BTreeMap;

use tinkerbox_wasm::Trap;

/// A value that both engines support. Floats are bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
    /// Functions have no name that both engines know.
    Func {
        null: bool,
    },
    /// References to the host's values are identified by the number that they hold.
    Extern(Option<u32>),
}

impl Value {
    pub fn f32(value: f32) -> Value {
        Value::F32(value.to_bits())
    }

    pub fn f64(value: f64) -> Value {
        Value::F64(value.to_bits())
    }
}

/// The reason why a call or an instantiation did not finish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    Trap(Trap),
    /// A host function returned an error.
    Refused(Refusal),
    /// A host function panicked.
    Panicked(Refusal),
    /// An outcome that modules are not expected to have.
    Other(String),
}

/// The error of `refuse` and `panic`: the number of the visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host refuses visit {0}")]
pub struct Refusal(pub usize);

/// A call of a host function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub name: &'static str,
    pub arguments: Vec<Value>,
    /// The fuel used by then, if a module called and not the host.
    pub used: Option<u64>,
}

/// The externally observable state of an instance. Exports are ordered by name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct State {
    pub globals: BTreeMap<String, Value>,
    pub memories: BTreeMap<String, Vec<u8>>,
    pub tables: BTreeMap<String, Vec<Value>>,
    pub visits: Vec<Visit>,
}

impl State {
    /// The same, as seen by an engine that counts no fuel.
    pub fn without_fuel(mut self) -> State {
        self.visits.iter_mut().for_each(|visit| visit.used = None);
        self
    }

    /// The first difference.
    pub fn difference(&self, other: &State) -> Option<String> {
        if self.globals != other.globals {
            return Some(format!("globals {:?} against {:?}", self.globals, other.globals));
        }
        for (name, bytes) in &self.memories {
            let others = &other.memories[name];
            if bytes.len() != others.len() {
                return Some(format!("memory `{name}`: {} bytes against {}", bytes.len(), others.len()));
            }
            if bytes == others {
                continue;
            }
            if let Some(at) = (0..bytes.len()).find(|&at| bytes[at] != others[at]) {
                return Some(format!("memory `{name}` at {at:#x}: {} against {}", bytes[at], others[at]));
            }
        }
        if self.tables != other.tables {
            return Some(format!("tables {:?} against {:?}", self.tables, other.tables));
        }
        let visits = self.visits.iter().zip(&other.visits).find(|(one, another)| one != another);
        if self.visits.len() != other.visits.len() || visits.is_some() {
            let counts = (self.visits.len(), other.visits.len());
            return Some(format!("calls of host functions, {counts:?} of them: {visits:?}"));
        }
        None
    }
}

/// An instance of a module on one of the engines.
pub trait Machine {
    /// Calls an export.
    fn call(&mut self, name: &str, arguments: &[Value]) -> Result<Vec<Value>, Stop>;

    /// Sets how many loop rounds and calls a generated module may make from now on.
    fn allow(&mut self, steps: i32);

    /// The fuel used since the instance was made.
    fn used(&mut self) -> u64;

    fn state(&mut self) -> State;
}

/// The results of the host functions, the same for all engines.
pub mod answers {
    pub fn ask(visits: usize) -> i32 {
        (visits as i32).wrapping_mul(7_919)
    }

    pub fn make(visits: usize) -> u32 {
        visits as u32
    }

    pub fn take(given: Option<u32>) -> i32 {
        given.map_or(-1, |number| number as i32)
    }

    pub fn mix(a: i64, b: f64) -> (f32, i64) {
        let narrow = if b.is_nan() { f32::from_bits(0x7fc0_0000) } else { b as f32 };
        (narrow, a.rotate_left(7) ^ 0x5a5a)
    }
}

/// An engine that runs modules with a counter instead of fuel.
pub trait Counted: Machine + Sized {
    /// Instantiates a module that has a counter.
    fn start(counted: &[u8]) -> Result<Self, Stop>;

    /// Sets the limit of a module's counter.
    fn limit(&mut self, limit: u64);
}
