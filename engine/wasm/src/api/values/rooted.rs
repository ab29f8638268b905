//! References of the host into the collected heap.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use crate::api::stores::context::{
    AsContext, AsContextMut, StoreContext, StoreContextMut, assert_owned, owned_by,
};
use crate::base::error::StoreError;
use crate::vm::store::gc::roots::{OwnedRoot, Scope, ScopedRoot};
use crate::vm::store::indices::StoreId;
use crate::vm::store::store_core::StoreCore;

/// A kind of object in the collected heap. So far there is one: [`ExternRef`](crate::ExternRef).
///
/// ```
/// # use tinkerbox_wasm::*;
/// /// Keeps a reference beyond its scope.
/// fn keep<T: GcRef>(store: &mut Store<Vec<OwnedRooted<T>>>, reference: Rooted<T>) -> Result<()> {
///     let kept = reference.to_owned_rooted(&mut *store)?;
///     store.data_mut().push(kept);
///     Ok(())
/// }
/// let mut store = Store::new(&Engine::default(), Vec::new());
/// let sheep = ExternRef::new(&mut store, "sheep")?;
/// keep(&mut store, sheep)?;
/// assert_eq!(store.data().len(), 1);
/// # anyhow::Ok(())
/// ```
pub trait GcRef: sealed::Sealed + 'static {}

/// A reference to an object of a kind: [`Rooted`] or [`OwnedRooted`].
///
/// ```
/// # use tinkerbox_wasm::*;
/// /// Counts the references to one object, of either kind.
/// fn count<T: GcRef>(store: &Store<()>, wanted: Rooted<T>, all: &[impl RootedGcRef<T>]) -> Result<usize> {
///     all.iter().map(|one| Ok(usize::from(Rooted::ref_eq(store, &wanted, one)?))).sum()
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// let (wolf, sheep) = (ExternRef::new(&mut store, "wolf")?, ExternRef::new(&mut store, "sheep")?);
/// let kept = sheep.to_owned_rooted(&mut store)?;
/// assert_eq!(count(&store, sheep, &[wolf, sheep])?, 1);
/// assert_eq!(count(&store, sheep, &[kept.clone(), kept])?, 2);
/// # anyhow::Ok(())
/// ```
pub trait RootedGcRef<T: GcRef>: sealed::Bits {}

pub(super) mod sealed {
    use super::{StoreCore, StoreError};

    pub trait Sealed {}

    pub trait Bits {
        /// The reference as slots hold it.
        fn bits(&self, core: &StoreCore) -> Result<u64, StoreError>;
    }
}

use sealed::Bits as _;

/// A reference into a store's collected heap that is valid until the scope ends in which it was made: the host function that is
/// running, or a [`RootScope`]. Outside of both, it is valid until the store is dropped.
///
/// It is a small `Copy` value. Using it after its scope is an error ([`StoreError::Unrooted`]), and never yields another object.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// let mut store = Store::new(&Engine::default(), ());
/// let sheep = {
///     let mut scope = RootScope::new(&mut store);
///     ExternRef::new(&mut scope, "sheep")?
/// };
/// assert!(sheep.data(&store).is_err()); // its scope has ended
/// # Ok(())
/// # }
/// ```
pub struct Rooted<T: GcRef> {
    store: StoreId,
    root: ScopedRoot,
    kind: PhantomData<fn() -> T>,
}

/// A reference into a store's collected heap that is valid as long as it, or a clone of it, exists.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// let mut store = Store::new(&Engine::default(), ());
/// let sheep = {
///     let mut scope = RootScope::new(&mut store);
///     ExternRef::new(&mut scope, "sheep")?.to_owned_rooted(&mut scope)?
/// };
/// store.gc();
/// assert_eq!(sheep.data(&store)?.and_then(|data| data.downcast_ref()), Some(&"sheep"));
/// # Ok(())
/// # }
/// ```
pub struct OwnedRooted<T: GcRef> {
    store: StoreId,
    root: OwnedRoot,
    kind: PhantomData<fn() -> T>,
}

impl<T: GcRef> Rooted<T> {
    pub(in crate::api) fn new(store: StoreId, root: ScopedRoot) -> Rooted<T> {
        Rooted { store, root, kind: PhantomData }
    }

