//! The type of a linear memory, whose minimum and maximum are known to be in order.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::range::{fmt_range, is_within};

/// The type of a linear memory: its limits, in pages of 64 KiB.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let ty = MemoryType::new(1, Some(16));
/// assert_eq!((ty.minimum(), ty.maximum()), (1, Some(16)));
/// assert_eq!((ty.page_size(), ty.page_size_log2()), (65_536, 16));
/// assert!(!ty.is_64() && !ty.is_shared());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemoryType {
    minimum: u64,
    maximum: Option<u64>,
}

/// The size of a page of linear memory, in bytes.
pub const PAGE_SIZE: u64 = 65_536;

/// The most pages that a 32-bit memory can have.
pub const MAX_PAGES: u64 = 65_536;

impl MemoryType {
    /// A memory's type from its limits, in pages.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // From one page of 64 KiB to a MiB.
    /// let ty = MemoryType::new(1, Some(16));
    /// let module = Module::new(&Engine::default(), r#"(module (memory (export "memory") 1 16))"#)?;
    /// assert_eq!(module.get_export("memory"), Some(ty.into()));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The limits are not in order, or beyond 65,536 pages. [`MemoryTypeBuilder`] returns an error instead.
    pub fn new(minimum: u32, maximum: Option<u32>) -> MemoryType {
        let mut builder = MemoryTypeBuilder::default();
        let built = builder.min(minimum.into()).max(maximum.map(u64::from)).build();
        built.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The least number of pages.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module (memory (export "memory") 3))"#)?;
    /// let ty = module.get_export("memory").ok_or_else(|| format_err!("the mod exports no memory"))?;
    /// let ty = ty.unwrap_memory();
    /// assert_eq!(ty.minimum() * ty.page_size(), 196_608); // bytes
    /// # anyhow::Ok(())
    /// ```
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// The greatest number of pages, if there is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module (memory (export "memory") 1))"#)?;
    /// // A memory without a maximum may grow up to 4 GiB, if the store's limits allow it.
    /// assert_eq!(module.get_export("memory").and_then(|ty| ty.unwrap_memory().maximum()), None);
    /// # anyhow::Ok(())
    /// ```
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }

    /// Whether its addresses have 64 bits. Such memories are not supported yet.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let error = Module::new(&Engine::default(), "(module (memory i64 1))").unwrap_err();
    /// assert!(error.is::<InvalidModule>());
    /// assert!(!MemoryType::new(1, None).is_64());
    /// ```
    pub fn is_64(&self) -> bool {
        false
    }

    /// Whether threads can share it. Such memories are not supported yet.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let error = Module::new(&Engine::default(), "(module (memory 1 1 shared))").unwrap_err();
    /// assert!(error.is::<InvalidModule>());
    /// assert!(!MemoryType::new(1, None).is_shared());
    /// ```
    pub fn is_shared(&self) -> bool {
        false
    }

    /// The size of a page in bytes.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let pages_for = |bytes: u64, ty: &MemoryType| bytes.div_ceil(ty.page_size());
    /// assert_eq!(pages_for(100_000, &MemoryType::new(0, None)), 2);
    /// ```
    pub fn page_size(&self) -> u64 {
        PAGE_SIZE
    }

    /// The size of a page in bytes, as a power of two.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let ty = MemoryType::new(0, None);
    /// assert_eq!(1 << ty.page_size_log2(), ty.page_size());
    /// ```
    pub fn page_size_log2(&self) -> u8 {
        PAGE_SIZE.ilog2() as u8
    }

    /// The same type with the current number of pages as its minimum.
    pub(crate) fn with_minimum(&self, minimum: u64) -> MemoryType {
        MemoryType { minimum, ..*self }
    }

    pub(super) fn matches(&self, wanted: &MemoryType) -> bool {
        self.minimum >= wanted.minimum && is_within(self.maximum, wanted.maximum)
    }
}

/// Builds a [`MemoryType`] whose limits are not known to be in order.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let ty = MemoryTypeBuilder::default().min(2).max(Some(4)).build()?;
/// assert_eq!(ty, MemoryType::new(2, Some(4)));
/// assert!(MemoryTypeBuilder::default().min(5).max(Some(4)).build().is_err());
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryTypeBuilder {
    minimum: u64,
    maximum: Option<u64>,
}

impl MemoryTypeBuilder {
    /// The least number of pages: 0 unless it is set.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let ty = MemoryTypeBuilder::default().min(2).build()?;
    /// assert_eq!(ty, MemoryType::new(2, None));
    /// # anyhow::Ok(())
    /// ```
    pub fn min(&mut self, minimum: u64) -> &mut MemoryTypeBuilder {
        self.minimum = minimum;
        self
    }

    /// The greatest number of pages: no maximum unless it is set.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut builder = MemoryTypeBuilder::default();
    /// assert!(builder.max(Some(65_536)).build().is_ok()); // 4 GiB
    /// assert!(builder.max(Some(65_537)).build().is_err());
    /// ```
    pub fn max(&mut self, maximum: Option<u64>) -> &mut MemoryTypeBuilder {
        self.maximum = maximum;
        self
    }

    /// The type.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // Limits from a file, which may be in the wrong order.
    /// let limits = |minimum, maximum| MemoryTypeBuilder::default().min(minimum).max(Some(maximum)).build();
    /// assert_eq!(limits(1, 4)?, MemoryType::new(1, Some(4)));
    /// assert!(limits(4, 1).is_err());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The limits are not in order, or beyond 65,536 pages.
    pub fn build(&self) -> anyhow::Result<MemoryType> {
        let (minimum, maximum) = (self.minimum, self.maximum);
        let greatest = maximum.unwrap_or(MAX_PAGES);
        anyhow::ensure!(
            minimum <= greatest && greatest <= MAX_PAGES,
            "a memory of {minimum} to {greatest} pages: limits must be in order and at most {MAX_PAGES}"
        );
        Ok(MemoryType { minimum, maximum })
    }
}

impl fmt::Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory with pages ")?;
        fmt_range(f, self.minimum, self.maximum)
    }
}
