//! The fuel of a store as the host sees it: how much is left, how much was consumed, and what happens when a charge is not
//! covered.
//!
//! ```text
//! left = counter (in the store's context, what guest code may take without asking) + reserve
//!        counter is at most what is left until the next yield, if the store yields at intervals
//! ```
//! Knows no stop and no fiber: `vm/doors/out_of_fuel.rs` asks here what to do, and does it.

use std::num::NonZeroU64;

use super::store_core::StoreCore;
use crate::base::error::StoreError;

/// What has to be known beside the counter in the store's context.
#[derive(Default)]
pub struct FuelAccount {
    /// Fuel that the counter does not have.
    reserve: u64,
    /// What is left and what was consumed, together. It cannot overflow.
    granted: u128,
    policy: OutOfFuelPolicy,
}

/// What a call that can be suspended does if the counter does not cover its next charge.
#[derive(Clone, Copy, Default)]
enum OutOfFuelPolicy {
    #[default]
    Stop,
    /// It yields each time it has consumed `interval`: when all that was consumed since the store was made is `next`. That count
    /// does not end where what is left does, at 2^64.
    YieldEvery { interval: NonZeroU64, next: u128 },
    /// It yields, and gets `fuel` more when it is resumed; `times` more times.
    YieldAndAdd { times: u64, fuel: u64 },
}

/// Whether a charge is covered.
pub(in crate::vm) enum FuelCheck {
    Enough,
    /// The call has to yield and to be given `more` first; then the check is repeated.
    AfterYield {
        more: u64,
    },
    Lacking,
}

impl FuelAccount {
    /// Whether calls have to be made so that they can yield.
    #[inline]
    pub(in crate::vm) fn yields(&self) -> bool {
        !matches!(self.policy, OutOfFuelPolicy::Stop)
    }
}

/// The only functions that know how the counter is kept.
impl StoreCore {
    #[inline]
    fn counter(&self) -> u64 {
        // SAFETY: (1, 2) the counter is in memory whenever the host can ask for it.
        unsafe { !(*self.vm()).fuel }
    }

    #[inline]
    fn set_counter(&mut self, counter: u64) {
        // SAFETY: (1, 2) the counter is in memory whenever the host can ask for it.
        unsafe { (*self.vm()).fuel = !counter };
    }
}

impl StoreCore {
    #[inline]
    fn configured(&self) -> Result<(), StoreError> {
        if self.engine.core.config.consume_fuel { Ok(()) } else { Err(StoreError::FuelNotConfigured) }
    }

    #[inline]
    fn left(&self) -> u64 {
        self.counter().saturating_add(self.fuel.reserve)
    }

    /// All that was consumed, if `left` is left.
    #[inline]
    fn consumed(&self, left: u64) -> u128 {
        self.fuel.granted - u128::from(left)
    }

    /// Divides what is left: guest code may take at most `slice` without asking.
    #[inline]
    fn divide(&mut self, left: u64, slice: u64) {
        let counter = left.min(slice);
        self.fuel.reserve = left - counter;
        self.set_counter(counter);
    }

    /// Divides what is left so that the next yield comes when it is due.
    #[inline]
    fn divide_by_policy(&mut self, left: u64) {
        let slice = match self.fuel.policy {
            OutOfFuelPolicy::YieldEvery { next, .. } => at_most_u64(next.saturating_sub(self.consumed(left))),
            OutOfFuelPolicy::Stop | OutOfFuelPolicy::YieldAndAdd { .. } => u64::MAX,
        };
        self.divide(left, slice);
    }

    /// # Errors
    /// Fuel is not configured.
    #[inline]
    pub fn fuel_left(&self) -> Result<u64, StoreError> {
        self.configured()?;
        Ok(self.left())
    }

