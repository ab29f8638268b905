//! What a mod's memory and tables may grow to, and what growing costs.
//!
//! The runtime asks it at each growth, where no fuel is at hand: what it costs is owed when the call has ended.

use tinkerbox_wasm::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};

use crate::prices::{self, Bill};

/// Elements of each of a mod's tables.
const TABLE_ELEMENTS_MAX: usize = 100_000;
const TABLES_MAX: usize = 8;
const PAGE_BYTES: usize = 64 << 10;

/// The limits of one instance.
pub(crate) struct Limits {
    limits: StoreLimits,
    memory_bytes: u64,
    /// Whether memory was refused in this tick: the mod's code can say little more than that it can't go on without.
    is_refused: bool,
    bill: Bill,
}

impl Limits {
    pub fn new(memory_bytes: u64) -> Limits {
        let limits = StoreLimitsBuilder::new()
            .memory_size(usize::try_from(memory_bytes).unwrap_or(usize::MAX))
            .table_elements(TABLE_ELEMENTS_MAX)
            .instances(1)
            .memories(1)
            .tables(TABLES_MAX)
            .build();
        Limits { limits, memory_bytes, is_refused: false, bill: Bill::default() }
    }

    /// Forgets that memory was refused.
    pub fn next_tick(&mut self) {
        self.is_refused = false;
    }

    /// The most memory that there may be, if some was refused in this tick.
    pub fn refused(&self) -> Option<u64> {
        self.is_refused.then_some(self.memory_bytes)
    }

    /// What was grown by, or tried, since it was asked last.
    #[inline]
    pub fn take_bill(&mut self) -> Bill {
        std::mem::take(&mut self.bill)
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> anyhow::Result<bool> {
        self.bill.add(prices::GROWTH);
        let is_allowed = self.limits.memory_growing(current, desired, maximum)?;
        if is_allowed && maximum.is_none_or(|most| desired <= most) {
            self.bill.each(desired.saturating_sub(current) / PAGE_BYTES, prices::PAGE);
        }
        self.is_refused |= !is_allowed;
        Ok(is_allowed)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> anyhow::Result<bool> {
        self.bill.add(prices::GROWTH);
        self.limits.table_growing(current, desired, maximum)
    }

    fn wants_grow_failures(&self) -> bool {
        self.limits.wants_grow_failures()
    }

    fn instances(&self) -> usize {
        self.limits.instances()
    }

    fn tables(&self) -> usize {
        self.limits.tables()
    }

    fn memories(&self) -> usize {
        self.limits.memories()
    }
}
