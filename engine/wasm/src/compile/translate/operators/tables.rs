//! THE SANDBOX RESTS ON THIS FILE: tables of references and their bounds.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use std::mem::{offset_of, size_of};

use crate::base::indices::{ElemIndex, TableIndex};
use crate::base::layout::{VmBuiltins, VmRef, VmTable};
use crate::base::trap::Trap;
use crate::base::types::ValType;
use crate::compile::signature::{self, POINTER};
use crate::compile::translate::fields::field;
use crate::compile::translate::operators::CopyIndices;
use crate::compile::translate::translator::Translator;

impl Translator<'_, '_> {
    /// The address of an element. Traps if the index is beyond the table.
    pub(super) fn table_element_address(&mut self, table: TableIndex, index: Value) -> Value {
        let table = self.load_constant(self.context, self.module.layout.table(table));
        let trusted = MemFlagsData::trusted();
        let length = self.builder.ins().load(POINTER, trusted, table, field(offset_of!(VmTable, len)));
        let index = self.builder.ins().uextend(POINTER, index);
        let outside = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, length);
        self.trap_if(outside, Trap::TableOutOfBounds);
        let base = self.builder.ins().load(POINTER, trusted, table, field(offset_of!(VmTable, base)));
        let offset = self.builder.ins().imul_imm_u(index, size_of::<VmRef>() as i64);
        self.builder.ins().iadd(base, offset)
    }

    pub(super) fn table_get(&mut self, table: TableIndex) {
        let index = self.pop();
        let element = self.table_element_address(table, index);
        let ty = ValType::Ref(*self.module.info.tables[table.index()].element());
        let value = self.builder.ins().load(signature::clif_type(ty), MemFlagsData::trusted(), element, 0);
        self.push_typed(value, ty);
    }

    /// Sets an element. The upper half of an element that holds a handle is zero from the start, and stays zero.
    pub(super) fn table_set(&mut self, table: TableIndex) {
        let (index, value) = self.pop2();
        let element = self.table_element_address(table, index);
        self.builder.ins().store(MemFlagsData::trusted(), value, element, 0);
    }

    pub(super) fn table_size(&mut self, table: TableIndex) {
        let table = self.load_constant(self.context, self.module.layout.table(table));
        let offset = field(offset_of!(VmTable, len));
        let length = self.builder.ins().load(POINTER, MemFlagsData::trusted(), table, offset);
        let length = self.builder.ins().ireduce(types::I32, length);
        self.push(length);
    }

    pub(super) fn table_grow(&mut self, table: TableIndex) {
        let (value, delta) = self.pop2();
        self.charge_count(delta);
        let table = self.index(table);
        let old = self.call_builtin_of_host(offset_of!(VmBuiltins, table_grow), &[table, value, delta]);
        let old = self.builder.ins().ireduce(types::I32, old);
        self.push(old);
    }

    pub(super) fn table_fill(&mut self, table: TableIndex) {
        let (at, value, len) = self.pop3();
        self.charge_count(len);
        let table = self.index(table);
        self.call_builtin(offset_of!(VmBuiltins, table_fill), &[table, at, value, len]);
    }

    pub(super) fn table_copy(&mut self, CopyIndices { to, from }: CopyIndices<TableIndex>) {
        let (dst, src, len) = self.pop3();
        self.charge_count(len);
        let (to, from) = (self.index(to), self.index(from));
        self.call_builtin(offset_of!(VmBuiltins, table_copy), &[to, from, dst, src, len]);
    }

    pub(super) fn table_init(&mut self, segment: ElemIndex, table: TableIndex) {
        let (dst, src, len) = self.pop3();
        self.charge_count(len);
        let (table, segment) = (self.index(table), self.index(segment));
        self.call_builtin(offset_of!(VmBuiltins, table_init), &[table, segment, dst, src, len]);
    }

    pub(super) fn elem_drop(&mut self, segment: ElemIndex) {
        let segment = self.index(segment);
        self.call_builtin(offset_of!(VmBuiltins, elem_drop), &[segment]);
    }
}
