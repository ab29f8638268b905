//! A table of function references.

use crate::base::error::StoreError;
use crate::base::layout::{VmFuncRef, VmTable};
use crate::base::limits;
use crate::base::types::TableType;

/// A table. Its definition has a fixed address, which machine code knows.
pub struct FuncTable {
    elements: Vec<*const VmFuncRef>,
    definition: Box<VmTable>,
    ty: TableType,
}

impl FuncTable {
    /// A new table of the type's least size, all null.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new(ty: TableType) -> Result<FuncTable, StoreError> {
        let definition = Box::new(VmTable { base: std::ptr::null_mut(), len: 0 });
        let mut table = FuncTable { elements: Vec::new(), definition, ty };
        table.grow(table.ty.minimum() as usize, std::ptr::null())?;
        Ok(table)
    }

    pub fn ty(&self) -> &TableType {
        &self.ty
    }

    pub fn size(&self) -> usize {
        self.definition.len
    }

    /// The most elements that it may ever have.
    pub fn maximum(&self) -> u64 {
        self.ty.maximum().unwrap_or(u64::MAX).min(limits::module::TABLE_ELEMENTS)
    }

    /// What machine code reads. Valid until the table is dropped.
    pub fn definition(&mut self) -> *mut VmTable {
        &raw mut *self.definition
    }

    pub fn elements(&self) -> &[*const VmFuncRef] {
        // SAFETY: (3) the definition describes this table's vector; guest code writes through it.
        unsafe { std::slice::from_raw_parts(self.definition.base, self.definition.len) }
    }

    pub fn elements_mut(&mut self) -> &mut [*const VmFuncRef] {
        // SAFETY: (3) as above, and (1) nobody else uses them meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.definition.base, self.definition.len) }
    }

    /// Appends elements. The limits were checked.
    ///
    /// # Errors
    /// There is no memory for them; nothing has changed.
    pub fn grow(&mut self, delta: usize, value: *const VmFuncRef) -> Result<(), StoreError> {
        self.elements.try_reserve(delta).map_err(|_| StoreError::OutOfMemory(libc::ENOMEM))?;
        self.elements.resize(self.elements.len() + delta, value);
        self.definition.base = self.elements.as_mut_ptr();
        self.definition.len = self.elements.len();
        Ok(())
    }
}
