//! Backtraces: what the guest's frames mean in WebAssembly, and in the source of its modules.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::OnceLock;

use super::frames::GuestFrames;
use crate::base::indices::FuncIndex;
use crate::compile::body::CodeLocation;
use crate::vm::code::demangle::Readable;
use crate::vm::code::dwarf::FrameSymbol;
use crate::vm::code::registry;
use crate::vm::store::engine::module::Module;
use crate::vm::store::store_core::StoreCore;

/// The WebAssembly functions that were active when a call ended with an error, innermost first.
///
/// It is attached to the error as context. Displayed, it shows names and, where the module has debug
/// information, files, lines and inlined functions:
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module $meadow
///     (func $graze unreachable)
///     (func $tick (export "tick") (call $graze)))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let error = instance.get_typed_func::<(), ()>(&mut store, "tick")?.call(&mut store, ()).unwrap_err();
/// let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
/// assert_eq!(backtrace.frames()[0].func_name(), Some("graze"));
/// assert_eq!(backtrace.to_string(), "\
/// error while executing at wasm backtrace:
///   0: 0x22 - meadow!graze
///   1: 0x26 - meadow!tick");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct WasmBacktrace {
    frames: Vec<FrameInfo>,
    truncated: bool,
}

/// One function of a backtrace.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (func $graze (export "tick") nop unreachable))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let error = instance.get_typed_func::<(), ()>(&mut store, "tick")?.call(&mut store, ()).unwrap_err();
/// let frame = &error.downcast_ref::<WasmBacktrace>().unwrap().frames()[0];
/// assert!(Module::same(frame.module(), &module));
/// assert_eq!((frame.func_index(), frame.func_name()), (0, Some("graze")));
/// // Behind the number of locals and `nop`, each a byte.
/// assert_eq!(frame.func_offset(), Some(2));
/// for symbol in frame.symbols() {
///     println!("{:?} {:?}:{:?}:{:?}", symbol.name(), symbol.file(), symbol.line(), symbol.column());
/// }
/// # Ok(())
/// # }
/// ```
pub struct FrameInfo {
    module: Module,
    func: FuncIndex,
    module_offset: Option<u32>,
    /// Looked up when they are first asked for.
    symbols: OnceLock<Vec<FrameSymbol>>,
}

impl WasmBacktrace {
    /// The backtrace of a guest that has stopped in the frame `fp`, just before `pc`; `None` if backtraces are
    /// disabled.
    pub(in crate::vm) fn of_stopped(store: &StoreCore, pc: usize, fp: usize) -> Option<WasmBacktrace> {
        let limit = store.engine.core.config.backtrace_max_frames?;
        Some(WasmBacktrace::of(store.frames_from(pc, fp), limit))
    }

    /// The backtrace of the guest that waits for a host function or for fuel; empty if no guest waits.
    pub(crate) fn of_waiting(store: &StoreCore, limit: NonZeroUsize) -> WasmBacktrace {
        WasmBacktrace::of(store.waiting_frames(), limit)
    }

    fn of(frames: GuestFrames<'_>, limit: NonZeroUsize) -> WasmBacktrace {
        let mut backtrace = WasmBacktrace::empty();
        // A frame's instruction ends where the frame continues.
        for frame in frames.flat_map(|frame| frames_at(frame.pc - 1)) {
            if backtrace.frames.len() == limit.get() {
                backtrace.truncated = true;
                break;
            }
            backtrace.frames.push(frame);
        }
        backtrace
    }

    /// A backtrace without guest code.
    pub(crate) fn empty() -> WasmBacktrace {
        WasmBacktrace { frames: Vec::new(), truncated: false }
    }

    /// The functions, innermost first: at most as many as
    /// [`Config::wasm_backtrace_max_frames`](crate::Config::wasm_backtrace_max_frames) says.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let engine = Engine::new(Config::new().wasm_backtrace_max_frames(std::num::NonZeroUsize::new(3)))?;
    /// let module = Module::new(&engine, r#"(module
    ///     (func $dig (export "dig") (param i32)
    ///         (if (i32.eqz (local.get 0)) (then unreachable))
    ///         (call $dig (i32.sub (local.get 0) (i32.const 1)))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let dig = instance.get_typed_func::<i32, ()>(&mut store, "dig")?;
    /// let frames = |error: Error| error.downcast_ref::<WasmBacktrace>().map(|backtrace| backtrace.frames().len());
    /// assert_eq!(dig.call(&mut store, 1).map_err(frames), Err(Some(2)));
    /// assert_eq!(dig.call(&mut store, 100).map_err(frames), Err(Some(3)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }
}

