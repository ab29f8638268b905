//! From an address in a module's code section to functions, files and lines, by the module's DWARF.
//!
//! The debug sections are as untrusted as everything in a module, and nothing has validated them: they must not harm the host,
//! and at worst nothing is found. They are parsed when a backtrace is first shown, and only as far as the address needs.
//! Knows no stack and no machine code.

mod reader;

use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use addr2line::{Context, Frame};
use gimli::{Dwarf, SectionId};

use self::reader::{Piece, Source};
use crate::base::module::ModuleInfo;
use crate::vm::code::demangle::Readable;

/// The most reads from a module's debug sections, for all look-ups together. A panic's backtrace through an
/// unoptimised standard library takes a tenth of it; all of it is done in less than a tenth of a second and makes tables of
/// some 200 MB at most.
const READS_MAX: usize = 4 << 20;

/// The most functions inlined into each other at one address that are shown.
const SYMBOLS_MAX: usize = 64;

/// Names and paths are cut here, in bytes.
const TEXT_MAX: usize = 4 << 10;

/// A function at an address, according to the module's debug information. An address has several if functions were
/// inlined.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # let mut store = Store::new(&Engine::default(), ());
/// # let module = Module::from_file(store.engine(), "src/vm/code/dwarf/meadow.wat")?;
/// # let instance = Instance::new(&mut store, &module, &[])?;
/// # let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
/// /// A link for editors that jump to a location.
/// fn link(symbol: &FrameSymbol) -> Option<String> {
///     Some(format!("{}:{}:{}", symbol.file()?, symbol.line()?, symbol.column().unwrap_or(1)))
/// }
/// let error = tick.call(&mut store, ()).unwrap_err();
/// let frames = error.downcast_ref().map_or(&[][..], WasmBacktrace::frames);
/// let links: Vec<_> = frames.iter().flat_map(|frame| frame.symbols()).filter_map(link).collect();
/// assert_eq!(links, ["meadow.rs:7:9"]);
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameSymbol {
    name: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
}

/// A module's debug information, parsed as far as it was needed.
#[derive(Default)]
pub struct DebugInfo {
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    Unparsed,
    Parsed {
        source: Arc<Source>,
        context: Box<Context<Piece>>,
    },
    /// The module has none, or none that can be read within the limits.
    Unusable,
}

impl DebugInfo {
    /// The functions that an operator belongs to, innermost first, by its offset in the module. Empty if the module
    /// does not say, or if what it says cannot be trusted.
    pub fn symbols(&self, info: &ModuleInfo, bytes: &Arc<[u8]>, module_offset: usize) -> Vec<FrameSymbol> {
        let Some(address) = module_offset.checked_sub(info.code_section.start) else { return Vec::new() };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let found = catch_unwind(AssertUnwindSafe(|| {
            if matches!(*state, State::Unparsed) {
                *state = parse(info, bytes).unwrap_or(State::Unusable);
            }
            let State::Parsed { source, context } = &*state else { return None };
            source.begin();
            let symbols = find(context, address as u64);
            // What was found before the limit was reached may be incomplete, and will stay so.
            (!source.is_exhausted()).then(|| symbols.unwrap_or_default())
        }));
        // A parser that has panicked or has read too much is not used again.
        found.ok().flatten().unwrap_or_else(|| {
            *state = State::Unusable;
            Vec::new()
        })
    }
}

fn parse(info: &ModuleInfo, bytes: &Arc<[u8]>) -> Option<State> {
    let range_of = |name: &str| -> Option<Range<usize>> {
        let section = info.custom_sections.iter().find(|(section, _)| section == name)?;
        Some(section.1.clone())
    };
    range_of(SectionId::DebugInfo.name())?;
    let source = Arc::new(Source::new(bytes.clone(), READS_MAX));
    source.begin();
    let load =
        |id: SectionId| gimli::Result::Ok(Piece::new(&source, range_of(id.name()).unwrap_or_default()));
    let context = Context::from_dwarf(Dwarf::load(load).ok()?).ok()?;
    Some(State::Parsed { source, context: Box::new(context) })
}

