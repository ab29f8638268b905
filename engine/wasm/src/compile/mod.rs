//! From bytes to machine code: parse -> plan charges -> translate -> Cranelift -> join.
//!
//! Pure: the same bytes and settings give the same [`Code`], on any number of threads. It knows the
//! layout that machine code reads, but no store, no address and no operating system.

#![forbid(unsafe_code)]

pub mod artifact;
pub mod charges;
pub mod depth;
pub mod inline;
pub mod join;
pub mod parse;
pub mod prices;
pub mod signature;
pub mod stops;
pub mod target;
pub mod trampoline;
pub mod translate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::base::config::Config;
use crate::base::error::InvalidModule;
use crate::base::layout::InstanceLayout;
use crate::base::limits;
use crate::base::module::ModuleInfo;

use self::join::Code;
use self::parse::{Body, Parsed, features, format};
use self::target::Target;
use self::translate::{Compiled, Surroundings};

/// What all functions of a module are compiled against.
pub struct ModuleContext<'a> {
    pub info: &'a ModuleInfo,
    pub layout: &'a InstanceLayout,
    pub config: &'a Config,
    pub target: &'a Target,
    pub around: Surroundings,
    /// The functions that are inlined where they are called.
    pub leaves: inline::Leaves<'a>,
    /// What the functions checked so far take beyond what their size says.
    pub spent: AtomicU64,
}

impl ModuleContext<'_> {
    /// Counts what a function takes.
    ///
    /// # Errors
    /// It is too much for one module. Which functions get to know depends on the order of the threads, so they
    /// only need not be compiled: the module is refused by what all of them take.
    pub fn spend(&self, beyond_size: u64) -> Result<(), InvalidModule> {
        affordable(self.spent.fetch_add(beyond_size, Ordering::Relaxed) + beyond_size)
    }
}

fn affordable(spent: u64) -> Result<(), InvalidModule> {
    const LIMIT: u64 = limits::module::COMPILE_COST;
    if spent <= LIMIT {
        return Ok(());
    }
    let message = format!(
        "the functions of the module keep more than {LIMIT} values over calls and branches in all: split it"
    );
    Err(InvalidModule::new(message, None))
}

/// A compiled module: what it declares, how its instances are laid out, and its machine code.
pub struct CompiledModule {
    pub info: ModuleInfo,
    pub layout: InstanceLayout,
    pub code: Code,
    /// Each function in Cranelift's representation, with its index, where the settings ask for it.
    pub clif: Vec<(u32, String)>,
}

/// Compiles a module.
///
/// # Errors
/// The module is malformed, invalid, too large, or uses a feature that is not there; or the
/// compiler itself failed, which its message says.
pub fn compile(bytes: &[u8], config: &Config, target: &Target) -> Result<CompiledModule, InvalidModule> {
    format::expect_binary(bytes)?;
    compile_supported(bytes, config, target).map_err(|error| features::explain(bytes, error))
}

fn compile_supported(
    bytes: &[u8],
    config: &Config,
    target: &Target,
) -> Result<CompiledModule, InvalidModule> {
    let Parsed { info, bodies } = parse::parse(bytes)?;
    let layout = layout(&info)?;
    let around = Surroundings::new(info.mentions_collected(), config);
    let leaves = inline::leaves(&info, &bodies, around);
    let spent = AtomicU64::new(0);
    let context = ModuleContext { info: &info, layout: &layout, config, target, around, leaves, spent };
    let functions = compile_bodies(&context, bodies);
    affordable(context.spent.load(Ordering::Relaxed))?;
    let mut functions = functions?;
    let first = info.imported_funcs as u32;
    let clif = (first..).zip(&mut functions).filter_map(|(at, function)| Some((at, function.clif.take()?)));
    let clif = clif.collect();
    let code = join::join(functions, first)?;
    Ok(CompiledModule { info, layout, code, clif })
}

/// Reads what a module declares, and explains what it is refused for as [`compile`] does.
///
/// # Errors
/// The declarations are malformed, invalid, beyond the limits, or use a feature that is not there.
pub fn declarations(bytes: &[u8]) -> Result<ModuleInfo, InvalidModule> {
    format::expect_binary(bytes)?;
    let parsed = parse::parse(bytes).map_err(|error| features::explain(bytes, error))?;
    Ok(parsed.info)
}

/// Validates a module as [`compile`] does, and compiles nothing.
///
/// # Errors
/// The module is malformed, invalid, too large, or uses a feature that is not there.
pub fn validate(bytes: &[u8], config: &Config) -> Result<(), InvalidModule> {
    format::expect_binary(bytes)?;
    let validate = || {
        let Parsed { info, bodies } = parse::parse(bytes)?;
        layout(&info)?;
        translate::validate_all(&info, bodies, Surroundings::new(info.mentions_collected(), config))
    };
    validate().map_err(|error| features::explain(bytes, error))
}

fn layout(info: &ModuleInfo) -> Result<InstanceLayout, InvalidModule> {
    InstanceLayout::new(info)
        .ok_or_else(|| InvalidModule::new("the module declares too many globals, functions or tables", None))
}

/// Compiles all bodies, on all cores where the settings allow. The first failing function, by index, decides the error.
fn compile_bodies<'a>(
    context: &ModuleContext<'a>,
    bodies: Vec<Body<'a>>,
) -> Result<Vec<Compiled>, InvalidModule> {
    let slots: Vec<Mutex<Option<Result<Compiled, InvalidModule>>>> =
        bodies.iter().map(|_| Mutex::new(None)).collect();
    let work: Vec<Mutex<Option<Body<'a>>>> = bodies.into_iter().map(|body| Mutex::new(Some(body))).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        let mut compiler = translate::Compiler::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(body) = work.get(at) else { break };
            let body = lock(body).take().expect("each index is handed out once");
            let result = guarded(|| compiler.compile(context, body));
            if result.is_err() {
                // Its scratch space may be left in the middle of a function.
                compiler = translate::Compiler::default();
            }
            *lock(&slots[at]) = Some(result);
        }
    };
    let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let threads = if context.config.parallel_compilation { cores().min(work.len()) } else { 1 };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system refuses a thread, those that are there do its share.
            let _ = std::thread::Builder::new().spawn_scoped(scope, run);
        }
        run();
    });
    slots
        .into_iter()
        .map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner))
        .map(|result| result.expect("every body was compiled before the scope ended"))
        .collect()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A panic in the code generator is a refused module, not the end of the game.
fn guarded<R>(compile: impl FnOnce() -> Result<R, InvalidModule>) -> Result<R, InvalidModule> {
    catch_unwind(AssertUnwindSafe(compile)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(InvalidModule::new(format!("the compiler panicked: {message}"), None))
    })
}
