//! Fuel of stores, their views and callers: how much is left, how much was consumed, when calls yield.
//!
//! These are the names of two generations of wasmtime's API for one account, which `vm/store/fuel.rs` keeps.

use super::context::{AsContext, AsContextMut, StoreContextMut};
use super::store::Store;

/// The functions that stores, their views and callers all have. Callers get them where they are defined, since stores do not
/// know them.
macro_rules! fuel_methods {
    ($($of:tt)*) => {
        impl<T: 'static> $($of)* {
            /// The fuel that is left.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
            /// assert_eq!(store.get_fuel()?, 0);
            /// # anyhow::Ok(())
            /// ```
            ///
            /// # Errors
            /// [`StoreError::FuelNotConfigured`](crate::StoreError::FuelNotConfigured).
            pub fn get_fuel(&self) -> anyhow::Result<u64> {
                Ok(self.as_context().core.fuel_left()?)
            }

            /// Sets the fuel that is left. What was consumed so far is not changed.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
            /// store.set_fuel(1_000)?;
            /// assert_eq!(store.get_fuel()?, 1_000);
            /// # anyhow::Ok(())
            /// ```
            ///
            /// # Errors
            /// [`StoreError::FuelNotConfigured`](crate::StoreError::FuelNotConfigured).
            pub fn set_fuel(&mut self, fuel: u64) -> anyhow::Result<()> {
                Ok(self.as_context_mut().core.set_fuel(fuel)?)
            }

            /// Adds to the fuel that is left, up to `u64::MAX`.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
            /// store.add_fuel(100)?;
            /// store.add_fuel(20)?;
            /// assert_eq!(store.get_fuel()?, 120);
            /// # anyhow::Ok(())
            /// ```
            ///
            /// # Errors
            /// [`StoreError::FuelNotConfigured`](crate::StoreError::FuelNotConfigured).
            pub fn add_fuel(&mut self, fuel: u64) -> anyhow::Result<()> {
                Ok(self.as_context_mut().core.add_fuel(fuel)?)
            }

            /// Consumes fuel for work of the host, all or nothing, and returns what is left.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
            /// store.set_fuel(100)?;
            /// assert_eq!(store.consume_fuel(30)?, 70);
            /// assert!(store.consume_fuel(71).is_err());
            /// assert_eq!(store.fuel_consumed(), Some(30));
            /// # anyhow::Ok(())
            /// ```
            ///
            /// # Errors
            /// [`StoreError::FuelNotConfigured`](crate::StoreError::FuelNotConfigured), or [`StoreError::NotEnoughFuel`](crate::StoreError::NotEnoughFuel).
            pub fn consume_fuel(&mut self, fuel: u64) -> anyhow::Result<u64> {
                Ok(self.as_context_mut().core.consume_fuel(fuel)?)
            }

            /// All fuel that was consumed in this store so far; `None` if fuel is not configured.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
            /// assert_eq!(store.fuel_consumed(), Some(0));
            /// # anyhow::Ok(())
            /// ```
            pub fn fuel_consumed(&self) -> Option<u64> {
                self.as_context().core.fuel_consumed().ok()
            }

            /// The fuel that is left; `None` if fuel is not configured.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
            /// assert_eq!(store.fuel_remaining(), Some(0));
            /// # anyhow::Ok(())
            /// ```
            pub fn fuel_remaining(&self) -> Option<u64> {
                self.as_context().core.fuel_left().ok()
            }

            /// From now on a call ends with [`Trap::OutOfFuel`](crate::Trap::OutOfFuel) when fuel runs out, which is also the
            /// initial setting. Plain calls can be made again.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
            /// let module = Module::new(store.engine(), r#"(module (func (export "run")))"#)?;
            /// let instance = Instance::new(&mut store, &module, &[])?;
            /// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
            /// store.out_of_fuel_async_yield(10, 100);
            /// assert_eq!(run.call(&mut store, ()).unwrap_err().downcast_ref(), Some(&StoreError::AsyncRequired));
            /// store.out_of_fuel_trap();
            /// assert_eq!(run.call(&mut store, ()).unwrap_err().downcast_ref(), Some(&Trap::OutOfFuel));
            /// # anyhow::Ok(())
            /// ```
            pub fn out_of_fuel_trap(&mut self) {
                self.as_context_mut().core.stop_when_out();
            }

            /// From now on a call yields when fuel runs out, and gets `fuel_to_inject` more when it is resumed, up to
            /// `injection_count` times; after that it ends. In total it may consume what is left now, and what is injected.
            ///
            /// This replaces the setting before, also from within a host function. Calls must be made by
            /// [`TypedFunc::call_async`](crate::TypedFunc::call_async) or
            /// [`TypedFunc::call_resumable`](crate::TypedFunc::call_resumable) from now on: plain ones are errors. Without
            /// [`Config::consume_fuel`](crate::Config::consume_fuel) nothing changes.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// # use std::pin::pin;
            /// # use std::task::{Context, Poll, Waker};
            /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
            /// let module = Module::new(store.engine(), r#"(module (func (export "spin") (loop (br 0))))"#)?;
            /// let instance = Instance::new(&mut store, &module, &[])?;
            /// let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
            /// store.add_fuel(100)?;
            /// store.out_of_fuel_async_yield(3, 10);
            /// let mut polls = 1;
            /// let mut task = Context::from_waker(Waker::noop());
            /// let error = {
            ///     let mut call = pin!(spin.call_async(&mut store, ()));
            ///     loop {
            ///         match call.as_mut().poll(&mut task) {
            ///             Poll::Pending => polls += 1,
            ///             Poll::Ready(result) => break result.unwrap_err(),
            ///         }
            ///     }
            /// };
            /// assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
            /// assert_eq!(polls, 4);
            /// assert!(store.fuel_consumed().is_some_and(|consumed| (120..=100 + 3 * 10).contains(&consumed)));
            /// # anyhow::Ok(())
            /// ```
            pub fn out_of_fuel_async_yield(&mut self, injection_count: u64, fuel_to_inject: u64) {
                self.as_context_mut().core.yield_and_add(injection_count, fuel_to_inject);
            }

            /// From now on a call yields whenever it has consumed this much fuel; with `None`, never. When fuel runs out, it
            /// ends.
            ///
            /// This replaces the setting before, also from within a host function. With an interval, calls must be made by
            /// [`TypedFunc::call_async`](crate::TypedFunc::call_async) or
            /// [`TypedFunc::call_resumable`](crate::TypedFunc::call_resumable) from now on: plain ones are errors. A step
            /// that costs several intervals yields once for each.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// # use std::pin::pin;
            /// # use std::task::{Context, Poll, Waker};
            /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
            /// let module = Module::new(store.engine(), r#"(module (func (export "spin") (loop (br 0))))"#)?;
            /// let instance = Instance::new(&mut store, &module, &[])?;
            /// let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
            /// store.set_fuel(1_000)?;
            /// store.fuel_async_yield_interval(Some(100))?;
            /// let mut task = Context::from_waker(Waker::noop());
            /// {
            ///     let mut call = pin!(spin.call_async(&mut store, ()));
            ///     assert!(call.as_mut().poll(&mut task).is_pending());
            ///     assert!(call.as_mut().poll(&mut task).is_pending());
            ///     // Dropped here, the call is over, and the store is free again.
            /// }
            /// assert!((800..810).contains(&store.get_fuel()?));
            /// # anyhow::Ok(())
            /// ```
            ///
            /// # Errors
            /// [`StoreError::FuelNotConfigured`](crate::StoreError::FuelNotConfigured), or
            /// [`StoreError::NoInterval`](crate::StoreError::NoInterval) for `Some(0)`.
            pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> anyhow::Result<()> {
                Ok(self.as_context_mut().core.yield_every(interval)?)
            }
        }
    };
}

fuel_methods!(Store<T>);
fuel_methods!(StoreContextMut<'_, T>);

pub(in crate::api) use fuel_methods;
