//! Settings that are one of several named choices.

/// How much Cranelift optimises.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let text = r#"(module (func (export "run") (result i32) (i32.add (i32.const 40) (i32.const 2))))"#;
/// for level in [OptLevel::None, OptLevel::Speed, OptLevel::SpeedAndSize] {
///     let mut store = Store::new(&Engine::new(Config::new().cranelift_opt_level(level))?, ());
///     let module = Module::new(store.engine(), text)?;
///     let instance = Instance::new(&mut store, &module, &[])?;
///     assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ())?, 42);
/// }
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OptLevel {
    /// Hardly at all.
    None,
    /// For speed of the produced code.
    Speed,
    /// For speed and size of the produced code.
    SpeedAndSize,
}

/// Whether backtraces have files and lines: for [`Config::wasm_backtrace_details`](crate::Config::wasm_backtrace_details).
///
/// ```
/// # use tinkerbox_wasm::*;
/// // Lines of code are of use to authors of mods, not to players.
/// let config = |is_author| {
///     let details = if is_author { WasmBacktraceDetails::Enable } else { WasmBacktraceDetails::Disable };
///     Config::new().wasm_backtrace_details(details).clone()
/// };
/// assert_eq!(config(true), Config::new()); // lines are on by default
/// assert_ne!(config(false), Config::new());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WasmBacktraceDetails {
    /// Backtraces have files and lines.
    Enable,
    /// Backtraces have only the names of functions. Debug information is never parsed.
    Disable,
    /// Backtraces have files and lines if the environment variable `WASMTIME_BACKTRACE_DETAILS` is `1` when this is set.
    Environment,
}