/// The functions at an address: one, or one and what it was inlined into. None for trampolines and stubs.
fn frames_at(pc: usize) -> impl Iterator<Item = FrameInfo> {
    let found = registry::lookup(pc, |described, offset| {
        let defined = described.code.function_at(offset)?;
        Some((defined, described.code.location_at(offset), Module::of(described)?))
    });
    let frames = found.flatten().map(|(defined, place, module)| {
        let imported = module.core.info.imported_funcs;
        let frame = |defined: usize, module_offset| FrameInfo {
            module: module.clone(),
            func: FuncIndex((imported + defined) as u32),
            module_offset,
            symbols: OnceLock::new(),
        };
        match place {
            Some(CodeLocation { wasm_offset, call: call @ Some(_) }) => {
                let starts = &module.core.info.body_starts;
                let inlined = starts.partition_point(|start| *start <= wasm_offset) - 1;
                [Some(frame(inlined, Some(wasm_offset))), Some(frame(defined, call))]
            }
            place => [Some(frame(defined, place.map(|place| place.wasm_offset))), None],
        }
    });
    frames.into_iter().flatten().flatten()
}

impl FrameInfo {
    /// The function's index in its module.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (import "host" "log" (func)) (func) (func (export "tick") unreachable))"#)?;
    /// let log = Func::wrap(&mut store, || ());
    /// let instance = Instance::new(&mut store, &module, &[log.into()])?;
    /// let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
    /// let error = tick.call(&mut store, ()).unwrap_err();
    /// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
    /// assert_eq!(backtrace.frames()[0].func_index(), 2); // imported functions come first
    /// # anyhow::Ok(())
    /// ```
    pub fn func_index(&self) -> u32 {
        self.func.0
    }

    /// The module that the function belongs to.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module $wolves (func (export "tick") unreachable))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
    /// let error = tick.call(&mut store, ()).unwrap_err();
    /// // This says which of the mods that call each other it was.
    /// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
    /// assert_eq!(backtrace.frames()[0].module().name(), Some("wolves"));
    /// # anyhow::Ok(())
    /// ```
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The function's name, if the module has one for it. It is not demangled; displaying the backtrace does that.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (func unreachable) (func $tick (export "tick") (call 0)))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
    /// let error = tick.call(&mut store, ()).unwrap_err();
    /// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
    /// let names: Vec<_> = backtrace.frames().iter().map(|frame| frame.func_name()).collect();
    /// assert_eq!(names, [None, Some("tick")]);
    /// # anyhow::Ok(())
    /// ```
    pub fn func_name(&self) -> Option<&str> {
        self.module.core.info.func_name(self.func)
    }

    /// Where in the module the function was, in bytes from the module's start; `None` if its machine code
    /// belongs to no operator.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # let mut store = Store::new(&Engine::default(), ());
    /// let binary = b"\0asm\x01\0\0\0\
    ///     \x01\x04\x01\x60\0\0\
    ///     \x03\x02\x01\0\
    ///     \x07\x05\x01\x01f\0\0\
    ///     \x0a\x06\x01\x04\0\x01\0\x0b";
    /// let module = Module::new(store.engine(), binary)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let error = instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ()).unwrap_err();
    /// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
    /// let offset = backtrace.frames()[0].module_offset().expect("an operator has trapped");
    /// assert_eq!(binary[offset], 0x00); // `unreachable`
    /// assert_eq!(offset, binary.len() - 2);
    /// # anyhow::Ok(())
    /// ```
    pub fn module_offset(&self) -> Option<usize> {
        Some(self.module_offset? as usize)
    }

    /// Where in its body the function was, in bytes from the body's start; `None` as for
    /// [`FrameInfo::module_offset`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module (func (export "tick") nop nop unreachable))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
    /// let error = tick.call(&mut store, ()).unwrap_err();
    /// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
    /// // Behind the number of locals and two operators, each a byte: the same wherever the function is in the module.
    /// assert_eq!(backtrace.frames()[0].func_offset(), Some(3));
    /// # anyhow::Ok(())
    /// ```
    pub fn func_offset(&self) -> Option<usize> {
        let info = &self.module.core.info;
        let start = info.body_starts[self.func.index() - info.imported_funcs];
        Some(self.module_offset?.checked_sub(start)? as usize)
    }

