//! The host's data in a store. Only the typed wrappers in `api/` know its type.

use std::any::{Any, TypeId};

/// A value of any type, which is accessed by naming the type.
pub struct HostData {
    value: Box<dyn Any>,
    ty: TypeId,
}

impl HostData {
    pub fn new<T: 'static>(value: T) -> HostData {
        HostData { value: Box::new(value), ty: TypeId::of::<T>() }
    }

    /// # Panics
    /// The value is not a `T`.
    #[inline]
    pub fn get<T: 'static>(&self) -> &T {
        self.check::<T>();
        // SAFETY: (5) the value is of type `ty`, which is `T`.
        unsafe { &*(&raw const *self.value).cast::<T>() }
    }

    /// # Panics
    /// The value is not a `T`.
    #[inline]
    pub fn get_mut<T: 'static>(&mut self) -> &mut T {
        self.check::<T>();
        // SAFETY: (5) the value is of type `ty`, which is `T`.
        unsafe { &mut *(&raw mut *self.value).cast::<T>() }
    }

    /// The address of the value.
    #[inline]
    pub fn address(&self) -> *const u8 {
        (&raw const *self.value).cast()
    }

    #[inline]
    fn check<T: 'static>(&self) {
        assert!(self.ty == TypeId::of::<T>(), "a store's data is accessed by its own type");
    }

    pub fn into_inner<T: 'static>(self) -> T {
        *self.value.downcast().unwrap_or_else(|_| panic!("a store's data is accessed by its own type"))
    }
}
