//! Stores, which hold instances, the host's data and the fuel.

use std::fmt;
use std::marker::PhantomData;

use super::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::api::modules::engine::Engine;
use crate::base::limiter::ResourceLimiter;
use crate::vm::store::host::data::HostData;
use crate::vm::store::store_box::StoreBox;

/// A store holds instances and the host's data `T`. Dropping it frees everything in it, including a suspended call.
///
/// It is `Send` if `T` is: it may be moved to another thread, even while a call is suspended in it.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), 41);
/// *store.data_mut() += 1;
/// assert_eq!(store.into_data(), 42);
/// ```
pub struct Store<T: 'static> {
    core: StoreBox,
    data: PhantomData<T>,
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
        Store { core: StoreBox::new(engine.clone(), data), data: PhantomData }
    }

    /// As [`Store::new`], for programs that expect an error if a store cannot be made.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let store = Store::try_new(&Engine::default(), 1)?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// Never, so far.
    pub fn try_new(engine: &Engine, data: T) -> anyhow::Result<Store<T>> {
        Ok(Store::new(engine, data))
    }

    /// The host's data.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let store = Store::new(&Engine::default(), vec!["wolf", "sheep"]);
    /// assert_eq!(store.data().len(), 2);
    /// ```
    pub fn data(&self) -> &T {
        self.core.data.get()
    }

    /// The host's data, mutably.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), Vec::new());
    /// let log = Func::wrap(&mut store, |mut caller: Caller<'_, Vec<i32>>, number: i32| {
    ///     caller.data_mut().push(number);
    /// });
    /// log.typed::<i32, ()>(&store)?.call(&mut store, 7)?;
    /// assert_eq!(std::mem::take(store.data_mut()), [7]); // read, and ready for the next call
    /// assert!(store.data().is_empty());
    /// # anyhow::Ok(())
    /// ```
    pub fn data_mut(&mut self) -> &mut T {
        self.core.data.get_mut()
    }

    /// Ends the store and returns the host's data.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), String::new());
    /// let greet = Func::wrap(&mut store, |mut caller: Caller<'_, String>| caller.data_mut().push_str("hello"));
    /// greet.typed::<(), ()>(&store)?.call(&mut store, ())?;
    /// assert_eq!(store.into_data(), "hello");
    /// # anyhow::Ok(())
    /// ```
    pub fn into_data(mut self) -> T {
        std::mem::replace(&mut self.core.data, HostData::new(())).into_inner()
    }

    /// The engine of the store.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::<()>::default();
    /// let module = Module::new(store.engine(), "(module)")?;
    /// assert!(Instance::new(&mut store, &module, &[]).is_ok());
    /// # anyhow::Ok(())
    /// ```
    pub fn engine(&self) -> &Engine {
        &self.core.engine
    }

    /// Makes a part of the host's data decide what may grow in this store. [`ResourceLimiter`] has an example.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// struct Host {
    ///     name: &'static str,
    ///     limits: StoreLimits,
    /// }
    ///
    /// let limits = StoreLimitsBuilder::new().instances(1).build();
    /// let mut store = Store::new(&Engine::default(), Host { name: "meadow", limits });
    /// store.limiter(|host| &mut host.limits);
    /// let module = Module::new(store.engine(), "(module)")?;
    /// assert!(Instance::new(&mut store, &module, &[]).is_ok());
    /// let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    /// assert_eq!(
    ///     format!("{}: {error}", store.data().name),
    ///     "meadow: the store's limits forbid this instance: raise them with Store::limiter"
    /// );
    /// # anyhow::Ok(())
    /// ```
    pub fn limiter(
        &mut self,
        mut limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static,
    ) {
        self.core.limiter = Some(Box::new(move |data: &mut HostData| limiter(data.get_mut())));
    }

    /// Loads what a call of this store will need into the processor's cache: what is 0, 1 or 2 pointers away from the store.
    ///
    /// This is for hosts that call thousands of stores, one after the other, and spend most of their time waiting for memory.
    /// If they prefetch a store with 0, some calls later with 1, and then with 2, its memory has arrived when it is called.
    /// There is no other effect; on processors other than x86-64 it does nothing. wasmtime has no counterpart.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module (func (export "tick")))"#)?;
    /// let begin = |_| {
    ///     let mut store = Store::new(&engine, ());
    ///     let instance = Instance::new(&mut store, &module, &[])?;
    ///     let tick = instance.get_typed_func::<(), ()>(&mut store, "tick")?;
    ///     Ok((store, tick))
    /// };
    /// let mut mods: Vec<(Store<()>, TypedFunc<(), ()>)> = (0..100).map(begin).collect::<Result<_>>()?;
    /// for turn in 0..mods.len() {
    ///     for (ahead, pointers) in [(6, 0), (4, 1), (2, 2)] {
    ///         if let Some((store, _)) = mods.get(turn + ahead) {
    ///             store.prefetch(pointers);
    ///         }
    ///     }
    ///     let (store, tick) = &mut mods[turn];
    ///     tick.call(store, ())?;
    /// }
    /// # anyhow::Ok(())
    /// ```
    #[inline]
    pub fn prefetch(&self, pointers: usize) {
        self.core.prefetch(pointers);
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

/// Functions of the collected heap, which stores, their views and callers all have: see `fuel.rs`.
macro_rules! heap_methods {
    ($($of:tt)*) => {
        impl<T: 'static> $($of)* {
            /// Collects now: drops values of the host behind `externref`s to which nothing refers. Collections also happen
            /// automatically.
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

            /// The size of the collected heap in bytes, not counting what its values own elsewhere.
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

pub(in crate::api) use heap_methods;

impl<T: 'static> AsContext for Store<T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext::new(&self.core)
    }
}

impl<T: 'static> AsContextMut for Store<T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut::new(&mut self.core)
    }
}

impl<T: Default + 'static> Default for Store<T> {
    /// A store of an engine with the default settings, with the default data.
    ///
    /// # Panics
    /// Code cannot be generated for this machine.
    fn default() -> Store<T> {
        Store::new(&Engine::default(), T::default())
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("data", self.data()).finish_non_exhaustive()
    }
}
