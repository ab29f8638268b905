//! Linear memories of a store.

use crate::api::stores::context::{
    AsContext, AsContextMut, StoreContext, StoreContextMut, assert_owned, owned_by,
};
use crate::base::error::{MemoryAccessError, StoreError};
use crate::base::types::{MemoryType, PAGE_SIZE};
use crate::vm::store::indices::{StoreId, StoreMemory};

/// A linear memory of a store.
///
/// Functions that cannot fail otherwise panic if the memory belongs to another store.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), 0);
/// let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
/// memory.write(&mut store, 10, b"meadow")?;
/// let mut read = [0; 6];
/// memory.read(&store, 10, &mut read)?;
/// assert_eq!(&read, b"meadow");
/// assert_eq!(memory.read(&store, 65_531, &mut read), Err(MemoryAccessError));
///
/// assert_eq!(memory.grow(&mut store, 1)?, 1);
/// assert!(memory.grow(&mut store, 1).is_err());
/// assert_eq!((memory.size(&store), memory.data_size(&store)), (2, 131_072));
/// assert_eq!((memory.page_size(&store), memory.page_size_log2(&store)), (65_536, 16));
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    pub(in crate::api) store: StoreId,
    pub(in crate::api) index: StoreMemory,
}

impl Memory {
    pub(in crate::api) fn from_index(store: StoreId, index: StoreMemory) -> Memory {
        Memory { store, index }
    }

    /// A new memory of the type's minimum size.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), StoreLimitsBuilder::new().memory_size(1 << 20).build());
    /// store.limiter(|limits| limits);
    /// let memory = Memory::new(&mut store, MemoryType::new(16, None))?;
    /// assert!(memory.data(&store).iter().all(|byte| *byte == 0));
    /// assert!(Memory::new(&mut store, MemoryType::new(17, None)).is_err()); // more than a MiB
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The store's limits or the operating system refuse.
    pub fn new(mut store: impl AsContextMut, ty: MemoryType) -> anyhow::Result<Memory> {
        let core = store.as_context_mut().core;
        Ok(Memory { store: core.id(), index: core.add_memory(ty, None)? })
    }

