//! From bytes to machine code.
//!
//! Pure: the same bytes and settings give the same [`Code`](join::Code), on any number of threads. It knows the layout that
//! machine code reads, but no store, no address and no operating system.
//!
//! The stages stand here in the order in which they run. Each names only the stages before it; this file drives them.
//!
//! ```text
//! bytes ─> parse ─> body ─────> inline ─> charges ─> translate ─> nans ─> Cranelift ─> stops ─> function ─> join ─> Code
//!          what it  validated,  small     where      Cranelift's  made    machine      fuel     Compiled    one
//!          declares priced,     functions fuel is    IR           canon-  code         stops    and its     block
//!                   counted                charged                 ical                          tables
//! ```
//!
//! `prices`, `target`, `signature`, `context` and `marks` are words that several stages share. Two more users stand at the
//! end: `trampoline` makes the way in and the way out of a signature, `artifact` writes compiled modules as bytes, and `cached` wraps those for a cache.

#![forbid(unsafe_code)]

pub mod parse;

pub mod prices;

pub mod body;

mod inline;

mod charges;

pub mod target;

mod signature;

mod context;

mod marks;
mod translate;

mod nans;

mod stops;

mod function;

pub mod join;

pub mod trampoline;

pub mod artifact;

pub mod cached;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::base::config::Config;
use crate::base::error::InvalidModule;
use crate::base::indices::FuncIndex;
use crate::base::layout::InstanceLayout;
use crate::base::module::ModuleInfo;

use self::body::CodegenMode;
use self::context::ModuleContext;
use self::function::{Compiled, FunctionCompiler, guarded};
use self::join::CompiledModule;
use self::parse::{Body, Parsed, features, format};
use self::target::Target;

/// Compiles a module.
///
/// # Errors
/// The module is malformed, invalid, too large, or uses a feature that is not supported; or the
/// compiler itself failed, which the message says.
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
    let mode = CodegenMode::new(info.mentions_collected(), config);
    let leaves = inline::leaves(&info, &bodies, mode);
    let spent = AtomicU64::new(0);
    let context = ModuleContext { info: &info, layout: &layout, config, target, mode, leaves, spent };
    let functions = compile_bodies(&context, bodies);
    context.check_spent()?;
    let mut functions = functions?;
    let first = info.imported_funcs as u32;
    let indices = (first..).map(FuncIndex);
    let clif = indices.zip(&mut functions).filter_map(|(func, function)| Some((func, function.clif.take()?)));
    let clif = clif.collect();
    let code = join::join(functions, FuncIndex(first))?;
    Ok(CompiledModule { info, layout, code, clif })
}

/// Reads what a module declares. Refusals are explained as by [`compile`].
///
/// # Errors
/// The declarations are malformed, invalid, beyond the limits, or use a feature that is not supported.
pub fn declarations(bytes: &[u8]) -> Result<ModuleInfo, InvalidModule> {
    format::expect_binary(bytes)?;
    let parsed = parse::parse(bytes).map_err(|error| features::explain(bytes, error))?;
    Ok(parsed.info)
}

/// The most fuel that calls of a module's own functions consume, in their order.
///
/// # Errors
/// The module is malformed, or its declarations are refused.
pub fn fuel_bounds(bytes: &[u8]) -> Result<Vec<body::FuelBound>, InvalidModule> {
    format::expect_binary(bytes)?;
    let bounds = || {
        let parsed = parse::parse(bytes)?;
        body::fuel_bounds(parsed.info.imported_funcs, &parsed.bodies)
    };
    bounds().map_err(|error| features::explain(bytes, error))
}

/// Validates a module as [`compile`] does, and compiles nothing.
///
/// # Errors
/// The module is malformed, invalid, too large, or uses a feature that is not supported.
pub fn validate(bytes: &[u8], config: &Config) -> Result<(), InvalidModule> {
    format::expect_binary(bytes)?;
    let validate = || {
        let Parsed { info, bodies } = parse::parse(bytes)?;
        layout(&info)?;
        body::validate_all(&info, bodies, CodegenMode::new(info.mentions_collected(), config))
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
        let mut compiler = FunctionCompiler::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(body) = work.get(at) else { break };
            let body = lock(body).take().expect("each index is handed out once");
            let result = guarded(|| compiler.compile(context, body));
            if result.is_err() {
                // Its scratch space may be left in the middle of a function.
                compiler = FunctionCompiler::default();
            }
            *lock(&slots[at]) = Some(result);
        }
    };
    let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let threads = if context.config.parallel_compilation { cores().min(work.len()) } else { 1 };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system refuses a thread, the other threads do its share.
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
