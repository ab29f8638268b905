//! Limits that the host sets for a store: how far memories and tables may grow, and how many of each a store may have.

use super::limits::MOST_OF_A_KIND;

/// Decides about every growth of a store's memories and tables, and counts its parts.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (memory 1)
///     (func (export "grow") (result i32) (memory.grow (i32.const 9))))"#)?;
/// let limits = StoreLimitsBuilder::new().memory_size(2 << 16).build();
/// let mut store = Store::new(&engine, limits);
/// store.limiter(|limits| limits);
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let grow = instance.get_typed_func::<(), i32>(&mut store, "grow")?;
/// assert_eq!(grow.call(&mut store, ())?, -1);
/// # Ok(())
/// # }
/// ```
pub trait ResourceLimiter: Send {
    /// Whether a memory may grow from `current` to `desired` bytes. Also asked when the memory is created, with `current` 0.
    /// `maximum` is the memory's own; if `desired` is beyond it, the memory does not grow, whatever the answer. `Ok(false)`
    /// makes `memory.grow` return -1; an error ends the call.
    ///
    /// # Errors
    /// The guest's call or the instantiation ends with the error that the limiter returns.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> anyhow::Result<bool>;

    /// Called when a memory did not grow although it was allowed to, because of its own maximum.
    ///
    /// # Errors
    /// The error that the limiter returns ends the call, where `memory.grow` would return -1.
    fn memory_grow_failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        drop(error);
        Ok(())
    }

    /// Whether a table may grow from `current` to `desired` elements.
    ///
    /// # Errors
    /// As for memories.
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> anyhow::Result<bool>;

    /// Called when a table did not grow although it was allowed to, because of its own maximum.
    ///
    /// # Errors
    /// The error that the limiter returns ends the call, where `table.grow` would return -1.
    fn table_grow_failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        drop(error);
        Ok(())
    }

    /// Whether the limiter wants to be told of growth that failed because of a memory's or table's own maximum. Making the
    /// error takes about a hundred times as long as failing, and thousands of times as long if `RUST_BACKTRACE` is set,
    /// while the guest pays one unit of fuel for each attempt. [`StoreLimits`] only says yes if a failure ends the call.
    fn wants_grow_failures(&self) -> bool {
        true
    }

    /// The most instances in the store.
    fn instances(&self) -> usize {
        MOST_OF_A_KIND
    }

    /// The most tables in the store.
    fn tables(&self) -> usize {
        MOST_OF_A_KIND
    }

    /// The most memories in the store.
    fn memories(&self) -> usize {
        MOST_OF_A_KIND
    }
}

/// A [`ResourceLimiter`] with fixed limits, made by [`StoreLimitsBuilder`].
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), StoreLimits::default());
/// store.limiter(|limits| limits); // 10,000 instances, tables and memories
/// ```
#[derive(Clone, Debug)]
pub struct StoreLimits {
    memory_size: Option<usize>,
    table_elements: Option<usize>,
    instances: usize,
    tables: usize,
    memories: usize,
    trap_on_grow_failure: bool,
}

impl Default for StoreLimits {
    fn default() -> StoreLimits {
        StoreLimits {
            memory_size: None,
            table_elements: None,
            instances: MOST_OF_A_KIND,
            tables: MOST_OF_A_KIND,
            memories: MOST_OF_A_KIND,
            trap_on_grow_failure: false,
        }
    }
}

/// Builds [`StoreLimits`].
///
/// ```
/// # use tinkerbox_wasm::*;
/// let limits = StoreLimitsBuilder::new()
///     .memory_size(1 << 20)
///     .table_elements(1_000)
///     .instances(1)
///     .memories(1)
///     .tables(4)
///     .build();
/// let mut store = Store::new(&Engine::default(), limits);
/// store.limiter(|limits| limits);
/// assert!(Memory::new(&mut store, MemoryType::new(17, None)).is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct StoreLimitsBuilder(StoreLimits);

impl StoreLimitsBuilder {
    /// Only wasmtime's default limits: 10,000 instances, tables and memories.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), StoreLimitsBuilder::new().build());
    /// store.limiter(|limits| limits);
    /// assert!(Memory::new(&mut store, MemoryType::new(1_000, None)).is_ok()); // no limit to its size
    /// ```
    pub fn new() -> StoreLimitsBuilder {
        StoreLimitsBuilder::default()
    }

