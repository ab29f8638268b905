//! Stores, and how functions take "a store or something in its place".

use std::fmt;
use std::marker::PhantomData;

use super::engine::Engine;
use crate::base::error::StoreError;
use crate::base::limits::ResourceLimiter;
use crate::vm::data::HostData;
use crate::vm::store::{StoreCore, StoreId};

/// Where instances live, with the host's data `T`. Dropping it frees everything in it, a suspended
/// call included.
///
/// It is `Send` where `T` is: it may be moved to another thread, also while a call is suspended in it.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), 41);
/// *store.data_mut() += 1;
/// assert_eq!(store.into_data(), 42);
/// ```
pub struct Store<T: 'static> {
    core: Box<StoreCore>,
    data: PhantomData<T>,
}

/// A shared view of a store, made from anything that is [`AsContext`].
///
/// ```
/// # use tinkerbox_wasm::*;
/// fn length(store: StoreContext<'_, String>) -> usize {
///     store.data().len()
/// }
/// let store = Store::new(&Engine::default(), "meadow".to_string());
/// assert_eq!(length(store.as_context()), 6);
/// ```
pub struct StoreContext<'a, T: 'static> {
    pub(super) core: &'a StoreCore,
    data: PhantomData<&'a T>,
}

/// An exclusive view of a store, made from anything that is [`AsContextMut`].
///
/// ```
/// # use tinkerbox_wasm::*;
/// fn grow(mut store: StoreContextMut<'_, String>) {
///     store.data_mut().push('s');
/// }
/// let mut store = Store::new(&Engine::default(), "meadow".to_string());
/// grow(store.as_context_mut());
/// assert_eq!(store.data(), "meadows");
/// ```
pub struct StoreContextMut<'a, T: 'static> {
    pub(super) core: &'a mut StoreCore,
    data: PhantomData<&'a mut T>,
}

/// A store, or something that stands for one: stores, views, callers, and references to these.
///
/// ```
/// # use tinkerbox_wasm::*;
/// fn data(store: impl AsContext<Data = i32>) -> i32 {
///     *store.as_context().data()
/// }
/// let mut store = Store::new(&Engine::default(), 7);
/// assert_eq!((data(&store), data(&mut store), data(store.as_context())), (7, 7, 7));
/// ```
pub trait AsContext {
    /// The host's data.
    type Data: 'static;

    /// A shared view of the store.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// A store that can be changed, or something that stands for one.
///
/// ```
/// # use tinkerbox_wasm::*;
/// fn add(mut store: impl AsContextMut<Data = i32>) {
///     *store.as_context_mut().data_mut() += 1;
/// }
/// let mut store = Store::new(&Engine::default(), 7);
/// add(&mut store);
/// add(store.as_context_mut());
/// assert_eq!(*store.data(), 9);
/// ```
pub trait AsContextMut: AsContext {
    /// An exclusive view of the store.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

impl<T: 'static> Store<T> {
    /// An empty store. It has no fuel.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
    /// assert_eq!(store.get_fuel()?, 0);
    /// # anyhow::Ok(())
    /// ```
    pub fn new(engine: &Engine, data: T) -> Store<T> {
        Store { core: StoreCore::new(engine.clone(), data), data: PhantomData }
    }

    /// As [`Store::new`], for programs that treat a store which cannot be made as an error.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let store = Store::try_new(&Engine::default(), 1)?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// None so far: a new store is a few hundred bytes of memory, without which a process ends.
    pub fn try_new(engine: &Engine, data: T) -> anyhow::Result<Store<T>> {
        Ok(Store::new(engine, data))
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        self.core.data.get()
    }

    /// The host's data, to be changed.
    pub fn data_mut(&mut self) -> &mut T {
        self.core.data.get_mut()
    }

    /// Ends the store and returns the host's data.
    pub fn into_data(mut self) -> T {
        std::mem::replace(&mut self.core.data, HostData::new(())).into_inner()
    }

    /// The engine that it runs on.
    pub fn engine(&self) -> &Engine {
        &self.core.engine
    }

    /// Lets a part of the host's data decide about what grows in this store. See [`ResourceLimiter`],
    /// which has an example.
    pub fn limiter(
        &mut self,
        mut limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static,
    ) {
        self.core.limiter = Some(Box::new(move |data: &mut HostData| limiter(data.get_mut())));
    }

    /// Lends a value to host functions for the length of `f`: they reach it through
    /// [`Caller::with_lent`](crate::Caller::with_lent).
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ask = Func::wrap(&mut store, |caller: Caller<'_, ()>| -> Result<i32> {
    ///     Ok(caller.with_lent(|world: &Vec<i32>| world.iter().sum())?)
    /// });
    /// let ask = ask.typed::<(), i32>(&store)?;
    /// let world = vec![1, 2, 3];
    /// assert_eq!(store.lend(&world, |mut store| ask.call(&mut store, ()))?, 6);
    /// assert!(ask.call(&mut store, ()).is_err()); // nothing is lent any more
    /// # Ok(())
    /// # }
    /// ```
    pub fn lend<U: Sync + 'static, R>(
        &mut self,
        value: &U,
        f: impl FnOnce(StoreContextMut<'_, T>) -> R,
    ) -> R {
        self.core.lend(value, |core| f(StoreContextMut::new(core)))
    }
}

/// The functions that stores, their views and callers have alike.
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
            /// [`StoreError::FuelNotConfigured`].
            pub fn get_fuel(&self) -> anyhow::Result<u64> {
                Ok(self.as_context().core.fuel_left()?)
            }

            /// Sets the fuel that is left. What was consumed so far stays known.
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
            /// [`StoreError::FuelNotConfigured`].
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
            /// [`StoreError::FuelNotConfigured`].
            pub fn add_fuel(&mut self, fuel: u64) -> anyhow::Result<()> {
                let left = self.get_fuel()?;
                self.set_fuel(left.saturating_add(fuel))
            }

