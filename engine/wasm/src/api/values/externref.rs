//! Values of the host, which guests can hold but cannot inspect.

use std::any::Any;
use std::error::Error;
use std::fmt;

use super::rooted::{GcRef, OwnedRooted, Rooted, sealed};
use crate::api::stores::context::{AsContextMut, StoreContext, StoreContextMut};
use crate::base::error::StoreError;
use crate::vm::store::store_core::StoreCore;

/// The kind of object behind an `externref`: a value of the host, which a guest can keep in locals, tables
/// and globals and pass back, but can neither inspect nor forge.
///
/// The host has it as [`Rooted<ExternRef>`] or [`OwnedRooted<ExternRef>`]. The value is dropped when a
/// collection finds that neither guest nor host refers to it any more.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// struct Sheep { name: &'static str }
///
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("herd", "first", |caller: Caller<'_, ()>| {
///     ExternRef::new(caller, Sheep { name: "Dolly" })
/// })?;
/// linker.func_wrap("herd", "name_length", |caller: Caller<'_, ()>, sheep: Option<Rooted<ExternRef>>| -> Result<u32> {
///     let sheep = sheep.ok_or_else(|| format_err!("a sheep is wanted, not null"))?;
///     let sheep = sheep.data(&caller)?.and_then(|data| data.downcast_ref::<Sheep>());
///     Ok(sheep.ok_or_else(|| format_err!("not a sheep"))?.name.len() as u32)
/// })?;
/// let module = Module::new(&engine, r#"(module
///     (import "herd" "first" (func $first (result externref)))
///     (import "herd" "name_length" (func $name_length (param externref) (result i32)))
///     (func (export "run") (result i32) (call $name_length (call $first))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = linker.instantiate(&mut store, &module)?;
/// assert_eq!(instance.get_typed_func::<(), u32>(&mut store, "run")?.call(&mut store, ())?, 5);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub enum ExternRef {}

impl sealed::Sealed for ExternRef {}
impl GcRef for ExternRef {}

/// The collected heap has no room for an object: it has 4 GiB, or the machine's memory is exhausted. The value is returned.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn keep(store: &mut Store<()>, value: String) -> Result<Option<Rooted<ExternRef>>> {
/// match ExternRef::new(store, value) {
///     Ok(kept) => Ok(Some(kept)),
///     Err(error) => {
///         let value = error.downcast::<GcHeapOutOfMemory<String>>()?.into_inner();
///         println!("no room for {value}");
///         Ok(None)
///     }
/// }
/// # }
/// # assert!(keep(&mut Store::new(&Engine::default(), ()), "sheep".into()).unwrap().is_some());
/// ```
pub struct GcHeapOutOfMemory<T> {
    value: T,
}

impl<T> GcHeapOutOfMemory<T> {
    /// The value for which there was no room.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// fn value(error: Error) -> Result<String> {
    ///     Ok(error.downcast::<GcHeapOutOfMemory<String>>()?.into_inner())
    /// }
    /// # let _ = value;
    /// ```
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> fmt::Debug for GcHeapOutOfMemory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<T> fmt::Display for GcHeapOutOfMemory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the store's collected heap has no room: drop references, or end the scopes that keep them",
        )
    }
}

impl<T> Error for GcHeapOutOfMemory<T> {}

impl ExternRef {
    /// Puts a value of the host into the store's collected heap. This may collect first.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let sheep = ExternRef::new(&mut store, "sheep")?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// [`GcHeapOutOfMemory`], which has the value.
    #[expect(clippy::missing_panics_doc, reason = "what comes back is what was put in")]
    pub fn new<T: Any + Send + Sync>(
        mut store: impl AsContextMut,
        value: T,
    ) -> anyhow::Result<Rooted<ExternRef>> {
        let core = store.as_context_mut().core;
        match core.make_extern(Box::new(value)) {
            Ok(root) => Ok(Rooted::new(core.id(), root)),
            Err(value) => {
                let value = value.downcast().expect("it is what was put in");
                Err(GcHeapOutOfMemory::<T> { value: *value }.into())
            }
        }
    }
}

/// The methods of both kinds of references.
macro_rules! data_methods {
    ($($reference:ident)*) => {$(
        impl $reference<ExternRef> {
            /// The value of the host. `None` only for references that were not made by the host, which do not exist without
            /// the GC proposal.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// let mut store = Store::new(&Engine::default(), ());
            /// let sheep = ExternRef::new(&mut store, "sheep")?;
            /// assert_eq!(sheep.data(&store)?.and_then(|data| data.downcast_ref()), Some(&"sheep"));
            /// # anyhow::Ok(())
            /// ```
            ///
            /// # Errors
            /// The reference's scope has ended, or it belongs to another store.
            pub fn data<'a, T: 'static>(
                &self,
                store: impl Into<StoreContext<'a, T>>,
            ) -> anyhow::Result<Option<&'a (dyn Any + Send + Sync)>> {
                let core: &'a StoreCore = store.into().core;
                let bits = bits(self, core)?;
                Ok(core.host_value(bits).map(|value| &**value))
            }

            /// The value of the host, mutably.
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            /// let mut store = Store::new(&Engine::default(), ());
            /// let count = ExternRef::new(&mut store, 41)?;
            /// if let Some(count) = count.data_mut(&mut store)?.and_then(|data| data.downcast_mut::<i32>()) {
            ///     *count += 1;
            /// }
            /// assert_eq!(count.data(&store)?.and_then(|data| data.downcast_ref()), Some(&42));
            /// # anyhow::Ok(())
            /// ```
            ///
            /// # Errors
            /// The reference's scope has ended, or it belongs to another store.
            pub fn data_mut<'a, T: 'static>(
                &self,
                store: impl Into<StoreContextMut<'a, T>>,
            ) -> anyhow::Result<Option<&'a mut (dyn Any + Send + Sync)>> {
                let core: &'a mut StoreCore = store.into().core;
                let bits = bits(self, core)?;
                Ok(core.host_value_mut(bits).map(|value| &mut **value))
            }
        }
    )*};
}

data_methods!(Rooted OwnedRooted);

fn bits(reference: &impl sealed::Bits, core: &StoreCore) -> Result<u64, StoreError> {
    reference.bits(core)
}