    /// The most bytes of each memory.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), StoreLimitsBuilder::new().memory_size(128 << 10).build());
    /// store.limiter(|limits| limits);
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// assert!(memory.grow(&mut store, 1).is_ok());
    /// assert!(memory.grow(&mut store, 1).is_err());
    /// // The limit applies to each memory, not to all together.
    /// assert!(Memory::new(&mut store, MemoryType::new(2, None)).is_ok());
    /// # anyhow::Ok(())
    /// ```
    pub fn memory_size(mut self, bytes: usize) -> StoreLimitsBuilder {
        self.0.memory_size = Some(bytes);
        self
    }

    /// The most elements of each table.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), StoreLimitsBuilder::new().table_elements(10).build());
    /// store.limiter(|limits| limits);
    /// let ty = TableType::new(RefType::FUNCREF, 8, None);
    /// let table = Table::new(&mut store, ty, Ref::Func(None))?;
    /// assert!(table.grow(&mut store, 3, Ref::Func(None)).is_err());
    /// assert!(table.grow(&mut store, 2, Ref::Func(None)).is_ok());
    /// # anyhow::Ok(())
    /// ```
    pub fn table_elements(mut self, elements: usize) -> StoreLimitsBuilder {
        self.0.table_elements = Some(elements);
        self
    }

    /// The most instances.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), StoreLimitsBuilder::new().instances(1).build());
    /// store.limiter(|limits| limits);
    /// let module = Module::new(store.engine(), "(module)")?;
    /// assert!(Instance::new(&mut store, &module, &[]).is_ok());
    /// assert!(Instance::new(&mut store, &module, &[]).is_err());
    /// # anyhow::Ok(())
    /// ```
    pub fn instances(mut self, count: usize) -> StoreLimitsBuilder {
        self.0.instances = count;
        self
    }

    /// The most tables.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), StoreLimitsBuilder::new().tables(1).build());
    /// store.limiter(|limits| limits);
    /// let module = Module::new(store.engine(), "(module (table 1 funcref) (table 1 funcref))")?;
    /// assert!(Instance::new(&mut store, &module, &[]).is_err());
    /// # anyhow::Ok(())
    /// ```
    pub fn tables(mut self, count: usize) -> StoreLimitsBuilder {
        self.0.tables = count;
        self
    }

    /// The most memories.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), StoreLimitsBuilder::new().memories(1).build());
    /// store.limiter(|limits| limits);
    /// assert!(Memory::new(&mut store, MemoryType::new(1, None)).is_ok());
    /// assert!(Memory::new(&mut store, MemoryType::new(1, None)).is_err());
    /// ```
    pub fn memories(mut self, count: usize) -> StoreLimitsBuilder {
        self.0.memories = count;
        self
    }

    /// Whether a `memory.grow` or `table.grow` that fails ends the call instead of returning -1, which many guests do not
    /// check.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module
    ///     (memory 1 2)
    ///     (func (export "grow") (result i32) (memory.grow (i32.const 9))))"#)?;
    /// let limits = StoreLimitsBuilder::new().trap_on_grow_failure(true).build();
    /// let mut store = Store::new(&engine, limits);
    /// store.limiter(|limits| limits);
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// assert!(instance.get_typed_func::<(), i32>(&mut store, "grow")?.call(&mut store, ()).is_err());
    /// # anyhow::Ok(())
    /// ```
    pub fn trap_on_grow_failure(mut self, trap: bool) -> StoreLimitsBuilder {
        self.0.trap_on_grow_failure = trap;
        self
    }

    /// The limits.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let limits: StoreLimits = StoreLimitsBuilder::new().memory_size(1 << 20).build();
    /// // Each store has a count of its own.
    /// for limits in [limits.clone(), limits] {
    ///     let mut store = Store::new(&Engine::default(), limits);
    ///     store.limiter(|limits| limits);
    ///     assert!(Memory::new(&mut store, MemoryType::new(16, None)).is_ok());
    /// }
    /// ```
    pub fn build(self) -> StoreLimits {
        self.0
    }
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> anyhow::Result<bool> {
        let allowed = self.memory_size.is_none_or(|limit| desired <= limit);
        anyhow::ensure!(allowed || !self.trap_on_grow_failure, "a memory may not grow to {desired} bytes");
        Ok(allowed)
    }

    fn memory_grow_failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        if self.trap_on_grow_failure { Err(error) } else { Ok(()) }
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> anyhow::Result<bool> {
        let allowed = self.table_elements.is_none_or(|limit| desired <= limit);
        anyhow::ensure!(allowed || !self.trap_on_grow_failure, "a table may not grow to {desired} elements");
        Ok(allowed)
    }

    fn table_grow_failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        if self.trap_on_grow_failure { Err(error) } else { Ok(()) }
    }

    fn wants_grow_failures(&self) -> bool {
        self.trap_on_grow_failure
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}
