//! Settings of an engine. Each setting has an effect; all are fixed when the engine is made.

mod choices;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cache::{CacheStore, ModuleCache};
use super::limits::stack::LEAST_HOST_STACK;

pub use choices::{OptLevel, WasmBacktraceDetails};

/// Settings of an [`Engine`](crate::Engine).
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut config = Config::new();
/// config.consume_fuel(true).max_wasm_stack(256 << 10);
/// let engine = Engine::new(&config)?;
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    pub(crate) consume_fuel: bool,
    pub(crate) max_wasm_stack: usize,
    pub(crate) host_stack_reserve: usize,
    pub(crate) async_stack_size: Option<usize>,
    pub(crate) memory_reservation: u64,
    pub(crate) memory_guard_size: u64,
    pub(crate) signals_based_traps: bool,
    pub(crate) max_unused_warm_slots: u32,
    pub(crate) linear_memory_keep_resident: usize,
    pub(crate) opt_level: OptLevel,
    pub(crate) nan_canonicalization: bool,
    pub(crate) native_features: bool,
    pub(crate) backtrace_max_frames: Option<NonZeroUsize>,
    pub(crate) backtrace_details: bool,
    pub(crate) parallel_compilation: bool,
    pub(crate) clif_dir: Option<PathBuf>,
    pub(crate) module_cache: Option<ModuleCache>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            consume_fuel: false,
            max_wasm_stack: 1 << 20,
            host_stack_reserve: 512 << 10,
            async_stack_size: None,
            memory_reservation: 4 << 30,
            memory_guard_size: 32 << 20,
            signals_based_traps: true,
            max_unused_warm_slots: 100,
            linear_memory_keep_resident: 64 << 10,
            opt_level: OptLevel::Speed,
            nan_canonicalization: false,
            native_features: true,
            backtrace_max_frames: NonZeroUsize::new(20),
            backtrace_details: true,
            parallel_compilation: true,
            clif_dir: None,
            module_cache: None,
        }
    }
}

impl Config {
    /// The default settings: no fuel, 1 MiB of guest stack, 4 GiB reserved for each memory.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(Config::new(), Config::default());
    /// assert!(Store::new(&Engine::new(&Config::new())?, ()).get_fuel().is_err()); // fuel is not counted
    /// # anyhow::Ok(())
    /// ```
    pub fn new() -> Config {
        Config::default()
    }

    /// Whether fuel is counted. Off by default. If it is on, a store starts without fuel.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::new(Config::new().consume_fuel(true))?;
    /// let module = Module::new(&engine, r#"(module (func (export "spin") (loop (br 0))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    /// store.set_fuel(10_000)?;
    /// let error = spin.call(&mut store, ()).unwrap_err();
    /// assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    /// # anyhow::Ok(())
    /// ```
    pub fn consume_fuel(&mut self, enable: bool) -> &mut Config {
        self.consume_fuel = enable;
        self
    }

    /// The stack that WebAssembly may use, in bytes: 1 MiB by default. A call that needs more ends in
    /// [`Trap::StackOverflow`](crate::Trap::StackOverflow).
    ///
    /// The bytes are counted, not measured, so that calls nest equally deep on every machine, however code is compiled and
    /// wherever it runs. A function takes 64 bytes; plus 8 for each parameter and each local that it uses, or 16 if that is
    /// a float or a vector; plus 16 for each operand, where most of them are on the operand stack at once. A function that
    /// calls nothing and would take no more than 1,024 bytes takes none. A call that a host function makes while guest code
    /// waits for it takes 4,096 bytes. What is left is shared by all stores whose guests wait on the thread.
    ///
    /// On the machine's stack almost all functions take less. A store in which functions of a module take more needs a
    /// stack that is larger by the same factor, up to 64; a function that takes even more is refused when it is compiled.
    /// If a thread has less than that left, plus 64 KiB and [`Config::host_stack_reserve`], a call runs on a stack of its
    /// own, which is only address space until it is used.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let depth = |bytes| -> Result<u32> {
    ///     let engine = Engine::new(Config::new().max_wasm_stack(bytes))?;
    ///     let module = Module::new(&engine, r#"(module
    ///         (global $depth (export "depth") (mut i32) (i32.const 0))
    ///         (func $deeper (export "run")
    ///             (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    ///             (call $deeper)))"#)?;
    ///     let mut store = Store::new(&engine, ());
    ///     let instance = Instance::new(&mut store, &module, &[])?;
    ///     let error = instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ()).unwrap_err();
    ///     assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
    ///     let depth = instance.get_global(&mut store, "depth").and_then(|depth| depth.get(&mut store).i32());
    ///     Ok(depth.unwrap_or(0) as u32)
    /// };
    /// assert!(depth(256 << 10)? > 3 * depth(64 << 10)?);
    /// # anyhow::Ok(())
    /// ```
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Config {
        self.max_wasm_stack = bytes;
        self
    }

