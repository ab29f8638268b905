//! Values that the host lends to its host functions for the length of a closure.

use std::any::TypeId;

use super::store::StoreCore;
use crate::base::error::StoreError;

/// A lent value, its type forgotten.
pub struct Lent {
    ty: TypeId,
    value: *const (),
}

impl StoreCore {
    /// Runs `f` while `value` can be reached through the store.
    pub fn lend<U: Sync + 'static, R>(&mut self, value: &U, f: impl FnOnce(&mut StoreCore) -> R) -> R {
        /// Takes the value back also when `f` panics.
        struct Return<'a>(&'a mut StoreCore);
        impl Drop for Return<'_> {
            fn drop(&mut self) {
                self.0.lent.pop();
            }
        }
        self.lent.push(Lent { ty: TypeId::of::<U>(), value: (&raw const *value).cast() });
        let lending = Return(self);
        f(&mut *lending.0)
    }

    /// Runs `f` with the value of type `U` that was lent last.
    ///
    /// # Errors
    /// None is lent.
    pub fn with_lent<U: Sync + 'static, R>(&self, f: impl FnOnce(&U) -> R) -> Result<R, StoreError> {
        let ty = TypeId::of::<U>();
        let lent = self.lent.iter().rev().find(|lent| lent.ty == ty).ok_or(StoreError::NotLent)?;
        // SAFETY: (9) the closure of `lend` is still running, and the type was checked; `&U` may be
        // used on any thread because `U` is `Sync`.
        Ok(f(unsafe { &*lent.value.cast::<U>() }))
    }
}