    /// The functions of the source that were active here, innermost first: several if the compiler has inlined some.
    /// Empty if the module has no debug information for the place, if that is damaged, and with
    /// [`WasmBacktraceDetails::Disable`](crate::WasmBacktraceDetails::Disable).
    ///
    /// The first call reads the module's debug information, which can take some milliseconds.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # let mut store = Store::new(&Engine::default(), ());
    /// # let module = Module::from_file(store.engine(), "src/vm/code/dwarf/meadow.wat")?;
    /// // A module that was compiled from `meadow.rs`, with debug information.
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
    /// let error = tick.call(&mut store, ()).unwrap_err();
    /// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
    /// let places = backtrace.frames().iter().flat_map(|frame| frame.symbols());
    /// let places: Vec<_> = places.map(|symbol| (symbol.file(), symbol.line())).collect();
    /// assert_eq!(places, [(Some("meadow.rs"), Some(7))]);
    /// # anyhow::Ok(())
    /// ```
    pub fn symbols(&self) -> &[FrameSymbol] {
        self.symbols.get_or_init(|| {
            let core = &self.module.core;
            match self.module_offset() {
                Some(offset) if core.engine.core.config.backtrace_details => {
                    core.debug_info.symbols(&core.info, &core.bytes, offset)
                }
                _ => Vec::new(),
            }
        })
    }
}

impl fmt::Debug for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameInfo")
            .field("module", &self.module.core.info.names.module)
            .field("func_index", &self.func.0)
            .field("func_name", &self.func_name())
            .field("module_offset", &self.module_offset)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error while executing at wasm backtrace:")?;
        for (at, frame) in self.frames.iter().enumerate() {
            write!(f, "\n{at:>3}: ")?;
            show_frame(f, frame)?;
        }
        if self.truncated {
            write!(f, "\n  ... and more, which are not shown")?;
        }
        Ok(())
    }
}

/// One frame as the backtrace shows it, without its number: the place in the module, the demangled names, then file and line
/// if the module has them.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"(module $wolves (func $hunt (export "tick") unreachable))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
/// let error = tick.call(&mut store, ()).unwrap_err();
/// let backtrace: &WasmBacktrace = error.downcast_ref().expect("it has one");
/// assert!(backtrace.frames()[0].to_string().ends_with(" - wolves!hunt"));
/// # anyhow::Ok(())
/// ```
impl fmt::Display for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show_frame(f, self)
    }
}

/// `0x1a2 - module!function`, then its file and line, then what it was inlined into.
fn show_frame(f: &mut fmt::Formatter<'_>, frame: &FrameInfo) -> fmt::Result {
    if let Some(offset) = frame.module_offset {
        write!(f, "{offset:#x} - ")?;
    }
    let module = frame.module.core.info.names.module.as_deref();
    write!(f, "{}!", Readable(module.unwrap_or("<module>")))?;
    let Some((outermost, inlined)) = frame.symbols().split_last() else { return show_name(f, frame) };
    for symbol in inlined {
        write!(f, "{}", Readable(symbol.name().unwrap_or("<unnamed>")))?;
        show_place(f, symbol)?;
        write!(f, "\n     inlined into ")?;
    }
    show_name(f, frame)?;
    show_place(f, outermost)
}

/// The name section's name is preferred: partial debug information has no name or a shorter one.
fn show_name(f: &mut fmt::Formatter<'_>, frame: &FrameInfo) -> fmt::Result {
    let outermost = frame.symbols().last();
    match frame.func_name().or(outermost.and_then(FrameSymbol::name)) {
        Some(name) => write!(f, "{}", Readable(name)),
        None => write!(f, "<wasm function {}>", frame.func.0),
    }
}

fn show_place(f: &mut fmt::Formatter<'_>, symbol: &FrameSymbol) -> fmt::Result {
    let Some(file) = symbol.file() else { return Ok(()) };
    write!(f, "\n      at {}", Readable(file))?;
    let numbers = [symbol.line(), symbol.line().and(symbol.column())];
    numbers.into_iter().flatten().try_for_each(|number| write!(f, ":{number}"))
}
