//! The fuel of a store, seen from the host: how much is left and how much was consumed.

use super::store::StoreCore;
use crate::base::error::StoreError;

/// What the counter in the store's context does not say.
#[derive(Default)]
pub struct FuelAccount {
    /// Fuel beyond what the signed counter holds.
    reserve: u64,
    /// What was left when fuel was last set or added, and what had been consumed by then.
    left_then: u64,
    consumed_then: u64,
}

impl StoreCore {
    fn configured(&self) -> Result<(), StoreError> {
        if self.engine.core.config.consume_fuel { Ok(()) } else { Err(StoreError::FuelNotConfigured) }
    }

    fn counter(&self) -> u64 {
        // SAFETY: (1, 2) the counter is in memory whenever the host can ask for it.
        unsafe { !(*self.vm()).fuel }
    }

    fn set_counter(&mut self, left: u64) {
        // SAFETY: (1, 2) as above.
        unsafe { (*self.vm()).fuel = !left };
    }

    /// # Errors
    /// Fuel is not configured.
    pub fn fuel_left(&self) -> Result<u64, StoreError> {
        self.configured()?;
        Ok(self.counter().saturating_add(self.fuel.reserve))
    }

    /// # Errors
    /// Fuel is not configured.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), StoreError> {
        let consumed = self.fuel_consumed()?;
        let counter = fuel.min(i64::MAX as u64);
        self.fuel = FuelAccount { reserve: fuel - counter, left_then: fuel, consumed_then: consumed };
        self.set_counter(counter);
        Ok(())
    }

    /// # Errors
    /// Fuel is not configured.
    pub fn fuel_consumed(&self) -> Result<u64, StoreError> {
        let since = self.fuel.left_then.saturating_sub(self.fuel_left()?);
        Ok(self.fuel.consumed_then.saturating_add(since))
    }

    /// Takes fuel for work of the host, all or nothing; returns what is left.
    ///
    /// # Errors
    /// Fuel is not configured, or there is not enough.
    pub fn consume_fuel(&mut self, fuel: u64) -> Result<u64, StoreError> {
        let left = self.fuel_left()?.checked_sub(fuel).ok_or(StoreError::NotEnoughFuel)?;
        let counter = left.min(i64::MAX as u64);
        self.fuel.reserve = left - counter;
        self.set_counter(counter);
        Ok(left)
    }

    /// Moves fuel from the reserve to the counter; whether it covers `wanted` now.
    pub(super) fn refill(&mut self, wanted: u64) -> bool {
        let left = self.fuel_left().unwrap_or(0);
        let counter = left.min(i64::MAX as u64);
        self.fuel.reserve = left - counter;
        self.set_counter(counter);
        counter >= wanted
    }
}
