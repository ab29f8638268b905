//! Views of stores, and the traits by which functions take a store or anything that has one.

use std::fmt;
use std::marker::PhantomData;

use crate::api::modules::engine::Engine;
use crate::base::error::StoreError;
use crate::vm::store::indices::StoreId;
use crate::vm::store::store_core::StoreCore;

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
    pub(in crate::api) core: &'a StoreCore,
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
    pub(in crate::api) core: &'a mut StoreCore,
    data: PhantomData<&'a mut T>,
}

/// A store, or anything that gives shared access to one: stores, views, callers, and references to these.
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

/// A store, or anything that gives exclusive access to one.
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

impl<'a, T: 'static> StoreContext<'a, T> {
    pub(in crate::api) fn new(core: &'a StoreCore) -> StoreContext<'a, T> {
        StoreContext { core, data: PhantomData }
    }

    /// The fuel that is left.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// fn is_tired(store: StoreContext<'_, ()>) -> Result<bool> {
    ///     Ok(store.get_fuel()? < 100)
    /// }
    /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
    /// assert!(is_tired(store.as_context())?);
    /// store.set_fuel(1_000)?;
    /// assert!(!is_tired(store.as_context())?);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// [`StoreError::FuelNotConfigured`].
    pub fn get_fuel(&self) -> anyhow::Result<u64> {
        Ok(self.core.fuel_left()?)
    }

    /// The host's data.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // The data outlives the view: it lives as long as the store is borrowed.
    /// fn longest<'a>(store: impl Into<StoreContext<'a, Vec<String>>>) -> Option<&'a str> {
    ///     store.into().data().iter().map(String::as_str).max_by_key(|name| name.len())
    /// }
    /// let store = Store::new(&Engine::default(), vec!["wolf".to_string(), "sheep".to_string()]);
    /// assert_eq!(longest(&store), Some("sheep"));
    /// ```
    pub fn data(&self) -> &'a T {
        self.core.data.get()
    }

    /// The engine of the store.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// fn counts_fuel(store: impl AsContext) -> bool {
    ///     let counted = Config::new().consume_fuel(true).clone();
    ///     *store.as_context().engine().config() == counted
    /// }
    /// assert!(!counts_fuel(Store::<()>::default()));
    /// ```
    pub fn engine(&self) -> &'a Engine {
        &self.core.engine
    }
}

impl<'a, T: 'static> StoreContextMut<'a, T> {
    pub(in crate::api) fn new(core: &'a mut StoreCore) -> StoreContextMut<'a, T> {
        StoreContextMut { core, data: PhantomData }
    }

    /// The host's data.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// fn is_night(store: &StoreContextMut<'_, u32>) -> bool {
    ///     store.data() % 24 < 6 // it is the hour
    /// }
    /// let mut store = Store::new(&Engine::default(), 27);
    /// assert!(is_night(&store.as_context_mut()));
    /// ```
    pub fn data(&self) -> &T {
        self.core.data.get()
    }

    /// The host's data, mutably.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // The closure gets a view of the store while a value is lent to its guests.
    /// let mut store = Store::new(&Engine::default(), 0);
    /// let world = vec![3, 4];
    /// store.lend(&world, |mut store: StoreContextMut<'_, usize>| *store.data_mut() += world.len());
    /// assert_eq!(*store.data(), 2);
    /// ```
    pub fn data_mut(&mut self) -> &mut T {
        self.core.data.get_mut()
    }

    /// The engine of the store.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// fn load(mut store: StoreContextMut<'_, ()>, text: &str) -> Result<Instance> {
    ///     let module = Module::new(store.engine(), text)?;
    ///     Instance::new(&mut store, &module, &[])
    /// }
    /// let mut store = Store::new(&Engine::default(), ());
    /// let instance = load(store.as_context_mut(), r#"(module (memory (export "memory") 1))"#)?;
    /// assert!(instance.get_memory(&mut store, "memory").is_some());
    /// # anyhow::Ok(())
    /// ```
    pub fn engine(&self) -> &Engine {
        &self.core.engine
    }
}

/// Checks that a handle belongs to the store.
pub(in crate::api) fn owned_by(store: &StoreCore, handle: StoreId) -> Result<(), StoreError> {
    if store.id() == handle { Ok(()) } else { Err(StoreError::WrongStore) }
}

/// As [`owned_by`], for functions that return no error: using a handle with another store is a bug of the host.
#[track_caller]
pub(in crate::api) fn assert_owned(store: &StoreCore, handle: StoreId) {
    assert!(store.id() == handle, "{}", StoreError::WrongStore);
}

impl<T: 'static> AsContext for StoreContext<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext::new(self.core)
    }
}

impl<T: 'static> AsContext for StoreContextMut<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext::new(self.core)
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
        StoreContext::new(store.core)
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