    /// The same object, kept until the result is dropped.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let sheep = ExternRef::new(&mut store, 1)?;
    /// let owned = sheep.to_owned_rooted(&mut store)?;
    /// assert!(Rooted::ref_eq(&store, &sheep, &owned)?);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The root's scope has ended, or it belongs to another store.
    #[expect(clippy::missing_panics_doc, reason = "a root is never null")]
    pub fn to_owned_rooted(&self, mut store: impl AsContextMut) -> anyhow::Result<OwnedRooted<T>> {
        let core = store.as_context_mut().core;
        let bits = self.bits(core)?;
        let root = core.own(bits).expect("a root is never null");
        Ok(OwnedRooted { store: self.store, root, kind: PhantomData })
    }

    /// Whether two references are to the same object.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let (a, b) = (ExternRef::new(&mut store, 1)?, ExternRef::new(&mut store, 1)?);
    /// assert!(Rooted::ref_eq(&store, &a, &a)?);
    /// assert!(!Rooted::ref_eq(&store, &a, &b)?);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The scope of one root has ended, or one belongs to another store.
    pub fn ref_eq(
        store: impl AsContext,
        a: &impl RootedGcRef<T>,
        b: &impl RootedGcRef<T>,
    ) -> anyhow::Result<bool> {
        let core = store.as_context().core;
        Ok(a.bits(core)? == b.bits(core)?)
    }

    /// Feeds a hasher with the identity of the object, which is the same for all references to it.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # use std::hash::{DefaultHasher, Hasher};
    /// let mut store = Store::new(&Engine::default(), ());
    /// let sheep = ExternRef::new(&mut store, 1)?;
    /// let (mut one, mut other) = (DefaultHasher::new(), DefaultHasher::new());
    /// sheep.ref_hash(&store, &mut one)?;
    /// sheep.to_owned_rooted(&mut store)?.ref_hash(&store, &mut other)?;
    /// assert_eq!(one.finish(), other.finish());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The root's scope has ended, or it belongs to another store.
    pub fn ref_hash(&self, store: impl AsContext, state: &mut impl Hasher) -> anyhow::Result<()> {
        self.bits(store.as_context().core)?.hash(state);
        Ok(())
    }

    /// Whether two references are the same root. Two roots of one object differ: see [`Rooted::ref_eq`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let sheep = ExternRef::new(&mut store, 1)?;
    /// assert!(Rooted::rooted_eq(sheep, sheep));
    /// # anyhow::Ok(())
    /// ```
    pub fn rooted_eq(a: Rooted<T>, b: Rooted<T>) -> bool {
        a.store == b.store && a.root == b.root
    }

    /// Feeds a hasher with the root itself, as [`Rooted::rooted_eq`] compares it.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # use std::hash::{DefaultHasher, Hasher};
    /// let mut store = Store::new(&Engine::default(), ());
    /// let sheep = ExternRef::new(&mut store, 1)?;
    /// let (mut one, mut other) = (DefaultHasher::new(), DefaultHasher::new());
    /// sheep.rooted_hash(&mut one);
    /// sheep.rooted_hash(&mut other);
    /// assert_eq!(one.finish(), other.finish());
    /// # anyhow::Ok(())
    /// ```
    pub fn rooted_hash(&self, state: &mut impl Hasher) {
        (self.store, self.root).hash(state);
    }
}

impl<T: GcRef> OwnedRooted<T> {
    /// The object of a reference in a slot; `None` for null.
    pub(in crate::api) fn from_bits(bits: u64, core: &mut StoreCore) -> Option<OwnedRooted<T>> {
        Some(OwnedRooted { store: core.id(), root: core.own(bits)?, kind: PhantomData })
    }

    /// The same object, kept by the innermost scope.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let owned = ExternRef::new(&mut store, 1)?.to_owned_rooted(&mut store)?;
    /// let sheep = owned.to_rooted(&mut store);
    /// assert!(Rooted::ref_eq(&store, &sheep, &owned)?);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The root belongs to another store.
    pub fn to_rooted(&self, mut store: impl AsContextMut) -> Rooted<T> {
        let core = store.as_context_mut().core;
        assert_owned(core, self.store);
        let root = core.root(core.owned_bits(&self.root)).expect("a root is never null");
        Rooted::new(self.store, root)
    }

    /// As [`OwnedRooted::to_rooted`], and drops this one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let owned = ExternRef::new(&mut store, 7)?.to_owned_rooted(&mut store)?;
    /// let number = owned.into_rooted(&mut store);
    /// assert!(number.data(&store)?.is_some_and(|data| data.is::<i32>()));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The root belongs to another store.
    pub fn into_rooted(self, store: impl AsContextMut) -> Rooted<T> {
        self.to_rooted(store)
    }

