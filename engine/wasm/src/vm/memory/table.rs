//! THE SANDBOX RESTS ON THIS FILE: a table of references.
//!
//! Elements are as machine code has them. Whether a table may be made or may grow is decided by its store.

use crate::base::error::StoreError;
use crate::base::layout::{VmRef, VmTable};
use crate::base::limits;
use crate::base::types::{TableType, ValType};

/// A table. Its definition has a fixed address, which machine code knows.
pub struct RefTable {
    elements: Vec<VmRef>,
    definition: Box<VmTable>,
    ty: TableType,
}

impl RefTable {
    /// A new table of the type's minimum size, all null.
    ///
    /// # Errors
    /// It is larger than tables can be, or there is no memory for it.
    pub fn new(ty: TableType) -> Result<RefTable, StoreError> {
        if ty.minimum() > limits::TABLE_ELEMENTS {
            return Err(StoreError::LimitExceeded("table size"));
        }
        let definition = Box::new(VmTable { base: std::ptr::null_mut(), len: 0 });
        let mut table = RefTable { elements: Vec::new(), definition, ty };
        table.grow(table.ty.minimum() as usize, VmRef::NULL)?;
        Ok(table)
    }

    pub fn ty(&self) -> &TableType {
        &self.ty
    }

    /// Whether its elements are handles into the collected heap.
    pub fn is_collected(&self) -> bool {
        ValType::Ref(*self.ty.element()).is_collected()
    }

    pub fn size(&self) -> usize {
        self.definition.len
    }

    /// The most elements that it may ever have.
    pub fn maximum(&self) -> u64 {
        self.ty.maximum().unwrap_or(u64::MAX).min(limits::TABLE_ELEMENTS)
    }

    /// What machine code reads. Valid until the table is dropped.
    pub fn definition(&mut self) -> *mut VmTable {
        &raw mut *self.definition
    }

    pub fn elements(&self) -> &[VmRef] {
        // SAFETY: (3) the definition describes this table's vector; guest code writes through it.
        unsafe { std::slice::from_raw_parts(self.definition.base, self.definition.len) }
    }

    pub fn elements_mut(&mut self) -> &mut [VmRef] {
        // SAFETY: (3) as above, and (1) nothing else uses them meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.definition.base, self.definition.len) }
    }

    /// Appends elements. The limits were checked.
    ///
    /// # Errors
    /// There is no memory for them; nothing has changed.
    pub fn grow(&mut self, delta: usize, value: VmRef) -> Result<(), StoreError> {
        self.elements.try_reserve(delta).map_err(|_| StoreError::OutOfMemory(libc::ENOMEM))?;
        self.elements.resize(self.elements.len() + delta, value);
        self.definition.base = self.elements.as_mut_ptr();
        self.definition.len = self.elements.len();
        Ok(())
    }
}
