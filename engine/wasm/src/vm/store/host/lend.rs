//! THE SANDBOX RESTS ON THIS FILE: values that the host lends to its host functions for the length of a closure.

use std::any::TypeId;

use super::data::HostData;
use crate::base::error::StoreError;
use crate::vm::store::indices::StoreMemory;
use crate::vm::store::store_core::StoreCore;

/// A lent value, with its type erased. It lies in the frame of [`StoreCore::lend`], and points to the one lent before it.
pub struct Lent {
    ty: TypeId,
    value: *const (),
    before: *const Lent,
}

impl StoreCore {
    /// Runs `f` while `value` can be reached through the store.
    // Inlined, so that it costs a call no more than two stores.
    #[inline(always)]
    pub fn lend<U: Sync + 'static, R>(&mut self, value: &U, f: impl FnOnce(&mut StoreCore) -> R) -> R {
        /// Ends the loan also if `f` panics.
        struct Return<'a>(&'a mut StoreCore, *const Lent);
        impl Drop for Return<'_> {
            fn drop(&mut self) {
                self.0.lent = self.1;
            }
        }
        let before = self.lent;
        let lent = Lent { ty: TypeId::of::<U>(), value: (&raw const *value).cast(), before };
        self.lent = &lent;
        let lending = Return(self, before);
        f(&mut *lending.0)
    }

    /// Runs `f` with the value of type `U` that was lent last.
    ///
    /// # Errors
    /// No value of this type is lent.
    pub fn with_lent<U: Sync + 'static, R>(&self, f: impl FnOnce(&U) -> R) -> Result<R, StoreError> {
        // SAFETY: (9) the closure of `lend` is still running.
        Ok(f(unsafe { self.lent()? }))
    }

    /// Runs `f` with the value of type `U` that was lent last, a memory's bytes, and the host's data.
    ///
    /// # Errors
    /// No value of this type is lent.
    pub fn with_lent_and_memory<U: Sync + 'static, R>(
        &mut self,
        memory: StoreMemory,
        f: impl FnOnce(&U, &mut [u8], &mut HostData) -> R,
    ) -> Result<R, StoreError> {
        // SAFETY: (9) the closure of `lend` is still running.
        let lent = unsafe { self.lent()? };
        let (bytes, data) = self.memory_and_data(memory);
        Ok(f(lent, bytes, data))
    }

    /// # Safety
    /// The reference is used only while the closure of `lend` runs. While a value is lent, a store's `&self` exists only
    /// within that closure.
    unsafe fn lent<'a, U: Sync + 'static>(&self) -> Result<&'a U, StoreError> {
        let ty = TypeId::of::<U>();
        let mut next = self.lent;
        // SAFETY: (9) what is in the list lies in frames of closures of `lend` that are still running.
        while let Some(lent) = unsafe { next.as_ref() } {
            if lent.ty == ty {
                // SAFETY: the caller vouches for its lifetime, and the type was checked; `&U` may be used on any
                // thread because `U` is `Sync`.
                return Ok(unsafe { &*lent.value.cast::<U>() });
            }
            next = lent.before;
        }
        Err(StoreError::NotLent)
    }
}