    /// The stack that host functions may rely on when a guest calls them, in bytes: 512 KiB by default, and at least
    /// 256 KiB. The runtime itself may need that much, most of it to show the backtrace of a mod whose names were made to
    /// be expensive. A resumable call runs on a stack of its own, which has this size in addition to the guest's.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let engine = Engine::new(Config::new().consume_fuel(true).host_stack_reserve(2 << 20))?;
    /// let mut store = Store::new(&engine, ());
    /// store.set_fuel(100)?;
    /// let deep = Func::wrap(&mut store, || {
    ///     let room = std::hint::black_box([1_u8; 1 << 20]); // a MiB of stack
    ///     i32::from(room[room.len() / 2])
    /// });
    /// let module = Module::new(&engine, r#"(module
    ///     (import "host" "deep" (func $deep (result i32)))
    ///     (func (export "run") (result i32) (call $deep)))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[deep.into()])?;
    /// let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
    /// assert!(matches!(run.call_resumable(&mut store, ())?, CallState::Finished(1)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn host_stack_reserve(&mut self, bytes: usize) -> &mut Config {
        self.host_stack_reserve = bytes.max(LEAST_HOST_STACK);
        self
    }

    /// The size of the stacks for calls that can be suspended, in bytes: the guest's, and below it what host functions may
    /// use. By default it is [`Config::max_wasm_stack`] plus [`Config::host_stack_reserve`].
    ///
    /// The part beyond `max_wasm_stack` is for host functions. The size is what they have at least, not how large the stack
    /// is: the stack is larger if less than 256 KiB would be left to them, and by 64 KiB or more where the guest's frames
    /// need it. Unused stack is only address space. An engine is refused if the size is less than `max_wasm_stack`.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut config = Config::new();
    /// config.max_wasm_stack(128 << 10).async_stack_size(512 << 10);
    /// assert!(Engine::new(&config).is_ok());
    /// // It must hold what guests may take.
    /// assert!(Engine::new(config.async_stack_size(64 << 10)).is_err());
    /// # anyhow::Ok(())
    /// ```
    pub fn async_stack_size(&mut self, bytes: usize) -> &mut Config {
        self.async_stack_size = Some(bytes);
        self
    }

    /// Does nothing: every engine can call functions asynchronously. Programs for older releases of wasmtime set it.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(*Config::new().async_support(true), Config::new());
    /// ```
    #[doc(hidden)]
    pub fn async_support(&mut self, _enable: bool) -> &mut Config {
        self
    }

    /// Address space reserved for each memory, in bytes: 4 GiB by default. With less, code checks every access, and growing
    /// may move the memory.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // Many small mods, where address space is scarce.
    /// let engine = Engine::new(Config::new().memory_reservation(1 << 20).memory_guard_size(64 << 10))?;
    /// let mut store = Store::new(&engine, ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// memory.write(&mut store, 0, b"hay")?;
    /// memory.grow(&mut store, 99)?; // beyond the reservation: elsewhere, with the same contents
    /// assert_eq!(&memory.data(&store)[..3], b"hay");
    /// # anyhow::Ok(())
    /// ```
    pub fn memory_reservation(&mut self, bytes: u64) -> &mut Config {
        self.memory_reservation = bytes;
        self
    }

    /// Unmapped address space behind each reservation, in bytes: 32 MiB by default. Code checks accesses with a constant
    /// offset beyond it. A guard of the same size lies in front of each reservation, which no access reaches unless the
    /// compiler is wrong.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::new(Config::new().memory_guard_size(64 << 10))?;
    /// let module = Module::new(&engine, r#"(module (memory 1)
    ///     (func (export "near") (drop (i32.load offset=0x1000 (i32.const -1))))
    ///     (func (export "far") (drop (i32.load offset=0x10000000 (i32.const -1)))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// for name in ["near", "far"] {
    ///     // By the guard or by a comparison: the trap is the same.
    ///     let error = instance.get_typed_func::<(), ()>(&mut store, name)?.call(&mut store, ()).unwrap_err();
    ///     assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
    /// }
    /// # anyhow::Ok(())
    /// ```
    pub fn memory_guard_size(&mut self, bytes: u64) -> &mut Config {
        self.memory_guard_size = bytes;
        self
    }

    /// Whether guest code may fault on purpose, which a signal handler then turns into a trap. True by default. The first
    /// engine of a process installs the handler. It forwards faults that are not a guest's, and signals sent from
    /// elsewhere, to the handler that was installed before. A thread whose signal stack is too small for the handler gets a
    /// larger one when it first runs a guest, and keeps it until it ends.
    ///
    /// If it is false, no handler is installed and guest code never faults: every memory access, every division and every
    /// conversion is compared with its bounds first. Guards are not used, and reservations only ensure that memories never
    /// move. Traps, fuel and results are the same. Code is larger, and slower: by a few percent where it computes, by a
    /// third where it works on memory, and by two thirds in loops that only load and store. The setting is for processes
    /// that use signals themselves, and for sanitizers.
    ///
    /// The end of the stack is then found by comparison only, after a function has made its frame. So 64 KiB more of each
    /// stack are kept free, and a module with a function whose frame is larger than that is refused.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::new(Config::new().signals_based_traps(false))?;
    /// let module = Module::new(&engine, r#"(module (memory 1)
    ///     (func (export "f") (drop (i32.load (i32.const -4)))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let error = instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ()).unwrap_err();
    /// assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
    /// # anyhow::Ok(())
    /// ```
    pub fn signals_based_traps(&mut self, enable: bool) -> &mut Config {
        self.signals_based_traps = enable;
        self
    }

    /// How many reservations of dropped memories the engine keeps for new memories, which then need no system call to map
    /// theirs: 100 by default. Each takes the address space of a reservation and its guards. With 0, every memory is mapped
    /// when it is made and unmapped when it is dropped.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let engine = Engine::new(Config::new().max_unused_warm_slots(8))?;
    /// let module = Module::new(&engine, r#"(module (memory (export "memory") 1) (data (i32.const 0) "new"))"#)?;
    /// for _ in 0..3 {
    ///     let mut store = Store::new(&engine, ());
    ///     let instance = Instance::new(&mut store, &module, &[])?;
    ///     let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
    ///     assert_eq!(&memory.data(&store)[..3], b"new"); // whatever was written before
    ///     memory.data_mut(&mut store).fill(b'x');
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn max_unused_warm_slots(&mut self, count: u32) -> &mut Config {
        self.max_unused_warm_slots = count;
        self
    }

    /// How much memory, in bytes, each of these reservations may keep: 64 KiB by default. Up to this size, the pages that
    /// the old memory has written to are cleared, so that the new memory need not wait for them; the others are returned to
    /// the system. The setting has an effect on Linux since 6.7; elsewhere all pages are returned.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // Ten thousand mods that are rarely loaded: spare memory is better used elsewhere.
    /// let engine = Engine::new(Config::new().linear_memory_keep_resident(0))?;
    /// # anyhow::Ok(())
    /// ```
    pub fn linear_memory_keep_resident(&mut self, bytes: usize) -> &mut Config {
        self.linear_memory_keep_resident = bytes;
        self
    }

    /// How much Cranelift optimises: for speed by default.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // Compiled code depends on the level: an engine of another level does not load it.
    /// let quick = Engine::new(Config::new().cranelift_opt_level(OptLevel::None))?;
    /// let written = quick.precompile_module(b"(module)")?;
    /// // SAFETY: the bytes are what `precompile_module` returned, unchanged.
    /// let error = unsafe { Module::deserialize(&Engine::default(), &written) }.unwrap_err();
    /// assert!(matches!(error.downcast_ref(), Some(DeserializeError::OtherSettings { .. })));
    /// # anyhow::Ok(())
    /// ```
    pub fn cranelift_opt_level(&mut self, level: OptLevel) -> &mut Config {
        self.opt_level = level;
        self
    }

    /// Whether NaNs that arithmetic makes are the canonical one, `0x7fc00000` or `0x7ff8000000000000`, on every machine:
    /// off by default. The specification leaves their bits open, and x86-64 and aarch64 differ. A NaN that is only
    /// moved keeps its bits; the host may pass in any.
    ///
    /// Only results whose bits can be seen are made canonical. Code that works on floats takes 1.0 to 1.35 times as long
    /// with this setting; if every result were made canonical, it would take 1.3 to 5 times as long.
    /// `cargo bench -p tinkerbox-wasm --bench nans` measures it.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let engine = Engine::new(Config::new().cranelift_nan_canonicalization(true))?;
    /// let module = Module::new(&engine, r#"(module
    ///     (func (export "sqrt") (param f64) (result f64) (f64.sqrt (local.get 0)))
    ///     (func (export "same") (param f64) (result f64) (local.get 0)))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let odd = f64::from_bits(0xfff8_0000_0000_dead);
    /// let sqrt = instance.get_typed_func::<f64, f64>(&mut store, "sqrt")?;
    /// assert_eq!(sqrt.call(&mut store, odd)?.to_bits(), 0x7ff8_0000_0000_0000);
    /// assert_eq!(sqrt.call(&mut store, -1.0)?.to_bits(), 0x7ff8_0000_0000_0000);
    /// let same = instance.get_typed_func::<f64, f64>(&mut store, "same")?;
    /// assert_eq!(same.call(&mut store, odd)?.to_bits(), odd.to_bits());
    /// # Ok(())
    /// # }
    /// ```
    pub fn cranelift_nan_canonicalization(&mut self, enable: bool) -> &mut Config {
        self.nan_canonicalization = enable;
        self
    }

    /// Whether code uses all features of this machine's processor: on by default. If it is off, code only uses features that
    /// every supported processor has: SSE4.1 on x86-64, ARMv8.0 on aarch64. Results, fuel and the depth of calls are the
    /// same; this setting allows a test to show it without another machine.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// for native in [true, false] {
    ///     let engine = Engine::new(Config::new().cranelift_native_features(native))?;
    ///     let module = Module::new(&engine, r#"(module
    ///         (func (export "ones") (param i64) (result i64) (i64.popcnt (local.get 0))))"#)?;
    ///     let mut store = Store::new(&engine, ());
    ///     let instance = Instance::new(&mut store, &module, &[])?;
    ///     assert_eq!(instance.get_typed_func::<i64, i64>(&mut store, "ones")?.call(&mut store, 7)?, 3);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn cranelift_native_features(&mut self, enable: bool) -> &mut Config {
        self.native_features = enable;
        self
    }

    /// How many functions the backtrace of an error has: 20 by default. With `None`, errors have no backtrace, and
    /// [`WasmBacktrace::capture`](crate::WasmBacktrace::capture) is empty.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let engine = Engine::new(Config::new().wasm_backtrace_max_frames(None))?;
    /// let module = Module::new(&engine, r#"(module (func (export "run") unreachable))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let error = instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ()).unwrap_err();
    /// assert!(error.is::<Trap>() && !error.is::<WasmBacktrace>());
    /// # Ok(())
    /// # }
    /// ```
    pub fn wasm_backtrace_max_frames(&mut self, limit: Option<NonZeroUsize>) -> &mut Config {
        self.backtrace_max_frames = limit;
        self
    }

    /// Whether backtraces have the files and lines from a module's debug information: on by default.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::new(Config::new().wasm_backtrace_details(WasmBacktraceDetails::Disable))?;
    /// # anyhow::Ok(())
    /// ```
    pub fn wasm_backtrace_details(&mut self, details: WasmBacktraceDetails) -> &mut Config {
        self.backtrace_details = match details {
            WasmBacktraceDetails::Enable => true,
            WasmBacktraceDetails::Disable => false,
            WasmBacktraceDetails::Environment => {
                std::env::var("WASMTIME_BACKTRACE_DETAILS").is_ok_and(|value| value == "1")
            }
        };
        self
    }

    /// Whether a module is compiled on all cores at once: on by default. If it is off, compiling takes longer and leaves the
    /// other cores to the game. The machine code is the same.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let quiet = Engine::new(Config::new().parallel_compilation(false))?;
    /// assert_eq!(quiet.precompile_module(b"(module)")?, Engine::default().precompile_module(b"(module)")?);
    /// # anyhow::Ok(())
    /// ```
    pub fn parallel_compilation(&mut self, enable: bool) -> &mut Config {
        self.parallel_compilation = enable;
        self
    }

    /// An existing folder for Cranelift's intermediate representation of each function that is compiled, after
    /// optimisation. The files are named after the functions' indices, `wasm[0]--function[7].clif`. Compiling fails if a
    /// file can't be written.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let folder = std::env::temp_dir();
    /// let engine = Engine::new(Config::new().emit_clif(&folder))?;
    /// Module::new(&engine, "(module (func (result i32) (i32.const 42)))")?;
    /// let clif = std::fs::read_to_string(folder.join("wasm[0]--function[0].clif"))?;
    /// assert!(clif.contains("iconst.i32 42"));
    /// # std::fs::remove_file(folder.join("wasm[0]--function[0].clif"))?;
    /// # anyhow::Ok(())
    /// ```
    pub fn emit_clif(&mut self, path: &Path) -> &mut Config {
        self.clif_dir = Some(path.to_path_buf());
        self
    }

    /// Where compiled modules are kept, so that no module is compiled that the store has: nowhere by default.
    /// [`CacheStore`] has an example, and says who has to be trusted.
    ///
    /// Whole modules are kept, under a hash of their bytes, of this runtime's version, of the target with its features, and of
    /// all settings that change code. While [`Config::emit_clif`] is set the store is not used.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn store() -> Option<std::sync::Arc<dyn CacheStore>> { None }
    /// let engine = Engine::new(Config::new().module_cache(store()))?;
    /// # anyhow::Ok(())
    /// ```
    pub fn module_cache(&mut self, store: Option<Arc<dyn CacheStore>>) -> &mut Config {
        self.module_cache = store.map(ModuleCache);
        self
    }
}
