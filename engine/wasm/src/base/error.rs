//! Typed errors, which are found inside [`anyhow::Error`]. Each says what went wrong, where, and what to do next.

use thiserror::Error;

use super::limits::LINK_PROBLEMS_SHOWN;
use super::types::ExternType;

/// A module that is malformed, invalid, beyond the limits, or needs a feature that is not supported.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let error = Module::new(&Engine::default(), "(module (func (result i32) (i64.const 1)))").unwrap_err();
/// assert!(error.is::<InvalidModule>());
/// assert_eq!(
///     error.to_string(),
///     "invalid WebAssembly module: type mismatch: expected i32, found i64 (at offset 0x1a)"
/// );
/// ```
#[derive(Clone, Debug, Error)]
#[error("invalid WebAssembly module: {message}{}", at(.offset))]
pub struct InvalidModule {
    message: String,
    offset: Option<u64>,
    /// Whether validation failed, which one more feature might have prevented.
    pub(crate) by_validation: bool,
    missing_feature: Option<&'static str>,
}

fn at(offset: &Option<u64>) -> String {
    offset.map(|offset| format!(" (at offset {offset:#x})")).unwrap_or_default()
}

impl InvalidModule {
    pub(crate) fn new(message: impl Into<String>, offset: Option<u64>) -> InvalidModule {
        InvalidModule { message: message.into(), offset, by_validation: false, missing_feature: None }
    }

    /// A module that needs a feature which is not supported.
    pub(crate) fn missing(
        feature: &'static str,
        message: impl Into<String>,
        offset: Option<u64>,
    ) -> InvalidModule {
        InvalidModule { missing_feature: Some(feature), ..InvalidModule::new(message, offset) }
    }

    /// What is wrong, without the offset.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let error = Module::new(&Engine::default(), "(module (func (drop)))").unwrap_err();
    /// let invalid: Option<&InvalidModule> = error.downcast_ref();
    /// assert!(invalid.is_some_and(|invalid| invalid.message().starts_with("type mismatch")));
    /// ```
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The feature of WebAssembly that the module needs and this runtime does not support, if that is why it was refused:
    /// the name of the feature's proposal.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let error = Module::new(&Engine::default(), "(module (memory i64 1))").unwrap_err();
    /// let invalid: Option<&InvalidModule> = error.downcast_ref();
    /// assert_eq!(invalid.and_then(InvalidModule::missing_feature), Some("memory64"));
    /// ```
    pub fn missing_feature(&self) -> Option<&'static str> {
        self.missing_feature
    }

    /// Where the module is wrong, in bytes from its start, if that is a single place.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let offset = |bytes: &[u8]| -> Option<u64> {
    ///     Module::new(&engine, bytes).err()?.downcast_ref::<InvalidModule>()?.offset()
    /// };
    /// assert_eq!(offset(b"\0asm\x01\0\0\0\x07\xff"), Some(10)); // a section that ends too early
    /// assert_eq!(offset(b"(module"), None); // text: the message has line and column
    /// # anyhow::Ok(())
    /// ```
    pub fn offset(&self) -> Option<u64> {
        self.offset
    }
}

impl From<wasmparser::BinaryReaderError> for InvalidModule {
    fn from(error: wasmparser::BinaryReaderError) -> InvalidModule {
        InvalidModule { by_validation: true, ..InvalidModule::new(error.message(), Some(error.offset())) }
    }
}

/// Imports that could not be satisfied. All of them are named at once.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let linker = Linker::default();
/// let module = Module::new(linker.engine(), r#"(module
///     (import "game" "tick" (func)) (import "game" "score" (global i32)))"#)?;
/// let error = linker.instantiate(&mut Store::new(linker.engine(), ()), &module).unwrap_err();
/// assert!(error.is::<LinkError>());
/// let message = format!("{error:#}");
/// assert!(message.contains("game::tick") && message.contains("game::score")); // not only the first
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Debug, Error)]
#[error("cannot instantiate: {}", some(.problems))]
pub struct LinkError {
    problems: Vec<String>,
}