fn find(context: &Context<Piece>, address: u64) -> gimli::Result<Vec<FrameSymbol>> {
    let mut symbols = Vec::new();
    let mut frames = context.find_frames(address).skip_all_loads()?;
    while let Some(frame) = frames.next()? {
        if symbols.len() == SYMBOLS_MAX {
            break;
        }
        symbols.push(symbol(&frame));
    }
    Ok(symbols)
}

fn symbol(frame: &Frame<'_, Piece>) -> FrameSymbol {
    let location = frame.location.as_ref();
    FrameSymbol {
        name: frame.function.as_ref().map(|function| text(function.name.bytes())),
        file: location.and_then(|location| location.file).map(|file| text(file.as_bytes())),
        line: location.and_then(|location| location.line),
        // DWARF uses 0 for the left edge, which is not a column number that people know.
        column: location.and_then(|location| location.column).filter(|column| *column > 0),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(TEXT_MAX)]).into_owned()
}

/// The function's name, demangled, and where in its file the code was: `graze at meadow.rs:7:9`.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # let mut store = Store::new(&Engine::default(), ());
/// # let module = Module::from_file(store.engine(), "src/vm/code/dwarf/meadow.wat")?;
/// # let instance = Instance::new(&mut store, &module, &[])?;
/// # let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
/// let error = tick.call(&mut store, ()).unwrap_err();
/// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
/// assert_eq!(backtrace.frames()[0].symbols()[0].to_string(), "graze at meadow.rs:7:9");
/// # anyhow::Ok(())
/// ```
impl fmt::Display for FrameSymbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Readable(self.name().unwrap_or("<unnamed>")))?;
        let Some(file) = self.file() else { return Ok(()) };
        write!(f, " at {}", Readable(file))?;
        let numbers = [self.line, self.line.and(self.column)];
        numbers.into_iter().flatten().try_for_each(|number| write!(f, ":{number}"))
    }
}

impl FrameSymbol {
    /// The function's name in the debug information, which is usually mangled; displaying the backtrace demangles it.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # let mut store = Store::new(&Engine::default(), ());
    /// # let module = Module::from_file(store.engine(), "src/vm/code/dwarf/meadow.wat")?;
    /// # let instance = Instance::new(&mut store, &module, &[])?;
    /// # let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
    /// let error = tick.call(&mut store, ()).unwrap_err();
    /// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
    /// assert_eq!(backtrace.frames()[0].symbols()[0].name(), Some("graze"));
    /// # anyhow::Ok(())
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The file that it was compiled from.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # let mut store = Store::new(&Engine::default(), ());
    /// # let module = Module::from_file(store.engine(), "src/vm/code/dwarf/meadow.wat")?;
    /// # let instance = Instance::new(&mut store, &module, &[])?;
    /// # let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
    /// let error = tick.call(&mut store, ()).unwrap_err();
    /// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
    /// assert_eq!(backtrace.frames()[0].symbols()[0].file(), Some("meadow.rs"));
    /// # anyhow::Ok(())
    /// ```
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The line in that file, counted from 1.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # let mut store = Store::new(&Engine::default(), ());
    /// # let module = Module::from_file(store.engine(), "src/vm/code/dwarf/meadow.wat")?;
    /// # let instance = Instance::new(&mut store, &module, &[])?;
    /// # let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
    /// let error = tick.call(&mut store, ()).unwrap_err();
    /// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
    /// assert_eq!(backtrace.frames()[0].symbols()[0].line(), Some(7));
    /// # anyhow::Ok(())
    /// ```
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// The column in that line, counted from 1.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # let mut store = Store::new(&Engine::default(), ());
    /// # let module = Module::from_file(store.engine(), "src/vm/code/dwarf/meadow.wat")?;
    /// # let instance = Instance::new(&mut store, &module, &[])?;
    /// # let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
    /// let error = tick.call(&mut store, ()).unwrap_err();
    /// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
    /// assert_eq!(backtrace.frames()[0].symbols()[0].column(), Some(9));
    /// # anyhow::Ok(())
    /// ```
    pub fn column(&self) -> Option<u32> {
        self.column
    }
}