    /// # Errors
    /// Fuel is not configured.
    #[inline]
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), StoreError> {
        let left = self.fuel_left()?;
        self.fuel.granted = self.fuel.granted - u128::from(left) + u128::from(fuel);
        self.divide_by_policy(fuel);
        Ok(())
    }

    /// Adds to what is left, up to the largest number.
    ///
    /// # Errors
    /// Fuel is not configured.
    pub fn add_fuel(&mut self, fuel: u64) -> Result<(), StoreError> {
        self.set_fuel(self.fuel_left()?.saturating_add(fuel))
    }

    /// # Errors
    /// Fuel is not configured.
    #[inline]
    pub fn fuel_consumed(&self) -> Result<u64, StoreError> {
        Ok(at_most_u64(self.consumed(self.fuel_left()?)))
    }

    /// Consumes fuel for work of the host, all or nothing; returns what is left.
    ///
    /// # Errors
    /// Fuel is not configured, or there is not enough.
    pub fn consume_fuel(&mut self, fuel: u64) -> Result<u64, StoreError> {
        let left = self.fuel_left()?.checked_sub(fuel).ok_or(StoreError::NotEnoughFuel)?;
        self.divide_by_policy(left);
        Ok(left)
    }

    /// From now on a call that is out of fuel ends.
    pub fn stop_when_out(&mut self) {
        self.set_policy(OutOfFuelPolicy::Stop);
    }

    /// From now on a call that is out of fuel yields and then gets `fuel` more, `times` times. If fuel is not
    /// configured, nothing changes.
    pub fn yield_and_add(&mut self, times: u64, fuel: u64) {
        if self.configured().is_ok() {
            self.set_policy(OutOfFuelPolicy::YieldAndAdd { times, fuel });
        }
    }

    /// From now on calls yield whenever they have consumed `interval`, or never.
    ///
    /// # Errors
    /// Fuel is not configured, or the interval is zero.
    pub fn yield_every(&mut self, interval: Option<u64>) -> Result<(), StoreError> {
        let consumed = self.consumed(self.fuel_left()?);
        let policy = match interval {
            None => OutOfFuelPolicy::Stop,
            Some(interval) => {
                let interval = NonZeroU64::new(interval).ok_or(StoreError::NoInterval)?;
                OutOfFuelPolicy::YieldEvery { interval, next: consumed + u128::from(interval.get()) }
            }
        };
        self.set_policy(policy);
        Ok(())
    }

    fn set_policy(&mut self, policy: OutOfFuelPolicy) {
        self.fuel.policy = policy;
        self.divide_by_policy(self.left());
    }

    /// Makes the counter cover `wanted`, or returns what has to happen first.
    pub(in crate::vm) fn cover(&mut self, wanted: u64, can_yield: bool) -> FuelCheck {
        let left = self.left();
        let slice = match &mut self.fuel.policy {
            OutOfFuelPolicy::YieldAndAdd { times, fuel } if left < wanted && can_yield && *times > 0 => {
                *times -= 1;
                return FuelCheck::AfterYield { more: *fuel };
            }
            _ if left < wanted => return FuelCheck::Lacking,
            OutOfFuelPolicy::Stop | OutOfFuelPolicy::YieldAndAdd { .. } => u64::MAX,
            // A call that cannot yield leaves that to the one around it, which will get to its next check soon.
            OutOfFuelPolicy::YieldEvery { interval, .. } if !can_yield => interval.get(),
            OutOfFuelPolicy::YieldEvery { .. } => match self.until_yield(left, wanted) {
                Some(slice) => slice,
                None => return FuelCheck::AfterYield { more: 0 },
            },
        };
        self.divide(left, slice.max(wanted));
        FuelCheck::Enough
    }

    /// How much may be consumed before the next yield. `None` if it is due before the next charge; then it counts as
    /// done.
    fn until_yield(&mut self, left: u64, wanted: u64) -> Option<u64> {
        let consumed = self.consumed(left);
        let OutOfFuelPolicy::YieldEvery { interval, next } = &mut self.fuel.policy else {
            return Some(u64::MAX);
        };
        if consumed + u128::from(wanted) <= *next {
            return Some(at_most_u64(*next - consumed));
        }
        // Yields that were due while a call could not yield are not made up for.
        *next = consumed.max(*next) + u128::from(interval.get());
        None
    }

    /// Gives back what was charged ahead for code that has not run.
    pub(in crate::vm) fn refund(&mut self, fuel: u64) {
        self.set_counter(self.counter() + fuel);
    }
}

/// The number, or the greatest of its type where it is greater.
#[inline]
fn at_most_u64(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