/// Lists the first problems, and how many more there are.
fn some(problems: &[String]) -> String {
    let shown = problems[..problems.len().min(LINK_PROBLEMS_SHOWN)].join("; ");
    match problems.len().saturating_sub(LINK_PROBLEMS_SHOWN) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

impl LinkError {
    pub(crate) fn new(problems: Vec<String>) -> LinkError {
        LinkError { problems }
    }

    /// One sentence for each import that is missing or has the wrong type.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::default();
    /// linker.func_wrap("game", "tick", |_frame: i64| ())?;
    /// let module = Module::new(linker.engine(), r#"(module
    ///     (import "game" "tick" (func)) (import "game" "score" (global i32)))"#)?;
    /// let error = linker.instantiate(&mut Store::new(linker.engine(), ()), &module).unwrap_err();
    /// let problems = error.downcast_ref::<LinkError>().map_or(&[][..], |error| error.problems());
    /// assert!(problems[0].contains("`game::tick`") && problems[0].contains("(i64) -> ()")); // another type
    /// assert!(problems[1].contains("`game::score`") && problems[1].contains("has not been defined"));
    /// # anyhow::Ok(())
    /// ```
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

/// An import for which nothing is defined.
///
/// What [`Linker::instantiate`](crate::Linker::instantiate) returns holds the first of them, beside a
/// [`LinkError`] that names all.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let linker = Linker::default();
/// let module = Module::new(linker.engine(), r#"(module (import "game" "later" (func)))"#)?;
/// let mut store = Store::new(linker.engine(), ());
/// let error = linker.instantiate(&mut store, &module).expect_err("nothing is defined");
/// let unknown: &UnknownImportError = error.downcast_ref().expect("this is why");
/// assert_eq!((unknown.module(), unknown.name()), ("game", "later"));
/// assert!(unknown.ty().func().is_some());
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Debug, Error)]
#[error("unknown import: `{module}::{name}` has not been defined")]
pub struct UnknownImportError {
    module: String,
    name: String,
    ty: ExternType,
}

impl UnknownImportError {
    pub(crate) fn new(module: &str, name: &str, ty: ExternType) -> UnknownImportError {
        UnknownImportError { module: module.to_string(), name: name.to_string(), ty }
    }

    /// The message with the type of the import.
    pub(crate) fn with_type(&self) -> String {
        let UnknownImportError { module, name, ty } = self;
        format!("unknown import: `{module}::{name}` ({ty}) has not been defined")
    }

    /// The first of its two names.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let linker = Linker::default();
    /// let module = Module::new(linker.engine(), r#"(module (import "physics" "push" (func)))"#)?;
    /// let error = linker.instantiate(&mut Store::new(linker.engine(), ()), &module).unwrap_err();
    /// let unknown: Option<&UnknownImportError> = error.downcast_ref();
    /// // The part of the game that the mod was made for.
    /// assert_eq!(unknown.map(|unknown| unknown.module()), Some("physics"));
    /// # anyhow::Ok(())
    /// ```
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The second of its two names.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let linker = Linker::default();
    /// let module = Module::new(linker.engine(), r#"(module (import "physics" "push" (func)))"#)?;
    /// let error = linker.instantiate(&mut Store::new(linker.engine(), ()), &module).unwrap_err();
    /// let unknown: Option<&UnknownImportError> = error.downcast_ref();
    /// assert_eq!(unknown.map(|unknown| unknown.name()), Some("push"));
    /// # anyhow::Ok(())
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type that the module asks for.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let linker = Linker::default();
    /// let module = Module::new(linker.engine(), r#"(module (import "physics" "push" (func (param f32 f32))))"#)?;
    /// let error = linker.instantiate(&mut Store::new(linker.engine(), ()), &module).unwrap_err();
    /// let unknown: Option<&UnknownImportError> = error.downcast_ref();
    /// assert!(unknown.is_some_and(|unknown| unknown.ty().to_string() == "function (f32, f32) -> ()"));
    /// # anyhow::Ok(())
    /// ```
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

/// A request that a store cannot fulfil.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let (mut store, mut other) = (Store::<()>::default(), Store::<()>::default());
/// let error = store.set_fuel(100).unwrap_err();
/// assert_eq!(error.downcast_ref(), Some(&StoreError::FuelNotConfigured));
/// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
/// let error = memory.grow(&mut other, 1).unwrap_err();
/// assert_eq!(error.downcast_ref(), Some(&StoreError::WrongStore));
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A handle belongs to another store.
    #[error("a handle was used with a store that it does not belong to")]
    WrongStore,
    /// Fuel was asked for, but the engine does not count it.
    #[error("fuel is not configured in this store: build its engine with Config::consume_fuel(true)")]
    FuelNotConfigured,
    /// More fuel should be consumed than is left. None was consumed.
    #[error("not enough fuel remaining in store")]
    NotEnoughFuel,
    /// A call is suspended in this store.
    #[error("a call is suspended in this store: resume or cancel it before you make another")]
    Suspended,
    /// The suspended call that a handle stands for has ended.
    #[error("this suspended call has ended: it was resumed or cancelled before")]
    NotSuspended,
    /// A suspended call was cancelled.
    #[error("the suspended call was cancelled")]
    Cancelled,
    /// A resumable call was made from within a host function, whose frame it could not suspend.
    #[error("a resumable call cannot be made from within a host function: use a plain call")]
    ResumableWithin,
    /// A plain call, which cannot yield, was made in a store whose calls must yield.
    #[error(
        "store configuration requires that `*_async` functions are used instead, or `call_resumable`: \
         its calls must yield, until out_of_fuel_trap is called"
    )]
    AsyncRequired,
    /// An async host function was called where nothing can wait for it.
    #[error(
        "an async host function can only wait under `call_async` or `instantiate_async`, with no other host \
         function in between: use one of these for the outermost call"
    )]
    AsyncHostFunction,
    /// Calls should yield after 0 units of fuel.
    #[error("fuel_async_yield_interval must not be 0: choose an interval, or None for no yields")]
    NoInterval,
    /// No value of the wanted type is lent to the store.
    #[error("no value of this type is lent to the store: lend one with Store::lend")]
    NotLent,
    /// A [`Rooted`](crate::Rooted) reference was used after its scope had ended.
    #[error(
        "attempted to use a garbage-collected object that has been unrooted: keep it with to_owned_rooted"
    )]
    Unrooted,
    /// The operating system refused memory or address space.
    #[error("the operating system refused memory (error {0}): lower the reservation or the number of mods")]
    OutOfMemory(i32),
    /// The limits of the store forbid one more item of a kind, or one of this size.
    #[error("the store's limits forbid this {0}: raise them with Store::limiter")]
    LimitExceeded(&'static str),
}