    /// The memory's type as it was declared, which growing does not change.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, Some(4)))?;
    /// memory.grow(&mut store, 2)?;
    /// assert_eq!(memory.ty(&store), MemoryType::new(1, Some(4)));
    /// assert_eq!(memory.size(&store), 3);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> MemoryType {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        store.core.memory(self.index).ty().clone()
    }

    /// Fills `buffer` with bytes of the memory from `offset` on.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (memory (export "memory") 1) (data (i32.const 8) "\2a\00\00\00"))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let memory = instance.get_memory(&mut store, "memory").ok_or_else(|| format_err!("it has no memory"))?;
    /// let mut number = [0; 4];
    /// memory.read(&store, 8, &mut number)?;
    /// assert_eq!(u32::from_le_bytes(number), 42);
    /// assert_eq!(memory.read(&store, usize::MAX, &mut number), Err(MemoryAccessError));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The range is not entirely within the memory; nothing is copied.
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn read(
        &self,
        store: impl AsContext,
        offset: usize,
        buffer: &mut [u8],
    ) -> Result<(), MemoryAccessError> {
        let store = store.as_context();
        let bytes = self.data(&store).get(offset..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or(MemoryAccessError)?);
        Ok(())
    }

    /// Copies all of `buffer` to the memory at `offset`.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// memory.write(&mut store, 8, &42_u32.to_le_bytes())?;
    /// assert_eq!(memory.data(&store)[8..12], [42, 0, 0, 0]);
    /// // Only two bytes would fit, so none is written.
    /// assert_eq!(memory.write(&mut store, 0xfffe, b"hay"), Err(MemoryAccessError));
    /// assert_eq!(memory.data(&store)[0xfffe..], [0, 0]);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The range is not entirely within the memory; nothing is copied.
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn write(
        &self,
        mut store: impl AsContextMut,
        offset: usize,
        buffer: &[u8],
    ) -> Result<(), MemoryAccessError> {
        let mut store = store.as_context_mut();
        let bytes = self.data_mut(&mut store).get_mut(offset..);
        let bytes = bytes.and_then(|rest| rest.get_mut(..buffer.len()));
        bytes.ok_or(MemoryAccessError)?.copy_from_slice(buffer);
        Ok(())
    }

    /// All bytes of the memory. The store is borrowed as long as they are used.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// memory.data_mut(&mut store)[..3].copy_from_slice(b"hay");
    /// assert_eq!(&memory.data(&store)[..3], b"hay");
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn data<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        let store = store.into();
        assert_owned(store.core, self.store);
        store.core.memory(self.index).data()
    }

    /// All bytes of the memory, mutably.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// for cell in memory.data_mut(&mut store).chunks_exact_mut(4) {
    ///     cell.copy_from_slice(&7_u32.to_le_bytes());
    /// }
    /// assert_eq!(memory.data(&store)[65_532..], [7, 0, 0, 0]);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn data_mut<'a, T: 'static>(&self, store: impl Into<StoreContextMut<'a, T>>) -> &'a mut [u8] {
        let store = store.into();
        assert_owned(store.core, self.store);
        store.core.memory_mut(self.index).data_mut()
    }

    /// All bytes of the memory and the host's data, side by side.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), 7);
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// let (bytes, data) = memory.data_and_store_mut(&mut store);
    /// bytes[0] = *data;
    /// *data += bytes[0];
    /// assert_eq!(*store.data(), 14);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn data_and_store_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        let store = store.into();
        assert_owned(store.core, self.store);
        let (bytes, data) = store.core.memory_and_data(self.index);
        (bytes, data.get_mut())
    }

    /// The size in bytes.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(2, None))?;
    /// assert_eq!(memory.data_size(&store), 131_072);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn data_size(&self, store: impl AsContext) -> usize {
        let store = store.as_context();
        self.data(&store).len()
    }

    /// The size in pages.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(2, None))?;
    /// memory.grow(&mut store, 3)?;
    /// assert_eq!(memory.size(&store), 5);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.data_size(store) as u64 / PAGE_SIZE
    }

    /// The size of a page in bytes.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(2, None))?;
    /// assert_eq!(memory.page_size(&store) * memory.size(&store), memory.data_size(&store) as u64);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn page_size(&self, store: impl AsContext) -> u64 {
        self.ty(store).page_size()
    }

    /// The size of a page in bytes, as a power of two.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// let page_of = |address: u32| address >> memory.page_size_log2(&store);
    /// assert_eq!((page_of(65_535), page_of(65_536)), (0, 1));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn page_size_log2(&self, store: impl AsContext) -> u8 {
        self.ty(store).page_size_log2()
    }

    /// The address of the memory's bytes. Growing may move them; the host is responsible for what it reads and writes
    /// through the pointer.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// assert_eq!(memory.data_ptr(&store).cast_const(), memory.data(&store).as_ptr());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn data_ptr(&self, store: impl AsContext) -> *mut u8 {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        store.core.memory(self.index).base()
    }

    /// Grows the memory by `delta` pages and returns its old size in pages.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, Some(3)))?;
    /// assert_eq!(memory.grow(&mut store, 1)?, 1);
    /// assert_eq!(memory.grow(&mut store, 0)?, 2); // how many there are
    /// assert!(memory.grow(&mut store, 2).is_err());
    /// assert_eq!(memory.size(&store), 2);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The maximum, the store's limits or the operating system forbid it; the memory belongs to another store.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64) -> anyhow::Result<u64> {
        let core = store.as_context_mut().core;
        owned_by(core, self.store)?;
        let grown = core.grow_memory(self.index, delta)?;
        Ok(grown.ok_or(StoreError::LimitExceeded("memory size"))?)
    }
}