            /// Takes fuel for work of the host, all or nothing, and returns what is left.
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
            /// [`StoreError::FuelNotConfigured`], or [`StoreError::NotEnoughFuel`].
            pub fn consume_fuel(&mut self, fuel: u64) -> anyhow::Result<u64> {
                Ok(self.as_context_mut().core.consume_fuel(fuel)?)
            }

            /// All fuel that was consumed in this store so far; `None` where it is not configured.
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

            /// The fuel that is left; `None` where it is not configured.
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
        }
    };
}

/// The functions for the collected heap that stores, their views and callers have alike.
macro_rules! heap_methods {
    ($($of:tt)*) => {
        impl<T: 'static> $($of)* {
            /// Collects now: values of the host behind `externref`s to which nothing refers are dropped. It also
            /// happens by itself.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// # use std::sync::Arc;
            /// let mut store = Store::new(&Engine::default(), ());
            /// let sheep = Arc::new("sheep");
            /// ExternRef::new(&mut RootScope::new(&mut store), sheep.clone())?;
            /// assert_eq!(Arc::strong_count(&sheep), 2);
            /// store.gc();
            /// assert_eq!(Arc::strong_count(&sheep), 1);
            /// # anyhow::Ok(())
            /// ```
            ///
            /// # Panics
            /// Dropping a value panics.
            pub fn gc(&mut self) {
                self.as_context_mut().core.collect();
            }

            /// How many bytes the collected heap has room for, not counting what its values own elsewhere.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// assert_eq!(Store::new(&Engine::default(), ()).gc_heap_capacity(), 0);
            /// ```
            pub fn gc_heap_capacity(&self) -> usize {
                self.as_context().core.heap_capacity()
            }
        }
    };
}

heap_methods!(Store<T>);
heap_methods!(StoreContextMut<'_, T>);
heap_methods!(crate::Caller<'_, T>);

fuel_methods!(Store<T>);
fuel_methods!(StoreContextMut<'_, T>);
fuel_methods!(crate::Caller<'_, T>);

impl<'a, T: 'static> StoreContext<'a, T> {
    /// The fuel that is left.
    ///
    /// # Errors
    /// [`StoreError::FuelNotConfigured`].
    pub fn get_fuel(&self) -> anyhow::Result<u64> {
        Ok(self.core.fuel_left()?)
    }

    /// The host's data.
    pub fn data(&self) -> &'a T {
        self.core.data.get()
    }

    /// The engine of the store.
    pub fn engine(&self) -> &'a Engine {
        &self.core.engine
    }
}

impl<'a, T: 'static> StoreContextMut<'a, T> {
    pub(super) fn new(core: &'a mut StoreCore) -> StoreContextMut<'a, T> {
        StoreContextMut { core, data: PhantomData }
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        self.core.data.get()
    }

    /// The host's data, to be changed.
    pub fn data_mut(&mut self) -> &mut T {
        self.core.data.get_mut()
    }

    /// The engine of the store.
    pub fn engine(&self) -> &Engine {
        &self.core.engine
    }
}

/// Is the handle of the store?
pub(super) fn owned_by(store: &StoreCore, handle: StoreId) -> Result<(), StoreError> {
    if store.id() == handle { Ok(()) } else { Err(StoreError::WrongStore) }
}

/// Where nothing else can be answered, a handle of another store is the host's mistake.
#[track_caller]
pub(super) fn assert_owned(store: &StoreCore, handle: StoreId) {
    assert!(store.id() == handle, "{}", StoreError::WrongStore);
}

impl<T: 'static> AsContext for Store<T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { core: &self.core, data: PhantomData }
    }
}

impl<T: 'static> AsContextMut for Store<T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut::new(&mut self.core)
    }
}

impl<T: 'static> AsContext for StoreContext<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { core: self.core, data: PhantomData }
    }
}

impl<T: 'static> AsContext for StoreContextMut<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { core: self.core, data: PhantomData }
    }
}

impl<T: 'static> AsContextMut for StoreContextMut<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut::new(self.core)
    }
}

impl<C: AsContext> AsContext for &'_ C {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContext> AsContext for &'_ mut C {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContextMut> AsContextMut for &'_ mut C {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, C: AsContext> From<&'a C> for StoreContext<'a, C::Data> {
    fn from(store: &'a C) -> StoreContext<'a, C::Data> {
        store.as_context()
    }
}

impl<'a, C: AsContext> From<&'a mut C> for StoreContext<'a, C::Data> {
    fn from(store: &'a mut C) -> StoreContext<'a, C::Data> {
        C::as_context(store)
    }
}

impl<'a, C: AsContextMut> From<&'a mut C> for StoreContextMut<'a, C::Data> {
    fn from(store: &'a mut C) -> StoreContextMut<'a, C::Data> {
        store.as_context_mut()
    }
}

impl<'a, T: 'static> From<StoreContextMut<'a, T>> for StoreContext<'a, T> {
    fn from(store: StoreContextMut<'a, T>) -> StoreContext<'a, T> {
        StoreContext { core: store.core, data: PhantomData }
    }
}

impl<T: Default + 'static> Default for Store<T> {
    /// A store of an engine with the default settings, with the default data.
    ///
    /// # Panics
    /// The machine is not one that code can be generated for.
    fn default() -> Store<T> {
        Store::new(&Engine::default(), T::default())
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("data", self.data()).finish_non_exhaustive()
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for StoreContext<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreContext").field("data", self.data()).finish_non_exhaustive()
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for StoreContextMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreContextMut").field("data", self.data()).finish_non_exhaustive()
    }
}