/// A value, function or extern of another type than expected.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let func = Func::wrap(&mut store, |x: i32| x);
/// let error = func.typed::<f32, i32>(&store).err().ok_or_else(|| format_err!("an i32 is wanted"))?;
/// assert!(error.is::<TypeMismatch>());
/// assert_eq!(error.to_string(), "type mismatch: expected (f32) -> (i32), found (i32) -> (i32)");
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("type mismatch: expected {expected}, found {found}")]
pub struct TypeMismatch {
    expected: String,
    found: String,
}

impl TypeMismatch {
    pub(crate) fn new(expected: impl ToString, found: impl ToString) -> TypeMismatch {
        TypeMismatch { expected: expected.to_string(), found: found.to_string() }
    }
}

/// A read or write of guest memory that is out of bounds. Nothing was copied.
///
/// ```
/// # use tinkerbox_wasm::*;
/// /// Reads a number that a guest has left at an address, which may be invalid.
/// fn number(store: &Store<()>, memory: Memory, at: u32) -> Result<u32, MemoryAccessError> {
///     let mut bytes = [0; 4];
///     memory.read(store, at as usize, &mut bytes)?;
///     Ok(u32::from_le_bytes(bytes))
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
/// assert_eq!(number(&store, memory, 65_532), Ok(0));
/// assert_eq!(number(&store, memory, 65_533), Err(MemoryAccessError));
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("out of bounds access of guest memory")]
pub struct MemoryAccessError;

/// Bytes that [`Module::deserialize`](crate::Module::deserialize) does not accept as a compiled module of this runtime.
/// Nothing was loaded.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let engine = Engine::default();
/// // SAFETY: these bytes contain no machine code.
/// let error = unsafe { Module::deserialize(&engine, "(module)") }.unwrap_err();
/// assert!(matches!(error.downcast_ref(), Some(DeserializeError::NotCompiled(_))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeserializeError {
    /// The bytes are not a compiled module.
    #[error("not a compiled module: {0}")]
    NotCompiled(&'static str),
    /// They were made by another version of the runtime or of its compiler, or with other prices of fuel or stack.
    #[error(
        "the compiled module was made by another version ({name} {found}; this program has {expected}): \
         compile the module again with this program"
    )]
    OtherVersion {
        /// The component that has the version.
        name: String,
        /// The version that made the bytes.
        found: String,
        /// The version in this program.
        expected: String,
    },
    /// They were made for another kind of processor or operating system.
    #[error(
        "the compiled module was made for another machine ({name} is {found} there and {expected} here): \
         compile the module again on this machine"
    )]
    OtherTarget {
        /// The property of the machine that differs.
        name: String,
        /// Its value on the machine that the bytes were made for.
        found: String,
        /// Its value on this machine.
        expected: String,
    },
    /// They were made by an engine with other settings.
    #[error(
        "the compiled module was made with other settings (Config::{name} was {found} and is {expected} in this \
         engine): use the same settings, or compile the module again"
    )]
    OtherSettings {
        /// The method of [`Config`](crate::Config) that sets it.
        name: String,
        /// The setting of the engine that made the bytes.
        found: String,
        /// The setting of this engine.
        expected: String,
    },
    /// They were changed or cut since they were made.
    #[error("the compiled module is damaged ({0}): compile the module again")]
    Damaged(&'static str),
}
