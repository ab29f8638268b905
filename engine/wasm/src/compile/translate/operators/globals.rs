//! Globals: those that the module defines lie in the instance's context, imported ones behind a pointer.

use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value};

use crate::base::indices::GlobalIndex;
use crate::compile::signature;
use crate::compile::translate::fields::field;
use crate::compile::translate::translator::Translator;

impl Translator<'_, '_> {
    pub(super) fn global_get(&mut self, global: GlobalIndex) {
        let ty = *self.module.info.globals[global.index()].content();
        let (base, offset) = self.global_address(global);
        let value = self.builder.ins().load(signature::clif_type(ty), MemFlagsData::trusted(), base, offset);
        self.push_typed(value, ty);
    }

    pub(super) fn global_set(&mut self, global: GlobalIndex) {
        let value = self.pop();
        let (base, offset) = self.global_address(global);
        self.builder.ins().store(MemFlagsData::trusted(), value, base, offset);
    }

    fn global_address(&mut self, global: GlobalIndex) -> (Value, i32) {
        let layout = self.module.layout;
        if global.index() < self.module.info.imported_globals {
            (self.load_constant(self.context, layout.imported_global(global)), 0)
        } else {
            (self.context, field(layout.own_global(global) as usize))
        }
    }
}
