//! How far a mod's memory and tables may grow, and what growing costs.
//!
//! The runtime asks at each growth, where no fuel can be taken: the price becomes a debt when the call has ended.

use tinkerbox_wasm::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};

use crate::limits::{PAGE_BYTES, TABLE_ELEMENTS_MAX, TABLES_MAX};
use crate::prices::{self, Bill};

/// The limits of one instance.
pub(crate) struct GrowthLimiter {
    limits: StoreLimits,
    memory_bytes: u64,
    /// Whether memory was refused in this tick: the code of a mod that fails for lack of memory seldom says so.
    is_refused: bool,
    bill: Bill,
}

impl GrowthLimiter {
    pub fn new(memory_bytes: u64) -> GrowthLimiter {
        let limits = StoreLimitsBuilder::new()
            .memory_size(usize::try_from(memory_bytes).unwrap_or(usize::MAX))
            .table_elements(TABLE_ELEMENTS_MAX)
            .instances(1)
            .memories(1)
            .tables(TABLES_MAX)
            .build();
        GrowthLimiter { limits, memory_bytes, is_refused: false, bill: Bill::default() }
    }

    /// Forgets that memory was refused.
    pub fn next_tick(&mut self) {
        self.is_refused = false;
    }

    /// The limit of the memory in bytes, if the mod asked for more in this tick.
    pub fn refused(&self) -> Option<u64> {
        self.is_refused.then_some(self.memory_bytes)
    }

    /// The price of all attempts to grow since this was last called.
    #[inline]
    pub fn take_bill(&mut self) -> Bill {
        std::mem::take(&mut self.bill)
    }
}

impl ResourceLimiter for GrowthLimiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> anyhow::Result<bool> {
        self.bill.add(prices::GROWTH);
        let is_allowed = self.limits.memory_growing(current, desired, maximum)?;
        if is_allowed && maximum.is_none_or(|most| desired <= most) {
            self.bill.each(desired.saturating_sub(current) / PAGE_BYTES as usize, prices::PAGE);
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
