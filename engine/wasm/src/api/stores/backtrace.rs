//! Backtraces that hosts capture. Those of errors are captured in `vm/`, where guests stop.

use std::num::NonZeroUsize;

use super::context::AsContext;
use crate::vm::store::calls::backtrace::WasmBacktrace;

impl WasmBacktrace {
    /// The functions that are active in a store now: within a host function, those through which it was called; between the
    /// steps of a suspended call, those that wait. Empty if no guest code waits.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let engine = Engine::default();
    /// let mut store = Store::new(&engine, Vec::new());
    /// let look = Func::wrap(&mut store, |mut caller: Caller<'_, Vec<String>>| {
    ///     let backtrace = WasmBacktrace::capture(&caller);
    ///     let names = backtrace.frames().iter().filter_map(|frame| frame.func_name());
    ///     *caller.data_mut() = names.map(String::from).collect();
    /// });
    /// let module = Module::new(&engine, r#"(module
    ///     (import "host" "look" (func $look))
    ///     (func $inner (call $look))
    ///     (func $outer (export "run") (call $inner)))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[look.into()])?;
    /// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
    /// assert_eq!(store.data(), &["inner", "outer"]);
    /// assert!(WasmBacktrace::capture(&store).frames().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn capture(store: impl AsContext) -> WasmBacktrace {
        let core = store.as_context().core;
        match core.engine.core.config.backtrace_max_frames {
            Some(limit) => WasmBacktrace::of_waiting(core, limit),
            None => WasmBacktrace::empty(),
        }
    }

    /// As [`WasmBacktrace::capture`], but with all functions, regardless of
    /// [`Config::wasm_backtrace_max_frames`](crate::Config::wasm_backtrace_max_frames).
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let engine = Engine::new(Config::new().wasm_backtrace_max_frames(None))?;
    /// let mut store = Store::new(&engine, ());
    /// let look = Func::wrap(&mut store, |caller: Caller<'_, ()>| {
    ///     assert_eq!(WasmBacktrace::capture(&caller).frames().len(), 0);
    ///     assert_eq!(WasmBacktrace::force_capture(&caller).frames().len(), 1);
    /// });
    /// let module = r#"(module (import "" "" (func $look)) (func (export "run") (call $look)))"#;
    /// let instance = Instance::new(&mut store, &Module::new(&engine, module)?, &[look.into()])?;
    /// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())
    /// # }
    /// ```
    pub fn force_capture(store: impl AsContext) -> WasmBacktrace {
        WasmBacktrace::of_waiting(store.as_context().core, NonZeroUsize::MAX)
    }
}