    /// Whether two references are to the same object: see [`Rooted::ref_eq`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let owned = ExternRef::new(&mut store, 1)?.to_owned_rooted(&mut store)?;
    /// assert!(OwnedRooted::ref_eq(&store, &owned, &owned.clone())?);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The scope of one root has ended, or one belongs to another store.
    pub fn ref_eq(
        store: impl AsContext,
        a: &impl RootedGcRef<T>,
        b: &impl RootedGcRef<T>,
    ) -> anyhow::Result<bool> {
        Rooted::ref_eq(store, a, b)
    }

    /// Feeds a hasher with the identity of the object: see [`Rooted::ref_hash`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # use std::hash::{DefaultHasher, Hasher};
    /// let mut store = Store::new(&Engine::default(), ());
    /// let owned = ExternRef::new(&mut store, 1)?.to_owned_rooted(&mut store)?;
    /// let (mut one, mut other) = (DefaultHasher::new(), DefaultHasher::new());
    /// owned.ref_hash(&store, &mut one)?;
    /// owned.clone().ref_hash(&store, &mut other)?;
    /// assert_eq!(one.finish(), other.finish());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The root belongs to another store.
    pub fn ref_hash(&self, store: impl AsContext, state: &mut impl Hasher) -> anyhow::Result<()> {
        self.bits(store.as_context().core)?.hash(state);
        Ok(())
    }
}

impl<T: GcRef> sealed::Bits for Rooted<T> {
    fn bits(&self, core: &StoreCore) -> Result<u64, StoreError> {
        owned_by(core, self.store)?;
        core.scoped_bits(self.root)
    }
}

impl<T: GcRef> sealed::Bits for OwnedRooted<T> {
    fn bits(&self, core: &StoreCore) -> Result<u64, StoreError> {
        owned_by(core, self.store)?;
        Ok(core.owned_bits(&self.root))
    }
}

impl<T: GcRef> RootedGcRef<T> for Rooted<T> {}
impl<T: GcRef> RootedGcRef<T> for OwnedRooted<T> {}

impl<T: GcRef> Clone for Rooted<T> {
    fn clone(&self) -> Rooted<T> {
        *self
    }
}

impl<T: GcRef> Copy for Rooted<T> {}

impl<T: GcRef> fmt::Debug for Rooted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rooted").field(&self.root).finish()
    }
}

impl<T: GcRef> Clone for OwnedRooted<T> {
    fn clone(&self) -> OwnedRooted<T> {
        OwnedRooted { store: self.store, root: self.root.clone(), kind: PhantomData }
    }
}

impl<T: GcRef> fmt::Debug for OwnedRooted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedRooted").field(&self.root).finish()
    }
}

/// A scope for [`Rooted`] references: those made through it end with it. It can be used in place of its store.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// let mut store = Store::new(&Engine::default(), ());
/// for number in 0..100_000 {
///     let mut scope = RootScope::new(&mut store);
///     ExternRef::new(&mut scope, number)?;
/// }
/// assert!(store.gc_heap_capacity() < 64 << 10); // what no scope keeps is collected
/// # Ok(())
/// # }
/// ```
pub struct RootScope<C: AsContextMut> {
    store: C,
    scope: Scope,
}

impl<C: AsContextMut> RootScope<C> {
    /// Begins a scope.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let mut scope = RootScope::new(&mut store);
    /// ExternRef::new(&mut scope, "within")?;
    /// # anyhow::Ok(())
    /// ```
    pub fn new(store: C) -> RootScope<C> {
        let scope = store.as_context().core.enter_scope();
        RootScope { store, scope }
    }

    /// Makes room for this many more references.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// RootScope::new(&mut store).reserve(100);
    /// ```
    pub fn reserve(&mut self, additional: usize) {
        self.store.as_context_mut().core.reserve_roots(additional);
    }
}

impl<C: AsContextMut> Drop for RootScope<C> {
    fn drop(&mut self) {
        self.store.as_context_mut().core.exit_scope(self.scope);
    }
}

impl<C: AsContextMut> AsContext for RootScope<C> {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        self.store.as_context()
    }
}

impl<C: AsContextMut> AsContextMut for RootScope<C> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        self.store.as_context_mut()
    }
}
